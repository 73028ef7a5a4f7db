import { describe, expect, it } from 'vitest'
import { TYPE } from '../../src/dns/protocol.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import type { Message } from '../../src/dns/wire/message.ts'
import type { ControlRequest } from '../../src/nameserver/control/types.ts'
import { lineOf } from '../support/dns-lines.ts'
import { queryBytes, type QueryShape } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { TestStore } from '../support/dns-store.ts'
import { TestPrimary } from '../support/model-secondary.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 1 2 3 4'
const ZONE: readonly string[] = [
  SOA,
  'fed.test. 60 NS ns.fed.test.',
  'ns.fed.test. 60 A 192.0.2.53',
  'a.fed.test. 60 A 192.0.2.1',
  'a.fed.test. 60 A 192.0.2.2',
  'a.fed.test. 60 TXT "a"',
  'alias.fed.test. 60 CNAME a.fed.test.',
  '*.wild.fed.test. 60 TXT "any"',
  'dname.fed.test. 60 DNAME example.net.',
  'below.dname.fed.test. 60 A 192.0.2.4',
  'sub.fed.test. 60 NS ns.sub.fed.test.',
  'sub.fed.test. 60 NS ns.sibling.fed.test.',
  'ns.sub.fed.test. 60 A 192.0.2.54',
  'ns.sub.fed.test. 60 AAAA 2001:db8::54',
  'occluded.sub.fed.test. 60 TXT "nobody is told"',
  'sibling.fed.test. 60 NS ns.sibling.fed.test.',
  'ns.sibling.fed.test. 60 A 192.0.2.55',
]

function primary(): TestPrimary {
  return new TestPrimary().serve('fed.test').publish(...ZONE)
}

/** As many records as take several messages. */
function largePrimary(): TestPrimary {
  return primary().publish(...Array.from({ length: 1_000 }, (_, i) => `n${i}.fed.test. 60 TXT 100*x`))
}

function reply(
  from: TestPrimary,
  shape: QueryShape,
  request: Partial<ControlRequest> = {},
): { octets: readonly Uint8Array[]; messages: readonly Message[] } {
  const octets = [...from.ask(queryBytes(shape), request)]
  return { octets, messages: octets.map((message) => decodeMessage(message).message!) }
}

function lines({ messages }: { readonly messages: readonly Message[] }): readonly string[] {
  return messages.flatMap(({ answers }) => answers.map(lineOf))
}

const ask: QueryShape = { ask: 'fed.test AXFR' }

