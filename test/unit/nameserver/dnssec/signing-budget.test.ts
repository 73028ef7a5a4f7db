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
})
