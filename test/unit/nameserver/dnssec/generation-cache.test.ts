import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GenerationCache } from '../../../../src/nameserver/dnssec/generation-cache.ts'

describe('GenerationCache', () => {
  it('gives what was put in', () => {
    const cache = new GenerationCache<number>(4)

    cache.set('a', 1)

    expect([cache.get('a'), cache.get('b')]).toEqual([1, undefined])
  })

  it('forgets what was not asked for while half of the limit was put in twice', () => {
    const cache = new GenerationCache<number>(4)

    for (const [value, key] of ['a', 'b', 'c', 'd', 'e'].entries()) cache.set(key, value)

    expect(['a', 'b', 'c', 'd', 'e'].map((key) => cache.get(key))).toEqual([undefined, undefined, 2, 3, 4])
  })

  it('keeps what is asked for', () => {
    const cache = new GenerationCache<number>(4)
    cache.set('wanted', 0)

    for (let i = 0; i < 100; i += 1) {
      cache.set(`other ${i}`, i)
      expect(cache.get('wanted')).toBe(0)
    }
  })

  it('a value put in again takes the place of the one before', () => {
    const cache = new GenerationCache<number>(4)
    cache.set('a', 1)
    cache.set('b', 2)
    cache.set('c', 3)

    cache.set('a', 4)

    expect(cache.get('a')).toBe(4)
  })

  it('is empty when cleared', () => {
    const cache = new GenerationCache<number>(4)
    for (const key of ['a', 'b', 'c']) cache.set(key, 1)

    cache.clear()

    expect([cache.size, cache.get('a')]).toEqual([0, undefined])
  })

  it('never holds more than its limit, and the last half of it always', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.nat(30), { maxLength: 100 }),
        (limit, keys) => {
          const cache = new GenerationCache<number>(limit)
          for (const [i, key] of keys.entries()) {
            cache.set(String(key), i)
            expect(cache.size).toBeLessThanOrEqual(limit)
            expect(cache.get(String(key))).toBe(i)
          }
          for (const key of keys.slice(-Math.floor(limit / 2))) expect(cache.get(String(key))).toBeDefined()
        },
      ),
    )
  })
})
