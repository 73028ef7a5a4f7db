import { describe, expect, it } from 'vitest'
import { findCondition, withConditions } from '../../../src/api/conditions.ts'
import type { Condition } from '../../../src/api/conditions.ts'

const EARLIER = '2026-11-20T10:00:00Z'
const NOW = '2026-11-20T11:00:00Z'
const ready: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Published',
  message: 'all is well',
  lastTransitionTime: EARLIER,
  observedGeneration: 1,
}
const said = {
  type: 'Ready',
  status: 'True',
  reason: 'Published',
  message: 'all is well',
  observedGeneration: 1,
} as const

describe('withConditions', () => {
  it.each([
    {
      name: 'a first condition gets the time',
      before: [],
      said: [said],
      want: [{ ...ready, lastTransitionTime: NOW }],
    },
    {
      name: 'another reason keeps the time',
      before: [ready],
      said: [{ ...said, reason: 'Partly' }],
      want: [{ ...ready, reason: 'Partly' }],
    },
    {
      name: 'another status moves the time',
      before: [ready],
      said: [{ ...said, status: 'False' as const }],
      want: [{ ...ready, status: 'False', lastTransitionTime: NOW }],
    },
    {
      name: 'what is not said again stays, sorted by type',
      before: [ready],
      said: [{ type: 'Degraded', status: 'True', reason: 'LastKnownGood', message: '' } as const],
      want: [
        { type: 'Degraded', status: 'True', reason: 'LastKnownGood', message: '', lastTransitionTime: NOW },
        ready,
      ],
    },
    {
      name: 'doubles collapse into the last',
      before: [{ ...ready, reason: 'Old' }, ready],
      said: [],
      want: [ready],
    },
  ])('$name', (row) => {
    expect(withConditions(row.before, row.said, NOW)).toEqual(row.want)
  })

  it('gives the same list when nothing changed, so that no write follows', () => {
    const before = [ready]

    expect(withConditions(before, [said], NOW)).toBe(before)
  })
})

describe('findCondition', () => {
  it('finds by type, also in nothing', () => {
    expect(findCondition([ready], 'Ready')).toBe(ready)
    expect(findCondition([ready], 'Degraded')).toBeUndefined()
    expect(findCondition(undefined, 'Ready')).toBeUndefined()
  })
})
