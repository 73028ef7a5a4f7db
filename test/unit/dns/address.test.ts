import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import {
  addressBytes,
  addressLength,
  compareAddresses,
  familyOf,
  tryAddress,
  writeAddress,
} from '../../../src/dns/address.ts'
import { address } from '../../support/dns-lines.ts'

describe('tryAddress', () => {
  it.each([
    { name: 'IPv4 as it is', in: '192.0.2.1', want: '192.0.2.1' },
    { name: 'IPv6 in the spelling of RFC 5952', in: '2001:DB8:0:0:0:0:0:1', want: '2001:db8::1' },
    { name: 'an IPv4-mapped address as the IPv4 address', in: '::ffff:192.0.2.1', want: '192.0.2.1' },
    { name: 'octal parts are refused', in: '010.1.1.1', want: undefined },
    { name: 'three parts are refused', in: '10.1.1', want: undefined },
    { name: 'a zone is refused', in: 'fe80::1%eth0', want: undefined },
    { name: 'a name is refused', in: 'example.com', want: undefined },
    { name: 'nothing is refused', in: '', want: undefined },
  ])('$name', ({ in: text, want }) => {
    expect(tryAddress(text)).toBe(want)
  })
})

describe('octets of an address', () => {
  it.each([
    { name: 'IPv4', in: '192.0.2.255', want: 'c00002ff' },
    { name: 'the unspecified IPv6 address', in: '::', want: '0'.repeat(32) },
    { name: 'a gap in front', in: '::1', want: `${'0'.repeat(31)}1` },
    { name: 'a gap in the middle', in: '2001:db8::12:3', want: `20010db8${'0'.repeat(16)}00120003` },
    { name: 'a gap at the end', in: 'fe80::', want: `fe80${'0'.repeat(28)}` },
    { name: 'no gap', in: '1:2:3:4:5:6:7:8', want: '00010002000300040005000600070008' },
  ])('$name', ({ in: text, want }) => {
    expect(Buffer.from(addressBytes(address(text))).toString('hex')).toBe(want)
  })

  const anyAddress = fc
    .oneof(fc.ipV4(), fc.ipV6())
    .map(tryAddress)
    .filter((value) => value !== undefined)

  it('agree with another parser, wherever they are written', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(8), (value, at) => {
        const out = new Uint8Array(40).fill(0xee)

        const end = writeAddress(value, out, at)

        expect([...out.slice(at, end)]).toEqual(ipaddr.parse(value).toByteArray())
        expect(end - at).toBe(addressLength(value))
        expect([...out.slice(end)].every((octet) => octet === 0xee)).toBe(true)
      }),
    )
  })
})

describe('compareAddresses', () => {
  it('orders by number, IPv4 first', () => {
    const inOrder = ['9.0.0.1', '10.0.0.1', '10.0.0.2', '::1', '2001:db8::1'].map(address)

    expect([...inOrder].reverse().sort(compareAddresses)).toEqual(inOrder)
  })

  it('tells the family', () => {
    expect([familyOf(address('192.0.2.1')), familyOf(address('::1'))]).toEqual(['a', 'aaaa'])
  })
})
