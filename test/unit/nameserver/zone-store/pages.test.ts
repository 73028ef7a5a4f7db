import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pages } from '../../../../src/nameserver/zone-store/pages.ts'

describe('Pages', () => {
  it('hands out runs from the front, and what came back before what was never used', () => {
    const pages = new Pages(1, 10)

    const runs = [pages.take(1), pages.take(2), pages.take(1)]
    pages.give(2, 2)

    expect(runs).toEqual([1, 2, 4])
    expect([pages.take(1), pages.take(1), pages.take(1)]).toEqual([2, 3, 5])
  })

  it('joins neighbours, so that a longer run fits again', () => {
    const pages = new Pages(1, 6)
    for (let i = 0; i < 5; i += 1) pages.take(1)

    for (const page of [2, 4, 3]) pages.give(page, 1)

    expect(pages.take(3)).toBe(2)
  })

  it('has no run longer than what is left', () => {
    const pages = new Pages(1, 4)

    expect([pages.take(4), pages.take(3), pages.take(1)]).toEqual([-1, 1, -1])
  })

  it('never hands out a page twice, and counts those in use', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4 })), { maxLength: 200 }),
        (steps) => {
          const pages = new Pages(1, 40)
          const held: { first: number; count: number }[] = []
          for (const [take, count] of steps) {
            const first = take ? pages.take(count) : -1
            if (first >= 0) held.push({ first, count })
            const back = take ? undefined : held.splice(count % Math.max(1, held.length), 1)[0]
            if (back !== undefined) pages.give(back.first, back.count)

            const used = held.flatMap((run) => Array.from({ length: run.count }, (_, i) => run.first + i))
            expect(new Set(used).size).toBe(used.length)
            expect(used.every((page) => page >= 1 && page < 40)).toBe(true)
            expect(pages.used).toBe(1 + used.length)
          }
        },
      ),
    )
  })
})
