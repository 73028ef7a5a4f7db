import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectKey, type ObjectKey } from '../../../src/api/keys.ts'
import { BackendIndex } from '../../../src/controllers/backend-index.ts'

const record = (name: string): ObjectKey => objectKey('shop', name)
const [a, b, front, back] = [record('a'), record('b'), record('front'), record('back')]

describe('BackendIndex', () => {
  it('finds all records that look at a Service, as they were declared last', () => {
    const index = new BackendIndex()
    index.set(a, [front])
    index.set(b, [front, back])
    index.set(a, [back])

    expect([...index.recordsOf(front)]).toEqual([b])
    expect([...index.recordsOf(back)].sort()).toEqual([a, b])
  })

  it('forgets a record with no Services, and is not troubled by one it never knew', () => {
    const index = new BackendIndex()
    index.set(a, [front, front])
    index.set(a, [])
    index.set(b, [])

    expect([...index.recordsOf(front)]).toEqual([])
  })

  it('after any declarations, says what the last one of each record said', () => {
    const names = fc.constantFrom('w', 'x', 'y', 'z').map(record)
    const declared = fc.array(fc.tuple(names, fc.array(names, { maxLength: 4 })), { maxLength: 20 })
    fc.assert(
      fc.property(declared, names, (steps, asked) => {
        const index = new BackendIndex()
        for (const [of, services] of steps) index.set(of, services)

        const last = new Map(steps)
        const want = [...last].filter(([, services]) => services.includes(asked)).map(([of]) => of)
        expect([...index.recordsOf(asked)].sort()).toEqual(want.sort())
      }),
    )
  })
})
