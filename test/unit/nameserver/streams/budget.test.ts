import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget } from '../../../../src/nameserver/streams/budget.ts'

/** How many of those that come at these times get something. */
function taken(perSecond: number, timesMs: readonly number[]): number {
  const budget = new Budget(perSecond, 0)
  return timesMs.filter((atMs) => budget.take(atMs)).length
}

const many = (count: number, atMs: (i: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, i) => atMs(i))

describe('Budget', () => {
  it.each([
    { name: 'gives as many at once as in a second', times: many(100, () => 0), want: 10 },
    { name: 'gives as many in each second after', times: many(1_000, (i) => i), want: 19 },
    { name: 'saves up no more than a second', times: many(100, () => 60_000), want: 10 },
    { name: 'gives everything to who stays within', times: many(100, (i) => i * 100), want: 100 },
  ])('$name', ({ times, want }) => {
    expect(taken(10, times)).toBe(want)
  })

  it('never gives more than the rate and one second of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.nat(5_000), { maxLength: 2_000 }),
        (perSecond, times) => {
          const sorted = times.toSorted((a, b) => a - b)
          const seconds = (sorted.at(-1) ?? 0) / 1000

          expect(taken(perSecond, sorted)).toBeLessThanOrEqual(perSecond * (seconds + 1) + 1e-6)
        },
      ),
    )
  })
})
