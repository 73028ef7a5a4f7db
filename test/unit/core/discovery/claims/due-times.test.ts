import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDueTimes } from '../../../../../src/core/discovery/claims/due-times.ts'

describe('createDueTimes', () => {
  it('gives what is due, earliest first, and keeps the rest', () => {
    const times = fc.array(fc.nat(50), { maxLength: 40 })
    fc.assert(
      fc.property(times, fc.array(fc.nat(50), { maxLength: 5 }), (added, looks) => {
        const due = createDueTimes<number>()
        let waiting = [...added]
        for (const atMs of added) due.add(atMs, atMs)
        for (const nowMs of looks.toSorted((x, y) => x - y)) {
          const want = waiting.filter((atMs) => atMs <= nowMs).toSorted((x, y) => x - y)
          waiting = waiting.filter((atMs) => atMs > nowMs)

          expect(due.takeDue(nowMs)).toEqual(want)
          expect(due.next()).toBe(waiting.length === 0 ? undefined : Math.min(...waiting))
        }
      }),
    )
  })

  it('is empty after clear', () => {
    const due = createDueTimes<string>()
    due.add('a', 1)
    due.clear()

    expect([due.next(), due.takeDue(9)]).toEqual([undefined, []])
  })
})
