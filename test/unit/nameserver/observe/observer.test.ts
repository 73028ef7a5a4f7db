import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { Client } from '../../../../src/nameserver/client.ts'
import { firstOnly } from '../../../../src/nameserver/control/stream-replies.ts'
import { CounterRow, createCounters, sumCounters, zoneTable } from '../../../../src/nameserver/counters.ts'
import {
  CELL,
  DURATION_BOUNDS,
  FAMILY_CELLS,
  MAX_ZONES,
  PROTO_CELLS,
  QUERY_TYPES,
  RCODES,
  SIZE_BOUNDS,
  ZONE_CELLS,
} from '../../../../src/nameserver/observe/cells.ts'
import { Observer, type Exchange } from '../../../../src/nameserver/observe/observer.ts'
import { ZoneSlots } from '../../../../src/nameserver/observe/zones/zone-slots.ts'
import { createZoneMemory } from '../../../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneReader } from '../../../../src/nameserver/zone-store/zone-reader.ts'
import { SharedZoneWriter } from '../../../../src/nameserver/zone-store/zone-writer.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'

const ZONE = [
  'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
  'www.fed.test. 30 A 192.0.2.1',
  'big.fed.test. 30 TXT ' + Array.from({ length: 7 }, () => `"${'x'.repeat(200)}"`).join(' '),
]
const BADVERS_OPT = [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0]

interface Asked {
  readonly proto?: 'udp' | 'tcp' | 'doh'
  readonly address?: string
}

/** An observer and reader over a store that serves fed.test. */
function setUp() {
  const memory = createCounters(1)
  const zone = createZoneMemory({ reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) })
  const writer = new SharedZoneWriter(zone)
  const slots = new ZoneSlots(zoneTable(memory), zone)
  writer.publish(changesOf(ZONE))
  writer.setState(parseDomainName('fed.test'), 'serving')
  slots.declare(parseDomainName('fed.test'))
  const row = new CounterRow(memory, 0)
  const clock = { ms: 1_000 }
  const out = new Uint8Array(1232)
  const told: { readonly client: Client; readonly exchange: Exchange }[] = []
  const tap = { answered: (client: Client, exchange: Exchange) => void told.push({ client, exchange }) }

  const ask = (
    shape: QueryShape | Uint8Array,
    { proto = 'udp', address = '192.0.2.9' }: Asked = {},
  ): void => {
    const observer = new Observer(row, proto, { now: () => clock.ms })
    const query = shape instanceof Uint8Array ? shape : queryBytes(shape)
    const client = new Client(() => 0).set(address)
    observer.asked(client)
    const reader = new SharedZoneReader(zone, proto === 'udp' ? 'udp' : 'tcp', { tcpIdleMs: 1000 })
    const written = reader.answer(query, query.length, client, out)
    observer.answered(client, query, query.length, out, written)
  }
  return { memory, row, clock, ask, told, tap, zone, slots }
}

/** What is counted somewhere, in words: `udp 1 slot 2 types A`. */
function cells(row: CounterRow): Record<string, number> {
  const found: Record<string, number> = {}
  row.cells.forEach((count, at) => {
    if (count === 0) return
    const inProto = at % PROTO_CELLS
    const inFamily = inProto % FAMILY_CELLS
    const where = `${['udp', 'tcp', 'dot', 'doh'][Math.floor(at / PROTO_CELLS)]} ${Math.floor(inProto / FAMILY_CELLS) + 1}`
    const slot = ['dropped', 'other', 'fed.test'][Math.floor(inFamily / ZONE_CELLS)]
    found[`${where} ${slot} ${cellName(inFamily % ZONE_CELLS)}`] = count
  })
  return found
}

function cellName(cell: number): string {
  if (cell < CELL.rcodes) return QUERY_TYPES[cell]!
  if (cell < CELL.dnssecOk) return RCODES[cell - CELL.rcodes]!
  if (cell === CELL.dnssecOk) return 'DO'
  if (cell < CELL.querySizeSum) return `query<=${SIZE_BOUNDS[cell - CELL.querySizes]}`
  if (cell === CELL.querySizeSum) return 'query octets'
  if (cell < CELL.responseSizeSum) return `response<=${SIZE_BOUNDS[cell - CELL.responseSizes]}`
  if (cell === CELL.responseSizeSum) return 'response octets'
  if (cell < CELL.durationSum) return `seconds<=${DURATION_BOUNDS[cell - CELL.durations]}`
  return 'seconds'
}

/** Without the time, which is looked at by itself. */
function timeless(found: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(found).filter(([name]) => !name.includes('seconds')))
}

