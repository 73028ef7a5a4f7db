import { describe, expect, it } from 'vitest'
import { MAX_UDP_BYTES, PLAIN_UDP_BYTES } from '../../src/dns/protocol.ts'
import type { ControlRequest } from '../../src/nameserver/control/types.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf, type Reply } from '../support/dns-reply.ts'
import { TestPrimary } from '../support/model-secondary.ts'
import { ixfrQuery } from '../support/transfer-requests.ts'

const soa = (serial: number): string => `jain.test. 60 SOA ns.jain.test. host.jain.test. ${serial} 1 2 3 4`
const NS = 'jain.test. 60 NS ns.jain.test.'

/** The versions of section 7, each of which somebody has had. */
function primary(): TestPrimary {
  const from = new TestPrimary().serve('jain.test')
  const seen = (): void => void [...from.ask(queryBytes({ ask: 'jain.test AXFR' }))]
  from.publish(soa(1), NS, 'ns.jain.test. 60 A 133.69.136.1', 'nezu.jain.test. 60 A 133.69.136.5')
  seen()
  from
    .withdraw('nezu.jain.test')
    .publish(soa(2), NS, 'jain-bb.jain.test. 60 A 133.69.136.4', 'jain-bb.jain.test. 60 A 192.41.197.2')
  seen()
  from.publish(soa(3), NS, 'jain-bb.jain.test. 60 A 133.69.136.3', 'jain-bb.jain.test. 60 A 192.41.197.2')
  seen()
  return from
}

function ask(
  from: TestPrimary,
  serial: number,
  request: Partial<ControlRequest> & { readonly payloadBytes?: number } = {},
): readonly Reply[] {
  const { payloadBytes, ...rest } = request
  const message = ixfrQuery('jain.test', serial, payloadBytes === undefined ? {} : { edns: { payloadBytes } })
  return [...from.ask(message, rest)].map(replyOf)
}

const WHOLE = [
  soa(3),
  NS,
  'ns.jain.test. 60 A 133.69.136.1',
  'jain-bb.jain.test. 60 A 133.69.136.3',
  'jain-bb.jain.test. 60 A 192.41.197.2',
  soa(3),
]
const FROM_2 = [
  soa(3),
  soa(2),
  'jain-bb.jain.test. 60 A 133.69.136.4',
  soa(3),
  'jain-bb.jain.test. 60 A 133.69.136.3',
  soa(3),
]
const FROM_1 = [
  soa(3),
  ...[soa(1), 'nezu.jain.test. 60 A 133.69.136.5'],
  ...[soa(2), 'jain-bb.jain.test. 60 A 133.69.136.4', 'jain-bb.jain.test. 60 A 192.41.197.2'],
  ...FROM_2.slice(1),
]

describe('RFC 1995', () => {
  it.each([
    { name: '2: a client that has the version gets the SOA alone', serial: 3, want: [soa(3)] },
    { name: '2: a client that has a newer version gets the SOA alone', serial: 4, want: [soa(3)] },
    {
      name: '4: a client with an older version gets what has changed, the oldest first',
      serial: 1,
      want: FROM_1,
    },
    { name: '4: from the version before', serial: 2, want: FROM_2 },
    { name: '4: a version that is not known gets the whole zone', serial: 0, want: WHOLE },
    { name: 'RFC 1982, 3.2: a serial half the circle back is older', serial: 2 ** 31 + 4, want: WHOLE },
    {
      name: 'RFC 1982, 3.2: a serial less than half the circle ahead is newer',
      serial: 2 ** 31 + 2,
      want: [soa(3)],
    },
  ])('$name', ({ serial, want }) => {
    const replies = ask(primary(), serial)

    expect(replies.flatMap(({ answer = [] }) => answer)).toEqual(want)
  })

  it('3: the SOA of the client is in the authority section: without it the query is FORMERR', () => {
    const [reply] = [...primary().ask(queryBytes({ ask: 'jain.test IXFR' }))]

    expect(replyOf(reply!).rcode).toBe('FORMERR')
  })

  it('4: the reply has the question, AA, and nothing in other sections', () => {
    const [reply] = ask(primary(), 1)

    expect(reply).toEqual({ rcode: 'NOERROR', flags: 'qr aa', question: 'jain.test. IXFR', answer: FROM_1 })
  })

  it('2 and 4: over UDP it is all in one message', () => {
    expect(ask(primary(), 1, { transport: 'udp' })).toEqual([
      expect.objectContaining({ flags: 'qr aa', answer: FROM_1 }),
    ])
  })

  it('2: what does not fit into UDP is the SOA alone, not truncated', () => {
    const from = primary().publish(
      soa(4),
      NS,
      ...Array.from({ length: 40 }, (_, i) => `n${i}.jain.test. 60 A 192.0.2.1`),
    )

    expect(ask(from, 3, { transport: 'udp' })).toEqual([
      expect.objectContaining({ flags: 'qr aa', answer: [soa(4)] }),
    ])
  })

  it.each([
    { name: '512 octets without EDNS', payloadBytes: undefined, room: PLAIN_UDP_BYTES },
    { name: 'what the client says', payloadBytes: 800, room: 800 },
    { name: 'our own limit', payloadBytes: 4096, room: MAX_UDP_BYTES },
  ])('2: what fits is a matter of $name', ({ payloadBytes, room }) => {
    const lengthWith = (names: number): number => {
      const from = primary().publish(
        soa(4),
        NS,
        ...Array.from({ length: names }, (_, i) => `n${i}.jain.test. 60 A 192.0.2.1`),
      )
      const message = ixfrQuery('jain.test', 3, payloadBytes === undefined ? {} : { edns: { payloadBytes } })
      const [octets] = [...from.ask(message, { transport: 'udp' })]
      return replyOf(octets!).answer!.length > 1 ? octets!.length : 0
    }

    const lengths = Array.from({ length: 60 }, (_, i) => lengthWith(i + 1))

    expect(Math.max(...lengths)).toBeLessThanOrEqual(room)
    expect(Math.max(...lengths)).toBeGreaterThan(room - 40)
    expect(lengths.at(-1)).toBe(0)
  })

  it('5: old versions are forgotten when the changes take more than the zone', () => {
    const from = primary()
    for (let serial = 4; serial < 404; serial += 1) {
      from.publish(soa(serial), NS, `n.jain.test. 60 TXT 200*${String.fromCharCode(97 + (serial % 26))}`)
      void [...from.ask(queryBytes({ ask: 'jain.test AXFR' }))]
    }

    expect(
      ask(from, 3)
        .flatMap(({ answer = [] }) => answer)
        .slice(0, 2),
    ).toEqual([soa(403), NS])
    expect(
      ask(from, 402)
        .flatMap(({ answer = [] }) => answer)
        .slice(0, 2),
    ).toEqual([soa(403), soa(402)])
  })
})
