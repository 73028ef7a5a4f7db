import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign, BUCKETS, rankings } from '../../../../../src/core/discovery/selection/rendezvous.ts'

const anyKeys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 })
const ALL = Array.from({ length: BUCKETS }, (_, bucket) => bucket)

describe('rankings', () => {
  it('have every key once in every bucket, whatever the order of keys', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const ranked = rankings(keys)

        expect(ranked).toHaveLength(BUCKETS)
        for (const one of ranked) expect(one.toSorted()).toEqual(keys.toSorted())
        expect(rankings(keys.toReversed())).toEqual(ranked)
      }),
    )
  })

  it('without a key are the same ones without it: only its own buckets move, each to its second', () => {
    fc.assert(
      fc.property(anyKeys, fc.nat(), (keys, pick) => {
        const gone = keys[pick % keys.length]
        const ranked = rankings(keys)

        expect(rankings(keys.filter((key) => key !== gone))).toEqual(
          ranked.map((one) => one.filter((key) => key !== gone)),
        )
      }),
    )
  })

  it('spread buckets over keys', () => {
    const counts = new Map<string, number>()
    for (let world = 0; world < 100; world += 1) {
      const keys = ['a', 'b', 'c', 'd'].map((name) => `${name}-${world}`)
      for (const [first = ''] of rankings(keys))
        counts.set(first.slice(0, 1), (counts.get(first.slice(0, 1)) ?? 0) + 1)
    }

    for (const count of counts.values()) expect(Math.abs(count / 1_600 - 1)).toBeLessThan(0.1)
  })
})

describe('assign', () => {
  const anyQuotas = anyKeys.chain((keys) =>
    fc
      .array(fc.nat(keys.length - 1), { minLength: BUCKETS, maxLength: BUCKETS })
      .map((seats) => new Map(keys.map((key, at) => [key, seats.filter((seat) => seat === at).length]))),
  )

  it('gives to each key as many buckets as its quota says, whatever the order', () => {
    fc.assert(
      fc.property(anyQuotas, (quotas) => {
        const given = assign(ALL, quotas)

        for (const [key, quota] of quotas) expect(given.filter((one) => one === key)).toHaveLength(quota)
        expect(assign(ALL, new Map([...quotas].toReversed()))).toEqual(given)
        expect(assign(ALL.toReversed(), quotas)).toEqual(given.toReversed())
      }),
    )
  })

  it('moves few buckets more than have to when a key leaves', () => {
    const moved: number[] = []
    for (let world = 0; world < 50; world += 1) {
      const keys = ['a', 'b', 'c', 'd'].map((name) => `${name}-${world}`)
      const [gone = '', ...rest] = keys
      const before = assign(ALL, new Map(keys.map((key) => [key, 16])))
      const after = assign(ALL, new Map(rest.map((key, at) => [key, at === 0 ? 22 : 21])))
      moved.push(ALL.filter((bucket) => before[bucket] !== gone && before[bucket] !== after[bucket]).length)
    }

    expect(moved.reduce((sum, one) => sum + one, 0) / moved.length).toBeLessThan(8) // of the 48 that need not
  })
})
