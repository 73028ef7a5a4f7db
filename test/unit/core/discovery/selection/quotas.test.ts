import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divideSeats } from '../../../../../src/core/discovery/selection/quotas.ts'

type Weights = Readonly<Record<string, number>>
const divided = (weights: Weights, seats: number): Weights =>
  Object.fromEntries(divideSeats(new Map(Object.entries(weights)), seats))

describe('seats', () => {
  it.each<{ name: string; in: Weights; seats: number; want: Weights }>([
    { name: 'go by weight', in: { x: 3, y: 1 }, seats: 64, want: { x: 48, y: 16 } },
    {
      name: 'go to the largest remainder where they do not divide',
      in: { x: 2, y: 1 },
      seats: 64,
      want: { x: 43, y: 21 },
    },
    {
      name: 'go to the first by key where remainders are equal',
      in: { y: 1, x: 1, z: 1 },
      seats: 64,
      want: { x: 22, y: 21, z: 21 },
    },
    { name: 'are none for a weight of 0', in: { x: 1, y: 0 }, seats: 64, want: { x: 64 } },
    { name: 'are equal where no one has a weight', in: { x: 0, y: 0 }, seats: 64, want: { x: 32, y: 32 } },
    {
      name: 'go to who has nothing before anyone has one more',
      in: { x: 1_000, y: 1 },
      seats: 64,
      want: { x: 63, y: 1 },
    },
    {
      name: 'run out where more ask than there are',
      in: { x: 1, y: 1, z: 1 },
      seats: 2,
      want: { x: 1, y: 1 },
    },
    {
      name: 'go to the heaviest of those who have nothing',
      in: { x: 1, y: 3, z: 2 },
      seats: 1,
      want: { y: 1 },
    },
    { name: 'are given to nobody where nobody asks', in: {}, seats: 64, want: {} },
  ])('$name', ({ in: weights, seats, want }) => {
    expect(divided(weights, seats)).toEqual(want)
  })

  it('are all given, each share rounded down or up, whatever the order of weights', () => {
    const anyWeights = fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.nat(1_000_000), {
      minKeys: 1,
      maxKeys: 40,
    })
    fc.assert(
      fc.property(anyWeights, fc.integer({ min: 1, max: 64 }), (weights, seats) => {
        const given = divided(weights, seats)
        const backwards = Object.fromEntries(Object.entries(weights).toReversed())
        const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)

        expect(Object.values(given).reduce((sum, count) => sum + count, 0)).toBe(seats)
        expect(divided(backwards, seats)).toEqual(given)
        for (const [key, weight] of Object.entries(weights)) {
          const share = total === 0 ? seats / Object.keys(weights).length : (seats * weight) / total
          expect(Math.abs((given[key] ?? 0) - share)).toBeLessThan(1)
          if (weight === 0 && total > 0) expect(given[key]).toBeUndefined()
        }
      }),
    )
  })
})
