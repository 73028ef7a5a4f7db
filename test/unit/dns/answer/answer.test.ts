import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer } from '../../../../src/dns/answer/answer.ts'
import type { Transport } from '../../../../src/dns/answer/context.ts'
import { encodeMessage } from '../../../../src/dns/wire/encode.ts'
import { messages } from '../../../support/arbitrary-dns.ts'
import { askedOver } from '../../../support/dns-asker.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { MapView } from '../../../support/dns-map-view.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'
import { replyOf, type Reply } from '../../../support/dns-reply.ts'

const SOA = 'ns.example. host.example. 1 2 3 4 15'
const soaLine = `example. 15 SOA ${SOA}`

const view = new MapView()
view.publish(
  changesOf([
    `example. 60 SOA ${SOA}`,
    'example. 3600 NS ns.example.',
    'example. 3600 NS ns.outside.org.',
    'ns.example. 60 A 192.0.2.53',
    'ns.example. 60 AAAA 2001:db8::53',
    'www.example. 30 A 192.0.2.1',
    'alias.example. 30 CNAME www.example.',
    'dangling.example. 30 CNAME gone.example.',
    ...Array.from({ length: 40 }, (_, i) => `many.example. 30 A 192.0.2.${i}`),
    'servers.example. 60 SOA ns.example. host.example. 1 2 3 4 5',
    ...Array.from({ length: 40 }, (_, i) => `servers.example. 30 NS n${i}.example.`),
    ...Array.from({ length: 40 }, (_, i) => `n${i}.example. 30 AAAA 2001:db8::${i}`),
    `expired.test. 60 SOA ${SOA}`,
  ]),
)
view.setState('example', 'serving')
view.setState('servers.example', 'serving')
view.setState('expired.test', 'expired')

function ask(shape: QueryShape, transport: Transport = 'udp'): Reply | undefined {
  const response = answer(queryBytes(shape), view, askedOver(transport))
  return response === undefined ? undefined : replyOf(response)
}

describe('answer', () => {
  it.each<{ name: string; in: QueryShape; want: Reply | undefined }>([
    {
      name: 'gives what was asked for, and no more',
      in: { ask: 'www.example A' },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'www.example. A',
        answer: ['www.example. 30 A 192.0.2.1'],
      },
    },
    {
      name: 'keeps the case of the question, and of the owner that points at it',
      in: { ask: 'wWw.Example A' },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'wWw.Example. A',
        answer: ['wWw.Example. 30 A 192.0.2.1'],
      },
    },
    {
      name: 'adds the addresses of name servers that it holds',
      in: { ask: 'example NS' },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'example. NS',
        answer: ['example. 3600 NS ns.example.', 'example. 3600 NS ns.outside.org.'],
        additional: ['ns.example. 60 A 192.0.2.53', 'ns.example. 60 AAAA 2001:db8::53'],
      },
    },
    {
      name: 'leaves them out where they do not fit, without saying so (RFC 2181, 9)',
      in: { ask: 'servers.example NS', edns: { payloadBytes: 1232 } },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'servers.example. NS',
        answer: Array.from({ length: 40 }, (_, i) => `servers.example. 30 NS n${i}.example.`),
        edns: 'v0 1232',
      },
    },
    {
      name: 'says TC and nothing else where the answer itself does not fit',
      in: { ask: 'many.example A' },
      want: { rcode: 'NOERROR', flags: 'qr aa tc', question: 'many.example. A' },
    },
    {
      name: 'denies a type with the SOA at its negative TTL (RFC 2308, 3)',
      in: { ask: 'www.example AAAA' },
      want: { rcode: 'NOERROR', flags: 'qr aa', question: 'www.example. AAAA', authority: [soaLine] },
    },
    {
      name: 'denies the last name of a chain, after the chain',
      in: { ask: 'dangling.example A' },
      want: {
        rcode: 'NXDOMAIN',
        flags: 'qr aa',
        question: 'dangling.example. A',
        answer: ['dangling.example. 30 CNAME gone.example.'],
        authority: [soaLine],
      },
    },
    {
      name: 'refuses what is not ours',
      in: { ask: 'www.org A', flags: 0x0100 },
      want: { rcode: 'REFUSED', flags: 'qr rd', question: 'www.org. A' },
    },
    {
      name: 'refuses the root, which forwarders probe with',
      in: { ask: '. NS' },
      want: { rcode: 'REFUSED', flags: 'qr', question: '. NS' },
    },
    {
      name: 'fails in a zone that is not served',
      in: { ask: 'a.expired.test A' },
      want: { rcode: 'SERVFAIL', flags: 'qr', question: 'a.expired.test. A' },
    },
    {
      name: 'refuses transfers',
      in: { ask: 'example AXFR' },
      want: { rcode: 'REFUSED', flags: 'qr', question: 'example. AXFR' },
    },
    {
      name: 'refuses other classes',
      in: { ask: 'www.example A', class: 3 },
      want: { rcode: 'REFUSED', flags: 'qr', question: 'www.example. A' },
    },
    {
      name: 'does not know other opcodes',
      in: { ask: 'www.example A', opcode: 5, flags: 0x07f0 },
      want: { rcode: 'NOTIMP', flags: 'qr opcode5' },
    },
    { name: 'says nothing to a response', in: { ask: 'www.example A', flags: 0x8000 }, want: undefined },
  ])('$name', ({ in: shape, want }) => {
    expect(ask(shape)).toEqual(want)
  })

  it('says nothing to less than a header', () => {
    expect(
      answer(queryBytes({ ask: 'www.example A' }).subarray(0, 11), view, askedOver('udp')),
    ).toBeUndefined()
  })

  it('gives over TCP what did not fit over UDP', () => {
    expect(ask({ ask: 'many.example A' }, 'tcp')?.answer).toHaveLength(40)
    expect(ask({ ask: 'servers.example NS' }, 'tcp')?.additional).toHaveLength(40)
  })
})

describe('properties', () => {
  const anyQuery = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    messages.map((message) =>
      encodeMessage({ ...message, header: { ...message.header, opcode: 0 } }, 65_535)!,
    ),
    fc.uint8Array({ maxLength: 60 }).map((tail) => queryBytes({ ask: 'www.example A', tail: [...tail] })),
  )

  it('any octets get an answer within the limit, or none; never a throw', () => {
    fc.assert(
      fc.property(anyQuery, fc.constantFrom<Transport>('udp', 'tcp'), (query, transport) => {
        const response = answer(query, view, askedOver(transport))

        if (response === undefined) return
        expect(response.length).toBeLessThanOrEqual(transport === 'udp' ? 1232 : 65_535)
        expect(response[2]! & 0x80).toBe(0x80)
        expect([...response.subarray(0, 2)]).toEqual([...query.subarray(0, 2)])
      }),
      { numRuns: 1000 },
    )
  })

  it('a response is never answered, whatever else it is', () => {
    fc.assert(
      fc.property(anyQuery, (query) => {
        if (query.length < 12) return
        const response = Uint8Array.from(query)
        response[2] = response[2]! | 0x80

        expect(answer(response, view, askedOver('udp'))).toBeUndefined()
      }),
    )
  })
})
