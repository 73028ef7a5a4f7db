import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ring } from '../../../../src/nameserver/zone-store/ring.ts'
import { rotationProblems } from '../../../support/rotation-oracle.ts'

const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const anyKey = fc.integer({ min: 0, max: 2 ** 31 - 1 })

function take(ring: Ring, given: number): readonly number[] {
  return Array.from({ length: given }, () => ring.next())
}

function turns(
  ring: Ring,
  { size, most, key, count }: Readonly<Record<'size' | 'most' | 'key' | 'count', number>>,
) {
  return Array.from({ length: count }, () => take(ring, ring.beginNext(size, most, key)))
}

describe('the order given', () => {
  it.each([
    { name: 'is all of it', size: 3, most: 0, want: [0, 1, 2] },
    { name: 'ends at the most', size: 5, most: 2, want: [0, 1] },
    { name: 'is no longer than there are positions', size: 2, most: 8, want: [0, 1] },
    { name: 'may be of one', size: 1, most: 1, want: [0] },
    { name: 'may be of none', size: 0, most: 8, want: [] },
  ])('$name', ({ size, most, want }) => {
    const ring = new Ring(1)

    expect(take(ring, ring.beginFirst(size, most))).toEqual(want)
  })
})

describe('turns', () => {
  it('agree with the plain reading of the rule, for any size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 45 }),
        anySeed,
        anyKey,
        (size, most, seed, key) => {
          const answers = turns(new Ring(seed), { size, most, key, count: 6 * size })
          const addresses = Array.from({ length: size }, (_, i) => String(i))

          const problems = rotationProblems(
            answers.map((answer) => answer.map(String)),
            { addresses, most },
          )

          expect(problems).toEqual([])
        },
      ),
    )
  })

  it.each([
    { name: 'a window of very many', size: 5_000, most: 8 },
    { name: 'all of so many that their order only goes round', size: 700, most: 0 },
    { name: 'the largest window whose order changes', size: 255, most: 255 },
  ])('are as fair with $name', ({ size, most }) => {
    const answers = turns(new Ring(7), { size, most, key: 64, count: 2 * size })
    const given = most === 0 ? size : most

    expect(answers.every((answer) => new Set(answer).size === given)).toBe(true)
    for (const position of [0, 1, size >> 1, size - 1]) {
      const first = answers.filter((answer) => answer[0] === position).length
      expect(first).toBeGreaterThanOrEqual(1) // once in the whole round that is in there
      expect(first).toBeLessThanOrEqual(3)
    }
  })

  it('are none of an empty ring', () => {
    expect(new Ring(1).beginNext(0, 8, 1)).toBe(0)
  })

  it('of different keys do not go together: every pair of firsts comes about equally often', () => {
    const ring = new Ring(3)
    const pairs = new Map<string, number>()

    for (let i = 0; i < 9_000; i += 1) {
      ring.beginNext(3, 0, 4_000)
      const first = ring.next()
      ring.beginNext(3, 0, 4_096)
      const pair = `${first} ${ring.next()}`
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }

    expect(pairs.size).toBe(9)
    expect(Math.min(...pairs.values())).toBeGreaterThan(850)
  })

  it('have different followers: who fails at the first address goes on to all the others', () => {
    const answers = turns(new Ring(5), { size: 4, most: 0, key: 8, count: 12_000 })
    const second = answers.filter(([first]) => first === 2).map((answer) => answer[1])
    const counts = [0, 1, 3].map((position) => second.filter((other) => other === position).length)

    expect(Math.min(...counts) / second.length).toBeGreaterThan(0.2)
  })

  it('begin elsewhere with another seed', () => {
    const firsts = [1, 2, 3, 4, 5, 6, 7, 8].map(
      (seed) => turns(new Ring(seed), { size: 97, most: 1, key: 0, count: 1 })[0]?.[0],
    )

    expect(new Set(firsts).size).toBeGreaterThan(5)
  })
})
