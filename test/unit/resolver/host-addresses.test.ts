import { describe, expect, it } from 'vitest'
import { tryAddress, type Address } from '../../../src/dns/address.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import { createHostResolver, type Lookup, type LookupResult } from '../../../src/resolver/host-addresses.ts'
import { silentLogger } from '../../../src/telemetry/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const lb = parseDomainName('lb-1.elb.example.net')
const ip = (text: string): Address => tryAddress(text)!

/** A look-up whose answers are scripted: each call takes the next; the last repeats. */
function scripted(...answers: readonly (LookupResult | Error)[]): { lookup: Lookup; calls: () => number } {
  let calls = 0
  return {
    calls: () => calls,
    lookup: () => {
      const answer = answers[Math.min(calls, answers.length - 1)]!
      calls += 1
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  }
}

/** Let every settled promise run its callbacks. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp(...answers: readonly (LookupResult | Error)[]) {
  const clock = new ManualClock()
  const script = scripted(...answers)
  const changed: (readonly string[])[] = []
  const resolver = createHostResolver({
    lookup: script.lookup,
    clock,
    logger: silentLogger,
    changed: (users) => changed.push(users),
  })
  return { clock, resolver, changed, calls: script.calls }
}

describe('createHostResolver', () => {
  it('gives both families, sorted and distinct, and announces them to their users', async () => {
    const addresses = [ip('192.0.2.9'), ip('2001:db8::1'), ip('192.0.2.1'), ip('192.0.2.9')]
    const { resolver, changed } = setUp({ addresses, ttlSeconds: 60 })

    resolver.retain('ns/a', [lb])
    resolver.retain('ns/b', [lb])
    expect(resolver.addressesOf(lb)).toBeUndefined()
    await settled()

    expect(resolver.addressesOf(lb)).toEqual({ a: ['192.0.2.1', '192.0.2.9'], aaaa: ['2001:db8::1'] })
    expect(changed).toEqual([['ns/a', 'ns/b']])
  })

  it('looks up again when the TTL ends, and announces only a change', async () => {
    const one = { addresses: [ip('192.0.2.1')], ttlSeconds: 60 }
    const { resolver, changed, clock, calls } = setUp(one, one, {
      addresses: [ip('192.0.2.2')],
      ttlSeconds: 60,
    })

    resolver.retain('ns/a', [lb])
    await settled()
    clock.advance(59_999)
    expect(calls()).toBe(1)
    clock.advance(1)
    await settled()
    clock.advance(60_000)
    await settled()

    expect(calls()).toBe(3)
    expect(changed).toHaveLength(2)
    expect(resolver.addressesOf(lb)?.a).toEqual(['192.0.2.2'])
  })

  it('keeps the last answer when a refresh fails', async () => {
    const { resolver, changed, clock } = setUp(
      { addresses: [ip('192.0.2.1')], ttlSeconds: 60 },
      new Error('timeout'),
    )

    resolver.retain('ns/a', [lb])
    await settled()
    clock.advance(60_000)
    await settled()

    expect(resolver.addressesOf(lb)?.a).toEqual(['192.0.2.1'])
    expect(resolver.failureOf(lb)).toBeUndefined()
    expect(changed).toHaveLength(1)
  })

  it('says why a first look-up failed, once, and fills in by itself', async () => {
    const { resolver, changed, clock } = setUp(new Error('SERVFAIL'), new Error('SERVFAIL'), {
      addresses: [ip('192.0.2.1')],
      ttlSeconds: 60,
    })

    resolver.retain('ns/a', [lb])
    await settled()
    expect(resolver.failureOf(lb)).toBe('SERVFAIL')
    clock.advance(10_000)
    await settled()
    expect(changed).toEqual([['ns/a']])
    clock.advance(10_000)
    await settled()

    expect(resolver.addressesOf(lb)?.a).toEqual(['192.0.2.1'])
    expect(changed).toHaveLength(2)
  })

  it('takes an empty answer for an answer', async () => {
    const { resolver } = setUp({ addresses: [], ttlSeconds: 0 })

    resolver.retain('ns/a', [lb])
    await settled()

    expect(resolver.addressesOf(lb)).toEqual({ a: [], aaaa: [] })
  })

  it('forgets a host that nobody needs, its timer and its late answers', async () => {
    const { resolver, changed, clock, calls } = setUp({ addresses: [ip('192.0.2.1')], ttlSeconds: 60 })

    resolver.retain('ns/a', [lb])
    resolver.retain('ns/a', [])
    await settled()
    clock.advance(300_000)

    expect(resolver.addressesOf(lb)).toBeUndefined()
    expect(changed).toEqual([])
    expect(clock.pending).toBe(0)
    expect(calls()).toBeLessThanOrEqual(1)
  })

  it('bounds the rate of look-ups for a TTL of zero', async () => {
    const { resolver, clock, calls } = setUp({ addresses: [ip('192.0.2.1')], ttlSeconds: 0 })

    resolver.retain('ns/a', [lb])
    await settled()
    clock.advance(4_999)
    expect(calls()).toBe(1)
    clock.advance(1)
    await settled()

    expect(calls()).toBe(2)
  })

  it('gives each look-up its whole time, however many are before it', async () => {
    const clock = new ManualClock()
    const started: string[] = []
    const resolver = createHostResolver({
      clock,
      logger: silentLogger,
      changed: () => {},
      lookup: (host, signal) =>
        new Promise((_, reject) => {
          started.push(host)
          signal.addEventListener('abort', () => reject(new Error('timeout')))
        }),
    })
    const hosts = Array.from({ length: 17 }, (_, i) => parseDomainName(`lb-${i}.example.net`))
    const last = hosts[16]!

    resolver.retain('ns/a', hosts)
    await settled()
    expect(started).toHaveLength(16)
    clock.advance(5_000)
    await settled()
    expect(started.at(-1)).toBe(last)
    clock.advance(4_999)
    await settled()
    expect(resolver.failureOf(last)).toBeUndefined()
    clock.advance(1)
    await settled()

    expect(resolver.failureOf(last)).toBe('timeout')
    resolver.close()
  })

  it('does not look up what was forgotten while it waited for its turn', async () => {
    const clock = new ManualClock()
    const started: string[] = []
    const gate = Promise.withResolvers<LookupResult>()
    const resolver = createHostResolver({
      clock,
      logger: silentLogger,
      changed: () => {},
      lookup: (host) => {
        started.push(host)
        return gate.promise
      },
    })
    const busy = Array.from({ length: 16 }, (_, i) => parseDomainName(`lb-${i}.example.net`))
    resolver.retain('ns/busy', busy)
    resolver.retain('ns/a', [lb])
    await settled()
    resolver.retain('ns/a', [])

    gate.resolve({ addresses: [], ttlSeconds: 60 })
    await settled()

    expect(started).not.toContain(lb)
  })

  it('logs the first failure of an outage, and is quiet about the rest', async () => {
    const warnings: string[] = []
    const clock = new ManualClock()
    const resolver = createHostResolver({
      clock,
      logger: { ...silentLogger, warn: (_, message) => warnings.push(message) },
      changed: () => {},
      lookup: scripted(
        new Error('SERVFAIL'),
        new Error('SERVFAIL'),
        { addresses: [ip('192.0.2.1')], ttlSeconds: 10 },
        new Error('SERVFAIL'),
      ).lookup,
    })
    resolver.retain('ns/a', [lb])
    for (const wanted of [1, 1, 1, 2, 2]) {
      await settled()
      expect(warnings).toHaveLength(wanted)
      clock.advance(10_000)
    }
  })
})
