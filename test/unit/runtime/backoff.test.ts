import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs, RateGate } from '../../../src/runtime/backoff.ts'

const plain = { baseMs: 100, maxMs: 1000, jitter: 0 }

describe('backoffMs', () => {
  test.each([
    { name: 'the first failure waits the base', failures: 1, random: 0.9, want: 100 },
    { name: 'each further failure doubles it', failures: 4, random: 0, want: 800 },
    { name: 'it never exceeds the maximum', failures: 5, random: 0, want: 1000 },
    { name: 'it survives any count of failures', failures: 100_000, random: 0, want: 1000 },
    { name: 'no failure counts as one', failures: 0, random: 0, want: 100 },
  ])('$name', ({ failures, random, want }) => {
    expect(backoffMs(failures, plain, random)).toBe(want)
  })

  test('jitter adds at most its share of the delay', () => {
    expect(backoffMs(3, { ...plain, jitter: 0.5 }, 0)).toBe(400)
    expect(backoffMs(3, { ...plain, jitter: 0.5 }, 0.5)).toBe(500)
    expect(backoffMs(3, { ...plain, jitter: 1 }, 0.999_999)).toBe(800)
  })

  test('more failures never wait less', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        expect(backoffMs(failures + 1, plain, random)).toBeGreaterThanOrEqual(
          backoffMs(failures, plain, random),
        )
      }),
    )
  })
})

describe('RateGate', () => {
  test('a burst goes at once, the rest at its rate', () => {
    const gate = new RateGate({ perSecond: 10, burst: 3 })

    expect([1, 2, 3, 4, 5].map(() => gate.reserve(1000))).toEqual([1000, 1000, 1000, 1100, 1200])
  })

  test('idle time earns places back, never more than the burst', () => {
    const gate = new RateGate({ perSecond: 10, burst: 2 })

    expect([gate.tryTake(0), gate.tryTake(0), gate.tryTake(0)]).toEqual([true, true, false])
    expect([gate.tryTake(100), gate.tryTake(100)]).toEqual([true, false])
    expect([gate.tryTake(9000), gate.tryTake(9000), gate.tryTake(9000)]).toEqual([true, true, false])
  })

  test('no window admits more than burst plus rate times its length', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (waits, burst) => {
        const gate = new RateGate({ perSecond: 10, burst })
        let nowMs = 0
        const goes = waits.map((gap) => gate.reserve((nowMs += gap))).sort((a, b) => a - b)
        const windows = goes.flatMap((from, i) =>
          goes
            .slice(i)
            .map((to, more) => ({ admitted: more + 1, allowed: burst + (to - from) / 100 + 1e-9 })),
        )
        expect(windows.filter(({ admitted, allowed }) => admitted > allowed)).toEqual([])
      }),
    )
  })
})
