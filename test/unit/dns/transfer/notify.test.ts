import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { notifyMessage, notifyReply } from '../../../../src/dns/transfer/notify.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { replyOf } from '../../../support/dns-reply.ts'

const zone = parseDomainName('example.com')
const LINE = 'example.com. 60 SOA ns.example.com. host.example.com. 42 1 2 3 4'
const [change] = changesOf([LINE])
const soa = change!.answer!.kind === 'records' ? change!.answer!.sets[0]! : undefined!

describe('notifyMessage', () => {
  it('asks for the SOA of the zone, says AA, and has the SOA as a hint', () => {
    expect(replyOf(notifyMessage({ id: 9, zone, soa }))).toEqual({
      rcode: 'NOERROR',
      flags: 'aa opcode4',
      question: 'example.com. SOA',
      answer: [LINE],
    })
  })
})

describe('notifyReply', () => {
  const reply = (shape: Parameters<typeof queryBytes>[0]): Uint8Array => {
    const octets = queryBytes({ id: 9, opcode: 4, ...shape })
    octets[2]! |= 0x80
    return octets
  }

  it.each([
    { name: 'an acknowledgement', in: reply({ ask: 'Example.COM SOA' }), want: 0 },
    { name: 'a header only, from who does not know NOTIFY', in: reply({ flags: 4 }), want: 4 },
    { name: 'a refusal', in: reply({ ask: 'example.com SOA', flags: 5 }), want: 5 },
    { name: 'another id', in: reply({ id: 8, ask: 'example.com SOA' }), want: undefined },
    { name: 'another zone', in: reply({ ask: 'example.net SOA' }), want: undefined },
    { name: 'another opcode', in: reply({ opcode: 0, ask: 'example.com SOA' }), want: undefined },
    { name: 'no response', in: queryBytes({ id: 9, opcode: 4, ask: 'example.com SOA' }), want: undefined },
    { name: 'a message that is cut', in: reply({ ask: 'example.com SOA' }).subarray(0, 20), want: undefined },
  ])('$name', ({ in: octets, want }) => {
    expect(notifyReply(octets, { id: 9, zone })).toBe(want)
  })

  it('reads any octets without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => void notifyReply(octets, { id: 9, zone })),
    )
  })
})
