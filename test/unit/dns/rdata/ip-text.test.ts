import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { readIpv4 } from '../../../../src/dns/rdata/ip-text.ts'

describe('an IPv4 address in a master file', () => {
  it.each([
    { name: 'four numbers', in: '192.0.2.255', want: [192, 0, 2, 255] },
    { name: 'no leading zero, which some read as octal', in: '192.0.02.1', want: undefined },
    { name: 'nothing above 255', in: '192.0.2.256', want: undefined },
    { name: 'no fewer', in: '192.0.2', want: undefined },
    { name: 'no more', in: '192.0.2.1.1', want: undefined },
    { name: 'none left out', in: '192..2.1', want: undefined },
    { name: 'no dot behind', in: '192.0.2.1.', want: undefined },
    { name: 'no other base', in: '0xc0.0.2.1', want: undefined },
  ])('is $name', ({ in: text, want }) => {
    const octets = readIpv4(text)

    expect(octets && [...octets]).toEqual(want)
  })

  it('is read as a library reads it', () => {
    const nearly = fc.array(fc.integer({ min: -1, max: 300 }), { minLength: 3, maxLength: 5 })
    const texts = fc.oneof(
      fc.ipV4(),
      fc.stringMatching(/^[0-9.]{0,16}$/),
      nearly.map((parts) => parts.join('.')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const octets = readIpv4(text)

        const isOne = ipaddr.IPv4.isValidFourPartDecimal(text)
        expect(octets && [...octets]).toEqual(isOne ? ipaddr.IPv4.parse(text).toByteArray() : undefined)
      }),
    )
  })
})
