import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  nextRolloutStep,
  podsOf,
  type RolloutInput,
  type RolloutSet,
} from '../../../../../src/sandbox/cloud/workloads/rollout.ts'

const set = (name: string, replicas: number, available = replicas): RolloutSet => ({
  name,
  replicas,
  available,
})
const rolling = (input: Partial<RolloutInput>): RolloutInput => ({
  desired: 4,
  strategy: 'RollingUpdate',
  maxSurge: 1,
  maxUnavailable: 1,
  current: set('new', 0),
  old: [],
  oldPods: 0,
  ...input,
})

describe('nextRolloutStep', () => {
  const cases: readonly { name: string; in: RolloutInput; want: Readonly<Record<string, number>> }[] = [
    { name: 'the first set grows to what is wanted at once', in: rolling({}), want: { new: 4 } },
    { name: 'nothing to do once it is there', in: rolling({ current: set('new', 4) }), want: {} },
    {
      name: 'scaling down shrinks the current set',
      in: rolling({ current: set('new', 6) }),
      want: { new: 4 },
    },
    { name: 'scaling to nothing', in: rolling({ desired: 0, current: set('new', 3) }), want: { new: 0 } },
    { name: 'a new set starts with the surge', in: rolling({ old: [set('old', 4)] }), want: { new: 1 } },
    {
      name: 'the old set shrinks while the new one is not ready, as far as the minimum allows',
      in: rolling({ current: set('new', 1, 0), old: [set('old', 4)] }),
      want: { old: 3 },
    },
    {
      name: 'unavailable Pods of the old set go first',
      in: rolling({
        desired: 3,
        maxSurge: 0,
        current: set('new', 0),
        old: [set('old', 3, 2)],
      }),
      want: { old: 2 },
    },
    {
      name: 'nothing moves while the new Pods do not get ready',
      in: rolling({ maxUnavailable: 0, current: set('new', 1, 0), old: [set('old', 4)] }),
      want: {},
    },
    {
      name: 'the oldest set shrinks first',
      in: rolling({ current: set('new', 3, 2), old: [set('older', 1), set('old', 1)] }),
      want: { older: 0 },
    },
    {
      name: 'Recreate ends the old set first',
      in: rolling({ strategy: 'Recreate', old: [set('old', 4)], oldPods: 4 }),
      want: { old: 0 },
    },
    {
      name: 'Recreate waits for the last old Pod',
      in: rolling({ strategy: 'Recreate', old: [set('old', 0)], oldPods: 1 }),
      want: {},
    },
    {
      name: 'Recreate then makes the new set',
      in: rolling({ strategy: 'Recreate', old: [set('old', 0)] }),
      want: { new: 4 },
    },
  ]
  it.each(cases)('$name', ({ in: input, want }) => {
    expect(Object.fromEntries(nextRolloutStep(input))).toEqual(want)
  })
})

describe('podsOf', () => {
  const cases: readonly {
    name: string
    in: [number | string | undefined, number, 'up' | 'down']
    want: number
  }[] = [
    { name: 'surge is rounded up', in: ['25%', 5, 'up'], want: 2 },
    { name: 'unavailability is rounded down', in: ['25%', 5, 'down'], want: 1 },
    { name: 'a quarter by default', in: [undefined, 8, 'up'], want: 2 },
    { name: 'a number is itself', in: [3, 100, 'down'], want: 3 },
    { name: 'never below nothing', in: [-1, 100, 'down'], want: 0 },
    { name: 'no number is nothing', in: ['some', 100, 'up'], want: 0 },
  ]
  it.each(cases)('$name', ({ in: [value, total, round], want }) => {
    expect(podsOf(value, total, round)).toBe(want)
  })
})

describe('properties', () => {
  const input = fc
    .record({
      desired: fc.nat(12),
      strategy: fc.constantFrom('RollingUpdate' as const, 'Recreate' as const),
      maxSurge: fc.nat(4),
      maxUnavailable: fc.nat(4),
      old: fc.array(fc.nat(8), { maxLength: 3 }),
    })
    .map((drawn) => ({
      ...drawn,
      maxUnavailable: drawn.maxSurge === 0 && drawn.maxUnavailable === 0 ? 1 : drawn.maxUnavailable,
    }))

  it('a rollout whose Pods get ready ends with the current set alone, within its bounds on the way', () => {
    fc.assert(
      fc.property(input, ({ old, ...drawn }) => {
        const sets = new Map(old.map((replicas, index) => [`old-${index}`, replicas]))
        sets.set('new', 0)
        const before = total(sets)
        const held =
          drawn.strategy === 'Recreate' ? 0 : Math.min(before, drawn.desired - drawn.maxUnavailable)
        for (let steps = 0; ; steps += 1) {
          expect(steps).toBeLessThan(100)
          const step = nextRolloutStep({
            ...drawn,
            current: set('new', sets.get('new') ?? 0),
            old: [...sets].filter(([name]) => name !== 'new').map(([name, replicas]) => set(name, replicas)),
            oldPods: total(sets) - (sets.get('new') ?? 0),
          })
          if (step.size === 0) break
          for (const [name, replicas] of step) sets.set(name, replicas)
          expect(total(sets)).toBeLessThanOrEqual(Math.max(before, drawn.desired + drawn.maxSurge))
          expect(total(sets)).toBeGreaterThanOrEqual(held)
        }

        expect(Object.fromEntries([...sets].filter(([, replicas]) => replicas > 0))).toEqual(
          drawn.desired === 0 ? {} : { new: drawn.desired },
        )
      }),
    )
  })
})

function total(sets: ReadonlyMap<string, number>): number {
  return [...sets.values()].reduce((sum, replicas) => sum + replicas, 0)
}
