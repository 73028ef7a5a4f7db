import { describe, expect, it } from 'vitest'
import { Client } from '../../../../src/nameserver/client.ts'
import { Chunk } from '../../../../src/nameserver/observe/queue/chunk.ts'
import type { QueryEvent } from '../../../../src/nameserver/observe/queue/event-queue.ts'
import type { Exchange } from '../../../../src/nameserver/observe/observer.ts'
import { QueryLines, Sampled } from '../../../../src/nameserver/observe/query-log.ts'
import { WallTime } from '../../../../src/nameserver/observe/queue/wall-time.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'

const START_MS = Date.UTC(2026, 10, 21, 7, 31, 14)

interface Told extends Partial<Omit<QueryEvent, 'query' | 'response'>> {
  readonly ask: QueryShape | Uint8Array
  /** The second header word of the response; none: no response. */
  readonly flags?: number
  /** Behind the question of the response. */
  readonly opt?: readonly number[]
}

function lineOf({ ask, flags, opt = [], ...event }: Told): string {
  const lines = new QueryLines(
    new WallTime(
      () => 1_000,
      () => START_MS,
    ),
  )
  const chunk = new Chunk()
  const query = ask instanceof Uint8Array ? Buffer.from(ask) : queryBytes(ask)
  const response = flags === undefined ? Buffer.alloc(0) : Buffer.from([...query, ...opt])
  if (flags !== undefined) response.writeUInt16BE(flags, 2)
  if (opt.length > 0) response.writeUInt16BE(1, 10)
  lines.begin()
  const count = lines.encode(
    {
      ...{
        askedMs: 1_000.123_4,
        doneMs: 1_000.135_4,
        proto: 'udp',
        address: Uint8Array.of(192, 0, 2, 9),
        port: 40_000,
      },
      ...{ local: undefined, proven: false, query, response, ...event },
    },
    chunk,
  )
  expect(count).toBe(1)
  return chunk.written.toString()
}

/** Of a plain query for www.fed.test A, answered. */
const PLAIN = {
  time: '2026-11-21T07:31:14.000123Z',
  client: '192.0.2.9',
  port: 40_000,
  proto: 'udp',
  id: 0x1234,
  opcode: 'QUERY',
  qname: 'www.fed.test.',
  qtype: 'A',
  qclass: 'IN',
  do: false,
  cookie: false,
  rcode: 'NOERROR',
  flags: 'qr aa rd',
  queryBytes: 30,
  responseBytes: 30,
  durationUs: 12,
}
const ANSWERED = { ask: { ask: 'www.fed.test A' }, flags: 0x8500 }
const NOTHING = { qname: null, qtype: null, qclass: null }

