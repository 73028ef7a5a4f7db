import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFresh, validityAt } from '../../../../src/nameserver/dnssec/validity.ts'

const HOUR = 3_600
const DAY = 24 * HOUR

describe('validity of signatures', () => {
  it('from an hour before, for clocks that are behind, to four days after', () => {
    expect(validityAt(10 * DAY, 0)).toEqual({
      inceptionSeconds: 10 * DAY - HOUR,
      expirationSeconds: 14 * DAY,
      renewSeconds: 11 * DAY,
    })
  })

  it('renewed after one to two days, by the share: not all in one moment', () => {
    expect([0, 0.5, 1].map((share) => validityAt(0, share).renewSeconds)).toEqual([DAY, 1.5 * DAY, 2 * DAY])
  })

  it.each([
    { name: 'fresh at once', at: 0, want: true },
    { name: 'until it is due', at: DAY - 1, want: true },
    { name: 'not when it is', at: DAY, want: false },
    { name: 'a clock set back by less than an hour', at: -HOUR, want: true },
    { name: 'not from the future', at: -HOUR - 1, want: false },
  ])('$name', ({ at, want }) => {
    expect(isFresh(validityAt(10 * DAY, 0), 10 * DAY + at)).toBe(want)
  })

  it('what is handed out holds for two more days at the least', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.double({ min: 0, max: 1, noNaN: true }), (now, share) => {
        const { renewSeconds, expirationSeconds } = validityAt(now, share)
        expect(expirationSeconds - renewSeconds).toBeGreaterThanOrEqual(2 * DAY)
      }),
    )
  })
})
