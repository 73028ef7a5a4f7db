import { describe, expect, it } from 'vitest'
import { objectKey } from '../../../../src/api/keys.ts'
import { ageOfRank, classNumber, classOfRank, rankOf } from '../../../../src/core/discovery/rank.ts'
import type { NameClass } from '../../../../src/core/discovery/types.ts'

const CLASSES: readonly NameClass[] = ['zone', 'static', 'canonical', 'external', 'open']

function rank(nameClass: NameClass, created: string, name: string): string {
  return rankOf({ nameClass, creationTimestamp: created, key: objectKey('ns', name) })
}

describe('rankOf', () => {
  it('orders by class, then age, then namespace/name', () => {
    const want = [
      rank('zone', '2026-04-01T00:00:00Z', 'z'),
      rank('static', '2026-03-01T00:00:00Z', 'z'),
      rank('canonical', '2026-02-01T00:00:00Z', 'a'),
      rank('external', '2026-01-01T00:00:00Z', 'b'),
      rank('open', '2025-01-01T00:00:00Z', 'a'),
      rank('open', '2025-01-01T00:00:01Z', 'a'),
      rank('open', '2025-01-01T00:00:01Z', 'b'),
    ]

    expect(want.toReversed().sort()).toEqual(want)
  })

  it.each(CLASSES)('keeps the class %s and the age apart', (nameClass) => {
    const made = rank(nameClass, '2026-01-01T00:00:00Z', 'a')

    expect(classOfRank(made)).toBe(classNumber(nameClass))
    expect(ageOfRank(made)).toBe('2026-01-01T00:00:00Z ns/a')
  })
})
