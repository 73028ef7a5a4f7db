import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planSelection } from '../../../../../src/core/discovery/selection/plan-selection.ts'
import type { AnswerShard, SelectionPolicy } from '../../../../../src/core/discovery/selection/types.ts'
import type { Selection } from '../../../../../src/dns/records.ts'
import { address } from '../../../../support/dns-lines.ts'

const BUCKETS = 64

type Shape = {
  readonly v4?: number
  readonly v6?: number
  readonly weight?: number
  readonly region?: string
  readonly zones?: readonly string[]
}

/** Clusters of so many addresses, which have the cluster's number in them, from 1. */
function shardsOf(...shapes: readonly Shape[]): readonly AnswerShard[] {
  return shapes.map(({ v4 = 1, v6 = 0, weight = 1, region, zones = [] }, at) => ({
    key: `c${at}`,
    weight,
    zones,
    ...(region === undefined ? {} : { region }),
    a: Array.from({ length: v4 }, (_, i) => address(`10.0.${at + 1}.${i}`)),
    aaaa: Array.from({ length: v6 }, (_, i) => address(`2001:db8:${at + 1}::${i + 1}`)),
  }))
}

const answerOf = (shards: readonly AnswerShard[]) => ({
  a: shards.flatMap(({ a }) => a),
  aaaa: shards.flatMap(({ aaaa }) => aaaa),
})
const plan = (policy: SelectionPolicy, shards: readonly AnswerShard[]): Selection =>
  planSelection(policy, answerOf(shards), shards)

/** The lists as addresses. */
function given(policy: SelectionPolicy, shards: readonly AnswerShard[]): readonly (readonly string[])[] {
  const { a, aaaa } = answerOf(shards)
  const all = [...a, ...aaaa]
  return (plan(policy, shards).variants?.lists ?? []).map((list) =>
    [...list].map((index) => all[index] ?? 'out of range'),
  )
}