describe('QueryLines', () => {
  it('writes a line of JSON', () => {
    const line = lineOf(ANSWERED)

    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line)).toEqual(PLAIN)
    expect(Object.keys(JSON.parse(line) as object)).toEqual(Object.keys(PLAIN))
  })

  it.each<{ name: string; in: Told; want: Partial<Record<keyof typeof PLAIN, unknown>> }>([
    {
      name: 'an IPv6 address',
      in: {
        ...ANSWERED,
        address: Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 1]),
      },
      want: { client: '2001:db8::1' },
    },
    { name: 'another transport', in: { ...ANSWERED, proto: 'doh' }, want: { proto: 'doh' } },
    { name: 'a cookie of ours', in: { ...ANSWERED, proven: true }, want: { cookie: true } },
    {
      name: 'every flag',
      in: { ...ANSWERED, flags: 0x87f5 },
      want: { flags: 'qr aa tc rd ra ad cd', rcode: 'REFUSED' },
    },
    {
      name: 'a code without a name',
      in: { ...ANSWERED, flags: 0x800c },
      want: { flags: 'qr', rcode: 'RCODE12' },
    },
    {
      name: 'an extended code',
      in: { ...ANSWERED, flags: 0x8000, opt: [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0] },
      want: { flags: 'qr', rcode: 'BADVERS', responseBytes: 41 },
    },
    {
      name: 'the DO bit',
      in: { ...ANSWERED, ask: { ask: 'www.fed.test A', edns: { flags: 0x8000 } } },
      want: { do: true, queryBytes: 41, responseBytes: 41 },
    },
    {
      name: 'a type and class without names',
      in: { ...ANSWERED, ask: { ask: 'www.fed.test TYPE4711', class: 77 } },
      want: { qtype: 'TYPE4711', qclass: 'CLASS77' },
    },
    {
      name: 'class CH',
      in: { ...ANSWERED, ask: { ask: 'id.server TXT', class: 3 } },
      want: { qname: 'id.server.', qtype: 'TXT', qclass: 'CH', queryBytes: 27, responseBytes: 27 },
    },
    {
      name: 'another opcode',
      in: { ...ANSWERED, ask: { ask: 'fed.test SOA', opcode: 4 } },
      want: { opcode: 'NOTIFY', qname: 'fed.test.', qtype: 'SOA', queryBytes: 26, responseBytes: 26 },
    },
    {
      name: 'the root',
      in: { ...ANSWERED, ask: { ask: '. NS' } },
      want: { qname: '.', qtype: 'NS', queryBytes: 17, responseBytes: 17 },
    },
    {
      name: 'a name in its own case',
      in: { ...ANSWERED, ask: { ask: 'WwW.fed.test A' } },
      want: { qname: 'WwW.fed.test.' },
    },
    {
      name: 'no response',
      in: { ask: { ask: 'www.fed.test A' } },
      want: { rcode: null, flags: null, responseBytes: 0 },
    },
    {
      name: 'less than a header',
      in: { ask: Uint8Array.of(1, 2) },
      want: { ...NOTHING, id: null, opcode: null, rcode: null, flags: null, queryBytes: 2, responseBytes: 0 },
    },
    {
      name: 'no question',
      in: { ask: {}, flags: 0x8001 },
      want: { ...NOTHING, flags: 'qr', rcode: 'FORMERR', queryBytes: 12, responseBytes: 12 },
    },
    {
      name: 'a question that is cut',
      in: { ask: queryBytes({ ask: 'www.fed.test A' }).subarray(0, 28), flags: 0x8001 },
      want: { ...NOTHING, flags: 'qr', rcode: 'FORMERR', queryBytes: 28, responseBytes: 28 },
    },
    {
      name: 'a name with a pointer',
      in: {
        ask: Buffer.concat([queryBytes({ ask: '. A' }).subarray(0, 12), Buffer.of(0xc0, 12, 0, 1, 0, 1)]),
        flags: 0x8001,
      },
      want: { qname: null, flags: 'qr', rcode: 'FORMERR', queryBytes: 18, responseBytes: 18 },
    },
  ])('tells $name', ({ in: told, want }) => {
    expect(JSON.parse(lineOf(told))).toEqual({ ...PLAIN, ...want })
  })

  it('writes any octet of a name as master files do, on one line of ASCII', () => {
    const label = Uint8Array.from([0x0a, 0x20, 0x22, 0x2e, 0x5c, 0x7f, 0xe4, 0x21])
    const query = Buffer.concat([
      queryBytes({ ask: '. A' }).subarray(0, 12),
      Buffer.of(label.length, ...label, 0, 0, 1, 0, 1),
    ])

    const line = lineOf({ ask: query, flags: 0x8000 })

    expect(JSON.parse(line)).toMatchObject({ qname: String.raw`\010\032\"\.\\\127\228!.` })
    expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/)
  })

  it('has room for the longest line', () => {
    const label = Buffer.concat([Buffer.of(63), Buffer.alloc(63, 0x5c)])
    const name = Buffer.concat([label, label, label, Buffer.of(61), Buffer.alloc(61, 0x5c), Buffer.of(0)])
    const query = Buffer.concat([queryBytes({ ask: '. A' }).subarray(0, 12), name, Buffer.of(0, 1, 0, 1)])

    expect(JSON.parse(lineOf({ ask: query, flags: 0x8000 }))).toMatchObject({ queryBytes: 271 })
  })
})

describe('Sampled', () => {
  it('hands on one query in so many', () => {
    const told: number[] = []
    const sampled = new Sampled({ answered: ({ port }) => void told.push(port) }, 3)
    const client = new Client(() => 0)

    for (client.port = 1; client.port <= 10; client.port += 1) sampled.answered(client, {} as Exchange) // not looked at

    expect(told).toEqual([3, 6, 9])
  })
})
