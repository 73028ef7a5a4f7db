import { describe, expect, it } from 'vitest'
import { SigningBudget } from '../../../../src/nameserver/dnssec/signing-budget.ts'

const LIMITS = { unprovenPerSecond: 2, provenPerSecond: 1 }
const UNPROVEN = false
const PROVEN = true

describe('SigningBudget', () => {
  it.each([
    {
      name: 'so many in a second, and no more',
      in: [
        [UNPROVEN, 1],
        [UNPROVEN, 1],
        [UNPROVEN, 1],
      ],
      want: [true, true, false],
    },
    {
      name: 'as many again in the next one',
      in: [
        [UNPROVEN, 1],
        [UNPROVEN, 1],
        [UNPROVEN, 2],
      ],
      want: [true, true, true],
    },
    {
      name: 'who has proven the address has a share of his own',
      in: [
        [UNPROVEN, 1],
        [UNPROVEN, 1],
        [UNPROVEN, 1],
        [PROVEN, 1],
      ],
      want: [true, true, false, true],
    },
    {
      name: 'which ends too',
      in: [
        [PROVEN, 1],
        [PROVEN, 1],
        [UNPROVEN, 1],
      ],
      want: [true, false, true],
    },
    {
      name: 'a clock that is set back begins a new second',
      in: [
        [PROVEN, 9],
        [PROVEN, 9],
        [PROVEN, 3],
      ],
      want: [true, false, true],
    },
  ] as { name: string; in: [boolean, number][]; want: boolean[] }[])('$name', ({ in: takes, want }) => {
    const budget = new SigningBudget(LIMITS)

    expect(takes.map(([isProven, nowSeconds]) => budget.take(isProven, nowSeconds))).toEqual(want)
  })

  describe('for names of the zone', () => {
    const stored = { atOnce: 3, perSecond: 2 }

    it.each([
      { name: 'has a store', in: [5, 5, 5, 5], want: [true, true, true, false] },
      {
        name: 'is filled by the second',
        in: [5, 5, 5, 6, 6, 6],
        want: [true, true, true, true, true, false],
      },
      { name: 'is never more than full', in: [5, 99, 99, 99, 99], want: [true, true, true, true, false] },
      {
        name: 'gets nothing from a clock that is set back',
        in: [5, 5, 5, 3],
        want: [true, true, true, false],
      },
      { name: 'goes on from where the clock is', in: [5, 5, 5, 3, 4], want: [true, true, true, false, true] },
    ])('$name', ({ in: times, want }) => {
      const budget = new SigningBudget({ ...LIMITS, stored })

      expect(times.map((nowSeconds) => budget.takeStored(UNPROVEN, nowSeconds))).toEqual(want)
    })

    it('is another one for who has proven the address, and for names that are not there', () => {
      const budget = new SigningBudget({ ...LIMITS, stored: { atOnce: 1, perSecond: 0 } })

      expect([
        budget.takeStored(UNPROVEN, 1),
        budget.takeStored(UNPROVEN, 1),
        budget.takeStored(PROVEN, 1),
        budget.take(UNPROVEN, 1),
      ]).toEqual([true, false, true, true])
    })
  })
})