describe('Observer', () => {
  it.each<{ name: string; ask: QueryShape | Uint8Array; how?: Asked; want: Record<string, number> }>([
    {
      name: 'an answer, with its sizes',
      ask: { ask: 'www.fed.test A' },
      want: {
        'udp 1 fed.test A': 1,
        'udp 1 fed.test NOERROR': 1,
        'udp 1 fed.test query<=100': 1,
        'udp 1 fed.test query octets': 30,
        'udp 1 fed.test response<=100': 1,
        'udp 1 fed.test response octets': 46,
      },
    },
    {
      name: 'a denial over TCP and IPv6',
      ask: { ask: 'no.fed.test AAAA' },
      how: { proto: 'tcp', address: '2001:db8::1' },
      want: {
        'tcp 2 fed.test AAAA': 1,
        'tcp 2 fed.test NXDOMAIN': 1,
        'tcp 2 fed.test query<=100': 1,
        'tcp 2 fed.test query octets': 29,
        'tcp 2 fed.test response<=100': 1,
        'tcp 2 fed.test response octets': 89,
      },
    },
    {
      name: 'what is for no zone of ours as dropped, a rare type as other',
      ask: { ask: 'www.example TYPE999' },
      how: { proto: 'doh' },
      want: {
        'doh 1 dropped other': 1,
        'doh 1 dropped REFUSED': 1,
        'doh 1 dropped query<=100': 1,
        'doh 1 dropped query octets': 29,
        'doh 1 dropped response<=100': 1,
        'doh 1 dropped response octets': 29,
      },
    },
    {
      name: 'what takes the long way: ANY with DO',
      ask: { ask: 'www.fed.test ANY', edns: { flags: 0x8000 } },
      want: {
        'udp 1 fed.test ANY': 1,
        'udp 1 fed.test NOERROR': 1,
        'udp 1 fed.test DO': 1,
        'udp 1 fed.test query<=100': 1,
        'udp 1 fed.test query octets': 41,
        'udp 1 fed.test response<=100': 1,
        'udp 1 fed.test response octets': 57,
      },
    },
    {
      name: 'a message of another kind for its zone, too',
      ask: { ask: 'fed.test SOA', opcode: 4 },
      want: {
        'udp 1 fed.test SOA': 1,
        'udp 1 fed.test NOTIMP': 1,
        'udp 1 fed.test query<=100': 1,
        'udp 1 fed.test query octets': 26,
        'udp 1 fed.test response<=100': 1,
        'udp 1 fed.test response octets': 12,
      },
    },
    {
      name: 'no response, without a code or a size',
      ask: Uint8Array.of(1, 2, 3),
      want: { 'udp 1 dropped other': 1, 'udp 1 dropped query<=100': 1, 'udp 1 dropped query octets': 3 },
    },
  ])('counts $name', ({ ask: asked, how, want }) => {
    const { row, ask } = setUp()

    ask(asked, how)

    expect(timeless(cells(row))).toEqual(want)
  })

  it.each([
    {
      name: 'a truncated answer',
      ask: { ask: 'big.fed.test TXT' },
      want: { truncated: 1, responses_noerror: 1 },
    },
    {
      name: 'a format error',
      ask: { ask: 'www.fed.test A', tail: [0] },
      want: { malformed: 1, responses_formerr: 1 },
    },
    {
      name: 'a version of EDNS that is not known',
      ask: { ask: 'www.fed.test A', edns: { version: 9 } },
      want: { responses_badvers: 1 },
    },
    { name: 'less than a header', ask: Uint8Array.of(1), want: { malformed: 1, dropped: 1 } },
  ])('counts $name', ({ ask: asked, want }) => {
    const { memory, ask } = setUp()

    ask(asked)

    const counted = Object.entries(sumCounters(memory)).filter(([, count]) => count > 0)
    expect(Object.fromEntries(counted)).toEqual({ queries_udp: 1, ...want })
  })

  it.each([
    { code: 0, opt: [], want: 'noerror' },
    { code: 7, opt: [], want: 'yxrrset' },
    { code: 9, opt: [], want: 'notauth' },
    { code: 11, opt: [], want: 'other' },
    { code: 0, opt: BADVERS_OPT, want: 'badvers' },
    { code: 7, opt: BADVERS_OPT, want: 'badcookie' },
    { code: 0, opt: [...BADVERS_OPT.slice(0, 10), 4, 0, 15, 0, 0], want: 'badvers' },
    { code: 0, opt: BADVERS_OPT.slice(0, 4), want: 'noerror' },
  ])('names response code $code with $opt: $want', ({ code, opt, want }) => {
    const memory = createCounters(1)
    const observer = new Observer(new CounterRow(memory, 0), 'udp', { now: () => 0 })
    const query = queryBytes({ ask: 'a A' })
    const response = Uint8Array.of(...query, ...opt)
    response[2] = 0x80
    response[3] = code
    response[11] = opt.length > 0 ? 1 : 0
    const client = new Client(() => 0).set('192.0.2.1')

    observer.asked(client)
    observer.answered(client, query, query.length, response, response.length)

    expect(sumCounters(memory)).toMatchObject({ [`responses_${want}`]: 1 })
  })

  it('times some queries, each of which stands for those since the last one', () => {
    const { row, zone } = setUp()
    let ms = 0
    let looks = 0
    const now = (): number => {
      looks += 1
      return ms
    }
    const observer = new Observer(row, 'udp', { now })
    const reader = new SharedZoneReader(zone, 'udp', { tcpIdleMs: 1000 })
    const client = new Client(() => 0).set('192.0.2.9')
    const query = queryBytes({ ask: 'www.fed.test A' })
    const out = new Uint8Array(1232)
    const QUERIES = 16_000

    for (let i = 0; i < QUERIES; i += 1) {
      observer.asked(client)
      ms += 0.02
      observer.answered(client, query, query.length, out, reader.answer(query, query.length, client, out))
    }

    const found = cells(row)
    const bucket = found['udp 1 fed.test seconds<=0.000025']!
    expect(looks / 2 / QUERIES).toBeGreaterThan(1 / 17)
    expect(looks / 2 / QUERIES).toBeLessThan(1 / 15)
    expect(bucket).toBeLessThanOrEqual(QUERIES)
    expect(bucket).toBeGreaterThan(QUERIES - 32)
    expect(found['udp 1 fed.test seconds']).toBeCloseTo(bucket * 0.00002, 6)
  })

  it('is not misled by a query that is never answered', () => {
    const { row } = setUp()
    const observer = new Observer(row, 'tcp', { now: () => 5_000 })
    const lost = new Client(() => 0).set('192.0.2.8')
    const client = new Client(() => 0).set('192.0.2.9')
    const query = queryBytes({ ask: 'www.example A' })

    observer.asked(lost)
    observer.asked(client)
    observer.answered(client, query, query.length, new Uint8Array(12), 12)

    expect(cells(row)).toMatchObject({ 'tcp 1 dropped seconds<=0.000001': 1 })
  })

  it('counts a reply that comes later once, for the zone and client that asked', () => {
    const { row, zone } = setUp()
    const observer = new Observer(row, 'tcp', { now: () => 1_000 })
    const client = new Client(() => 0).set('2001:db8::1')
    const query = queryBytes({ ask: 'fed.test AXFR' })
    observer.asked(client)
    new SharedZoneReader(zone, 'tcp', { tcpIdleMs: 1000 }).answer(
      query,
      query.length,
      client,
      new Uint8Array(512),
    )

    const count = firstOnly({ client, observer }, query)
    client.set('192.0.2.1').zone = 0
    for (let message = 0; message < 3; message += 1) count(new Uint8Array(12))

    expect(timeless(cells(row))).toMatchObject({ 'tcp 2 fed.test AXFR': 1, 'tcp 2 fed.test NOERROR': 1 })
  })

  it('tells a tap of each query, timed', () => {
    const { row, tap, told } = setUp()
    let ms = 10
    const local = { host: '127.0.0.1', port: 53 }
    const observer = new Observer(row, 'udp', { now: () => (ms += 1), tap, local })
    const client = new Client(() => 0).set('192.0.2.9')
    const query = queryBytes({ ask: 'www.example A' })
    const out = new Uint8Array(64)

    for (const written of [12, 0, 12]) {
      observer.asked(client)
      observer.answered(client, query, query.length, out, written)
    }

    expect(told.map(({ exchange }) => exchange)).toEqual(
      [12, 0, 12].map((written, i) => ({
        ...{ query, length: query.length, response: out, written },
        ...{ proto: 'udp', local, doneMs: 13 + 2 * i },
      })),
    )
    expect(told.every(({ client: who }) => who.askedMs > 10 && who.type === 1)).toBe(true)
  })
})

describe('ZoneSlots', () => {
  it('gives a zone one slot for good, whatever is declared after', () => {
    const { slots } = setUp()
    const before = slots.slots.get(parseDomainName('fed.test'))

    slots.declare(parseDomainName('other.test'))
    slots.declare(parseDomainName('fed.test'))

    expect(slots.slots.get(parseDomainName('fed.test'))).toBe(before)
    expect(slots.slots.get(parseDomainName('other.test'))).not.toBe(before)
  })

  it('counts the zones that are too many in one slot', () => {
    const { slots, memory, zone } = setUp()

    for (let i = 0; i < 2 * MAX_ZONES; i += 1) slots.declare(parseDomainName(`z${i}.test`))

    expect(slots.slots.size).toBe(MAX_ZONES)
    expect(new Set(slots.slots.values()).size).toBe(MAX_ZONES)
    expect(Math.max(...slots.slots.values())).toBe(MAX_ZONES + 1)
    const table = zoneTable(memory)
    expect([0, 12_345].map((hash) => table.slotOf(hash))).toEqual([0, 1])
    expect(new ZoneSlots(zoneTable(createCounters(1)), zone).slots.size).toBe(0)
  })
})
