import { expect, it } from 'vitest'
import { WallTime } from '../../../../../src/nameserver/observe/queue/wall-time.ts'

it('has the fractions of one clock and the date of the other', () => {
  const time = new WallTime(
    () => 500.25,
    () => 1_800_000_000_000,
  )

  time.adjust()

  expect(time.unixMicros(500.251)).toBe(1_800_000_000_000_001)
})

it('does not go back because the wall clock shows whole ms only, but follows when it is set', () => {
  let wallMs = 1_000_000
  const time = new WallTime(
    () => 0,
    () => wallMs,
  )
  time.adjust()
  wallMs -= 1
  time.adjust()
  const before = time.unixMicros(0)
  wallMs += 3_600_000
  time.adjust()

  expect([before, time.unixMicros(0)]).toEqual([1_000_000_000, 4_599_999_000])
})
