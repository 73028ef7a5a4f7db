import { describe, expect, it } from 'vitest'
import { Client } from '../../../../src/nameserver/client.ts'
import { RateLimiter } from '../../../../src/nameserver/rate-limit/rate-limiter.ts'
import type { RateLimits } from '../../../../src/nameserver/rate-limit/rate-limits.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'
import { replyOf } from '../../../support/dns-reply.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { KSK, ZSK, zoneKeyOf } from '../../../support/dnssec-keys.ts'
import { ALWAYS, DO, SignedStore } from '../../../support/dnssec-zone.ts'

const RATE = 5
const RANDOM_NAMES = Array.from({ length: RATE + 1 }, (_, i) => `x${i}`)

const store = new TestStore().serve(
  ['fed.test', 'other.test'],
  [
    'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
    'www.fed.test. 30 A 192.0.2.1',
    'mail.fed.test. 30 A 192.0.2.2',
    '*.wild.fed.test. 30 A 192.0.2.3',
    'old.fed.test. 30 DNAME wild.fed.test.',
    'cut.fed.test. 30 NS ns.cut.fed.test.',
    'ns.cut.fed.test. 30 A 192.0.2.4',
    ...Array.from({ length: 8 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
    'other.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
  ],
)

/** A limiter with a clock of its own, asked through the store. */
class Limited {
  nowMs = 0
  readonly limiter: RateLimiter
  readonly #client: Client
  readonly #out = Buffer.alloc(1232)

  readonly #zones: TestStore

  constructor(limits: Partial<RateLimits> = {}, zones = store) {
    this.#zones = zones
    this.limiter = new RateLimiter(
      { responsesPerSecond: RATE, slip: 0, exempt: [], ...limits },
      { now: () => this.nowMs, seed: 7 },
    )
    this.#client = new Client(() => this.nowMs)
  }

  /** @returns the response, undefined when none is sent */
  ask(shape: QueryShape | string, from = '192.0.2.1', proven = false): Buffer | undefined {
    const response = this.#zones.octets(queryBytes(typeof shape === 'string' ? { ask: shape } : shape))!
    this.#out.set(response)
    this.#client.set(from)
    this.#client.proven = proven
    this.#client.madeFromBytes = this.#zones.client.madeFromBytes
    const length = this.limiter.limit(this.#client, this.#out, response.length)
    return length === 0 ? undefined : Buffer.from(this.#out.subarray(0, length))
  }

  /** How many of these are answered. */
  answered(asks: readonly string[], from?: string): number {
    return asks.filter((ask) => this.ask(ask, from) !== undefined).length
  }
}

const times = (count: number, ask: string): readonly string[] => Array.from({ length: count }, () => ask)

describe('RateLimiter', () => {
  it('sends so many of a kind in a second, and no more', () => {
    const limited = new Limited()

    expect(limited.answered(times(50, 'www.fed.test A'))).toBe(RATE)
    limited.nowMs = 1000
    expect(limited.answered(times(50, 'www.fed.test A'))).toBe(RATE)
  })

  it('lets the rate through under a flood that does not end', () => {
    const limited = new Limited()
    let sent = 0
    for (; limited.nowMs < 10_000; limited.nowMs += 10) sent += limited.answered(times(3, 'www.fed.test A'))

    expect(sent).toBeGreaterThanOrEqual(10 * RATE)
    expect(sent).toBeLessThanOrEqual(11 * RATE)
  })

  it('does not save up for longer than a second', () => {
    const limited = new Limited()
    limited.answered(times(RATE, 'www.fed.test A'))
    limited.nowMs = 3_600_000

    expect(limited.answered(times(50, 'www.fed.test A'))).toBe(RATE)
  })

  it('a clock that goes back gives nothing and takes nothing', () => {
    const limited = new Limited()
    limited.nowMs = 10_000
    limited.answered(times(RATE, 'www.fed.test A'))
    limited.nowMs = 0

    expect(limited.answered(times(1, 'www.fed.test A'))).toBe(0)
    limited.nowMs = 1_000
    expect(limited.answered(times(50, 'www.fed.test A'))).toBe(RATE)
  })

  it.each([
    { name: 'other names', first: ['www.fed.test A'], later: 'mail.fed.test A', apart: true },
    {
      name: 'the same name in another case',
      first: ['www.fed.test A'],
      later: 'WWW.fed.TEST A',
      apart: false,
    },
    {
      name: 'another type of the same name',
      first: ['www.fed.test A'],
      later: 'www.fed.test ANY',
      apart: false,
    },
    {
      name: 'names that are not there, of one zone',
      first: RANDOM_NAMES.map((name) => `${name}.fed.test A`),
      later: 'y.fed.test A',
      apart: false,
    },
    {
      name: 'names that are not there, of two zones',
      first: RANDOM_NAMES.map((name) => `${name}.fed.test A`),
      later: 'y.other.test A',
      apart: true,
    },
    {
      name: 'names below a wildcard',
      first: RANDOM_NAMES.map((name) => `${name}.wild.fed.test A`),
      later: 'y.wild.fed.test A',
      apart: false,
    },
    {
      name: 'names below a DNAME',
      first: RANDOM_NAMES.map((name) => `${name}.old.fed.test A`),
      later: 'y.old.fed.test A',
      apart: false,
    },
    {
      name: 'names below a delegation',
      first: RANDOM_NAMES.map((name) => `${name}.cut.fed.test A`),
      later: 'y.cut.fed.test A',
      apart: false,
    },
    {
      name: 'refusals of all names',
      first: RANDOM_NAMES.map((name) => `${name}.elsewhere A`),
      later: 'y.nowhere A',
      apart: false,
    },
    { name: 'data and denials', first: ['www.fed.test A'], later: 'y.fed.test A', apart: true },
    {
      name: 'no such type and no such name',
      first: ['www.fed.test TXT'],
      later: 'y.fed.test A',
      apart: true,
    },
  ])('counts $name apart: $apart', ({ first, later, apart }) => {
    const limited = new Limited()
    while (limited.answered(first) > 0);

    expect(limited.ask(later) !== undefined).toBe(apart)
  })

  it.each([
    { from: '192.0.2.250', apart: false },
    { from: '192.0.3.1', apart: true },
    { from: '::1', apart: true },
  ])('counts 192.0.2.1 and $from apart: $apart', ({ from, apart }) => {
    const limited = new Limited()
    limited.answered(times(RATE, 'www.fed.test A'))

    expect(limited.ask('www.fed.test A', from) !== undefined).toBe(apart)
  })

  it.each([
    { from: '2001:db8:0:ff::1', apart: false },
    { from: '2001:db8:0:100::1', apart: true },
  ])('counts 2001:db8::1 and $from apart: $apart', ({ from, apart }) => {
    const limited = new Limited()
    limited.answered(times(RATE, 'www.fed.test A'), '2001:db8::1')

    expect(limited.ask('www.fed.test A', from) !== undefined).toBe(apart)
  })

  it('limits nobody who has proven the address, and no exempt network', () => {
    const limited = new Limited({ exempt: ['10.0.0.0/8'] })

    expect(times(50, '').every(() => limited.ask('www.fed.test A', '192.0.2.1', true) !== undefined)).toBe(
      true,
    )
    expect(limited.answered(times(50, 'www.fed.test A'), '10.1.2.3')).toBe(50)
    expect(limited.answered(times(50, 'www.fed.test A'))).toBe(RATE)
  })

  it.each([
    { slip: 0, want: 0 },
    { slip: 1, want: 40 },
    { slip: 2, want: 20 },
    { slip: 3, want: 13 },
  ])('slip $slip: so many of 40 above the limit go out truncated', ({ slip, want }) => {
    const limited = new Limited({ slip })
    limited.answered(times(RATE, 'many.fed.test A'))

    const sent = times(40, 'many.fed.test A').flatMap((ask) => limited.ask(ask) ?? [])

    expect(sent).toHaveLength(want)
    for (const response of sent)
      expect(replyOf(response)).toEqual({ rcode: 'NOERROR', flags: 'qr aa tc', question: 'many.fed.test. A' })
  })

  it('what slips keeps the OPT record', () => {
    const limited = new Limited({ slip: 1, responsesPerSecond: 1 })
    const shape = { ask: 'cut.fed.test NS', edns: { flags: 0x8000 } }
    limited.ask(shape)

    expect(replyOf(limited.ask(shape)!)).toEqual({
      rcode: 'NOERROR',
      flags: 'qr tc',
      question: 'cut.fed.test. NS',
      edns: 'v0 1232 do',
    })
  })

  it('is bounded, and goes on, when more networks ask than it has room for', () => {
    const limited = new Limited()
    for (let i = 0; i < 70_000; i += 1)
      limited.ask('www.fed.test A', `${i & 127}.${(i >> 7) & 255}.${i >> 15}.1`)

    expect(limited.answered(times(50, 'www.fed.test A'))).toBe(RATE)
  })

  it('limits what has no question, too', () => {
    const limited = new Limited()
    const broken: QueryShape = { ask: 'www.fed.test A', counts: [2, 0, 0, 0] }

    expect(times(50, '').filter(() => limited.ask(broken) !== undefined)).toHaveLength(RATE)
  })
})

describe('RateLimiter before a signed zone', () => {
  const SOA = '60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
  const zones = new SignedStore({
    origins: ['signed.test'],
    lines: [`signed.test. ${SOA}`, 'www.signed.test. 30 A 192.0.2.1'],
    keys: [KSK, ZSK].map((key) => zoneKeyOf(key, ALWAYS)),
  })

  it.each(['NSEC', 'RRSIG', 'A'])(
    'takes names that are not there for one, whatever is asked for (%s)',
    (type) => {
      const limited = new Limited({}, zones.store)
      const asks = RANDOM_NAMES.map((name) => ({ ask: `${name}.signed.test ${type}`, edns: DO }))

      expect(asks.map((ask) => limited.ask(ask) !== undefined)).toEqual([
        ...Array.from({ length: RATE }, () => true),
        false,
      ])
      expect(limited.ask({ ask: 'www.signed.test A', edns: DO })).toBeDefined()
    },
  )
})