describe('RFC 5936', () => {
  it('2.2: begins and ends with the SOA, which is nowhere else', () => {
    const all = lines(reply(primary(), ask))

    expect(all[0]).toBe(SOA)
    expect(all.at(-1)).toBe(SOA)
    expect(all.filter((line) => line === SOA)).toHaveLength(2)
  })

  it('2.2: may be of many messages, each of many records', () => {
    const { messages } = reply(largePrimary(), ask)

    expect(messages.length).toBeGreaterThan(1)
    for (const { answers } of messages.slice(0, -1)) expect(answers.length).toBeGreaterThan(100)
  })

  it('2.2.1: every message has the id of the query, QR, AA, no TC, no RA, Z clear, NOERROR', () => {
    const { messages } = reply(largePrimary(), { ...ask, id: 77, flags: 0x0170 })

    for (const { header } of messages)
      expect(header).toEqual({
        ...{
          id: 77,
          response: true,
          opcode: 0,
          authoritative: true,
          truncated: false,
          recursionDesired: true,
        },
        ...{
          recursionAvailable: false,
          zero: false,
          authenticData: false,
          checkingDisabled: false,
          rcode: 0,
        },
      })
  })

  it('2.2.1 and 2.2.2: the question is copied in the first message, and left out of the others', () => {
    const { messages } = reply(largePrimary(), { ask: 'FED.test AXFR' })

    const [first, ...others] = messages
    expect(Buffer.from(first!.questions[0]!.name).toString('latin1')).toBe('\x03FED\x04test\0')
    for (const { questions } of others) expect(questions).toEqual([])
  })

  it('2.2.4: the authority section is empty', () => {
    for (const { authority } of reply(largePrimary(), ask).messages) expect(authority).toEqual([])
  })

  it('2.2.5: the first message has an OPT record if the query had one, and only then', () => {
    expect(reply(largePrimary(), ask).messages.map(({ edns }) => edns)).toEqual(
      expect.not.arrayContaining([expect.anything()]),
    )
    const { messages } = reply(largePrimary(), { ...ask, edns: {} })
    expect(messages.map(({ edns }) => edns === undefined)).toEqual(messages.map((_, i) => i > 0))
  })

  it('2.2.1: a zone that is not ours is NOTAUTH', () => {
    expect(replyOf(reply(primary(), { ask: 'example.com AXFR' }).octets[0]!)).toMatchObject({
      rcode: 'NOTAUTH',
    })
  })

  it('2.2.1: a name inside a zone is no zone', () => {
    expect(replyOf(reply(primary(), { ask: 'a.fed.test AXFR' }).octets[0]!)).toMatchObject({
      rcode: 'NOTAUTH',
    })
  })

  it('2.2.1: a message that cannot be read is FORMERR', () => {
    expect(replyOf(reply(primary(), { ...ask, tail: [1] }).octets[0]!)).toMatchObject({ rcode: 'FORMERR' })
  })

  it('3: all records of the zone are there, once each', () => {
    const all = lines(reply(primary(), ask)).slice(0, -1)

    expect([...all].sort()).toEqual([...ZONE].sort())
  })

  it('3.2: zone cuts are there as they stand, not with what the zone below says', () => {
    const from = primary().publish(
      'inner.fed.test. 60 SOA ns.inner.fed.test. host.fed.test. 1 1 2 3 4',
      'inner.fed.test. 60 NS ns.inner.fed.test.',
      'ns.inner.fed.test. 60 A 192.0.2.56',
      'www.inner.fed.test. 60 A 192.0.2.57',
    )
    from.serve('inner.fed.test')

    const inner = lines(reply(from, ask))
      .filter((line) => line.includes('inner.fed.test. 60'))
      .sort()

    expect(inner).toEqual(['inner.fed.test. 60 NS ns.inner.fed.test.', 'ns.inner.fed.test. 60 A 192.0.2.56'])
  })

  it.each([
    'ns.sub.fed.test. 60 A 192.0.2.54',
    'ns.sub.fed.test. 60 AAAA 2001:db8::54',
    'ns.sibling.fed.test. 60 A 192.0.2.55',
  ])('3.3: glue is there: %s', (line) => {
    expect(lines(reply(primary(), ask))).toContain(line)
  })

  it('3.4: names are compressed, in rdata of RFC 1035’s types too', () => {
    const { octets, messages } = reply(primary(), ask)

    const plain = messages[0]!.answers.reduce(
      (sum, { name, rdata }) => sum + name.length + 10 + rdata.length,
      0,
    )
    expect(octets[0]!.length).toBeLessThan(plain * 0.75)
  })

  it.each(['occluded.sub.fed.test. 60 TXT "nobody is told"', 'below.dname.fed.test. 60 A 192.0.2.4'])(
    '3.5: names that no query reaches are there: %s',
    (line) => {
      expect(lines(reply(primary(), ask))).toContain(line)
    },
  )

  it('4.1: no message is longer than 64 KiB, nor than pointers reach where it can be helped', () => {
    for (const { length } of reply(largePrimary(), ask).octets) expect(length).toBeLessThanOrEqual(16_384)
  })

  it('4.2: over UDP it is FORMERR', () => {
    expect(replyOf(reply(primary(), ask, { transport: 'udp' }).octets[0]!)).toMatchObject({
      rcode: 'FORMERR',
    })
  })

  it.each(['udp', 'tcp', 'tls', 'https'] as const)(
    '5: nobody may unless it is said who, over %s',
    (transport) => {
      const store = new TestStore().serve(['fed.test'], ZONE)

      expect(store.ask(ask, transport)).toMatchObject({ rcode: 'REFUSED', flags: 'qr' })
    },
  )

  it('6: all of it is of one version, whatever changes while it is sent', () => {
    const from = largePrimary()
    const messages = from.ask(queryBytes(ask))
    const first = messages.next().value!

    from.publish('n999.fed.test. 60 TXT "later"', SOA.replace(' 1 1 ', ' 2 1 ')).withdraw('n998.fed.test')
    const all = lines({ messages: [first, ...messages].map((message) => decodeMessage(message).message!) })

    expect(all.at(-1)).toBe(SOA)
    expect(all.filter((line) => line.includes('later'))).toEqual([])
    expect(all.some((line) => line.startsWith('n998.fed.test.'))).toBe(true)
  })
})

it('RFC 9103, 6.3: an answer about one zone says nothing of another', () => {
  const from = primary()
    .serve('other.test')
    .publish('other.test. 60 SOA ns.fed.test. host.fed.test. 9 1 2 3 4')

  const { messages } = reply(from, { ask: 'other.test AXFR' })

  expect(messages.flatMap(({ answers }) => answers.map(({ type }) => type))).toEqual([TYPE.SOA, TYPE.SOA])
})