const anyShards = fc
  .array(
    fc.record({
      v4: fc.nat(3),
      v6: fc.nat(2),
      weight: fc.oneof(fc.nat(10), fc.nat(1_000_000)),
      region: fc.constantFrom('r1', 'r2', 'r3'),
      zones: fc.subarray(['z1', 'z2']),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((shapes) => shardsOf(...shapes))
const anyPolicy: fc.Arbitrary<SelectionPolicy> = fc.oneof(
  fc.record({ kind: fc.constant('weighted' as const), affinity: fc.boolean() }),
  fc.record({ kind: fc.constant('affinity' as const), maxAnswers: fc.nat(10) }),
  fc.record({
    kind: fc.constant('proximity' as const),
    maxAnswers: fc.nat(10),
    places: fc.array(
      fc.record({ zone: fc.constantFrom('z1', 'z2', 'z3'), regions: fc.subarray(['r1', 'r2', 'r3', 'r4']) }),
      { maxLength: 5 },
    ),
  }),
)

describe('any plan', () => {
  it('has indices in range, each once in a list, and families for all or for none', () => {
    fc.assert(
      fc.property(anyPolicy, anyShards, (policy, shards) => {
        const { a, aaaa } = answerOf(shards)
        const lists = plan(policy, shards).variants?.lists ?? []
        const families = lists.map((list) => [
          list.some((i) => i < a.length),
          list.some((i) => i >= a.length),
        ])
        const unweighted = policy.kind === 'weighted' && shards.some(({ weight }) => weight > 0)
        const taking = shards.filter(({ weight }) => !unweighted || weight > 0)

        for (const list of lists) {
          expect(new Set(list).size).toBe(list.length)
          for (const index of list) expect(index).toBeLessThan(a.length + aaaa.length)
        }
        const has = [
          taking.some((shard) => shard.a.length > 0),
          taking.some((shard) => shard.aaaa.length > 0),
        ]
        expect(families).toEqual(lists.map(() => has))
      }),
    )
  })

  it('does not depend on the order of the clusters', () => {
    fc.assert(
      fc.property(anyPolicy, anyShards, (policy, shards) => {
        const sets = (all: readonly AnswerShard[]) => planSelection(policy, answerOf(shards), all)

        expect(sets(shards.toReversed())).toEqual(sets(shards))
      }),
    )
  })

  it('leaves out what is not in the answer', () => {
    const shards = shardsOf({ v4: 2 }, { v4: 1 })
    const answer = { a: [shards[0]!.a[1]!], aaaa: [] } // made with as many

    for (const policy of [
      { kind: 'weighted', affinity: false },
      { kind: 'affinity', maxAnswers: 0 },
    ] as const)
      expect(new Set(planSelection(policy, answer, shards).variants?.lists.map(String))).toEqual(
        new Set(['0']),
      )
  })
})

describe('all', () => {
  it('is given in turn', () => {
    expect(plan({ kind: 'all', maxAnswers: 8 }, shardsOf({}, {}))).toEqual({ most: 8, rotate: true })
  })
})

describe('weights', () => {
  const countsOf = (shards: readonly AnswerShard[], family: 'a' | 'aaaa' = 'a') => {
    const lists = given({ kind: 'weighted', affinity: false }, shards)
    return shards.map(
      (shard) => lists.filter((list) => list.some((one) => shard[family].some((own) => own === one))).length,
    )
  }

  it.each<{ name: string; in: readonly Shape[]; want: readonly number[] }>([
    { name: 'are shares of the buckets', in: [{ weight: 3 }, { weight: 1 }], want: [48, 16] },
    { name: 'of 0 are never chosen', in: [{ weight: 0 }, { weight: 1 }], want: [0, 64] },
    { name: 'of 0 everywhere are equal', in: [{ weight: 0 }, { weight: 0 }], want: [32, 32] },
    {
      name: 'are those of clusters, however many addresses one has',
      in: [{ v4: 3 }, { v4: 1 }],
      want: [32, 32],
    },
    {
      name: 'of a cluster without addresses of the family count for nothing',
      in: [{ weight: 5, v4: 0 }, {}],
      want: [0, 64],
    },
  ])('$name', ({ in: shapes, want }) => {
    expect(countsOf(shardsOf(...shapes))).toEqual(want)
  })

  it('hold within one bucket, for each family by itself', () => {
    fc.assert(
      fc.property(anyShards, (shards) => {
        for (const family of ['a', 'aaaa'] as const) {
          const isWeighted = shards.some(({ weight }) => weight > 0)
          const weightOf = (shard: AnswerShard) =>
            shard[family].length === 0 ? 0 : isWeighted ? shard.weight : 1
          const total = shards.reduce((sum, shard) => sum + weightOf(shard), 0)
          if (total === 0) continue
          for (const [at, count] of countsOf(shards, family).entries())
            expect(Math.abs(count - (BUCKETS * weightOf(shards[at]!)) / total)).toBeLessThan(1) // one count each
        }
      }),
    )
  })

  it('are shared evenly by the addresses of a cluster', () => {
    const shards = shardsOf({ v4: 3 }, {})
    const lists = given({ kind: 'weighted', affinity: false }, shards).map(String)

    const counts = shards[0]!.a.map((one) => lists.filter((list) => list === one).length)
    expect(counts.toSorted((x, y) => x - y)).toEqual([10, 11, 11])
  })

  it('lead A and AAAA to one cluster where all have both', () => {
    const shards = shardsOf({ v6: 1, weight: 5 }, { v6: 1, weight: 2 }, { v6: 1 })

    for (const [a = '', aaaa = ''] of given({ kind: 'weighted', affinity: true }, shards))
      expect(aaaa.split(':')[2]).toBe(a.split('.')[2])
  })

  it('are taken in turn, or by network where clients are kept', () => {
    const of = (affinity: boolean) => plan({ kind: 'weighted', affinity }, shardsOf({}, {}))

    expect(of(false)).toMatchObject({ most: 1, rotate: false, variants: { by: 'turn' } })
    expect(of(true)).toMatchObject({ most: 1, rotate: false, variants: { by: 'network' } })
    expect(of(true).variants?.lists).toEqual(of(false).variants?.lists)
  })
})

describe('affinity', () => {
  it('moves the networks of a cluster that leaves, each to its second, and no others', () => {
    const someShards = anyShards.filter((shards) => shards.length > 1).map((shards) => shards.slice(0, 5))
    fc.assert(
      fc.property(someShards, fc.nat(4), (shards, pick) => {
        const gone = shards[pick % shards.length]!
        const left = shards.filter((shard) => shard !== gone)
        const policy = { kind: 'affinity', maxAnswers: 0 } as const // lists hold all, of at most 5 clusters

        const isLeft = (one: string): boolean =>
          left.some(({ a, aaaa }) => [...a, ...aaaa].some((own) => own === one))
        const before = given(policy, shards).map((list) => list.filter(isLeft))
        expect(given(policy, left)).toEqual(before)
      }),
    )
  })

  it('leads A and AAAA to one cluster where it has both', () => {
    const shards = shardsOf({ v6: 1 }, { v6: 1 }, { v6: 1 })

    for (const list of given({ kind: 'affinity', maxAnswers: 0 }, shards)) {
      const clusters = list.map((one) => (one.includes(':') ? one.split(':')[2] : one.split('.')[2]))
      expect(clusters.slice(3)).toEqual(clusters.slice(0, 3))
    }
  })

  it('gives at most as many as are asked for, and never more than 16 of a family', () => {
    const shards = shardsOf({ v4: 12, v6: 3 }, { v4: 12 })

    expect(new Set(given({ kind: 'affinity', maxAnswers: 5 }, shards).map((list) => list.length))).toEqual(
      new Set([8]),
    )
    expect(new Set(given({ kind: 'affinity', maxAnswers: 0 }, shards).map((list) => list.length))).toEqual(
      new Set([19]),
    )
  })
})

describe('proximity', () => {
  const shards = shardsOf(
    { region: 'us-east1', zones: ['us-east1-b'], v6: 1 },
    { region: 'us-east1', zones: ['us-east1-c'] },
    { region: 'europe-west1', zones: ['europe-west1-b'] },
    { region: 'asia-east1', zones: [] },
  )
  const at = (zone: string | undefined, ...regions: readonly string[]) => ({
    kind: 'proximity' as const,
    maxAnswers: 8,
    places: [{ ...(zone === undefined ? {} : { zone }), regions }],
  })

  it.each([
    { name: 'the zone of the client', in: at('us-east1-c', 'us-east1'), want: ['10.0.2.0', '2001:db8:1::1'] },
    {
      name: 'its region, where the zone has none',
      in: at('us-east1-d', 'us-east1'),
      want: ['10.0.1.0', '10.0.2.0', '2001:db8:1::1'],
    },
    {
      name: 'the nearest region that has any',
      in: at(undefined, 'africa-south1', 'europe-west1', 'us-east1'),
      want: ['10.0.3.0', '2001:db8:1::1'],
    },
    {
      name: 'all, where no region is told',
      in: at(undefined),
      want: ['10.0.1.0', '10.0.2.0', '10.0.3.0', '10.0.4.0', '2001:db8:1::1'],
    },
  ])('gives addresses of $name', ({ in: policy, want }) => {
    const [, ofPlace = []] = given(policy, shards)

    expect(ofPlace).toEqual(want)
  })

  it('gives all to who is in no known place, in turn', () => {
    const selection = plan(at('us-east1-b', 'us-east1'), shards)

    expect(selection).toMatchObject({ most: 8, rotate: true, variants: { by: 'place' } })
    expect([...(selection.variants?.lists[0] ?? [])]).toEqual([0, 1, 2, 3, 4])
  })
})
