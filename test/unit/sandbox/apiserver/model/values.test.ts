import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  copyOf,
  frozen,
  sameValue,
  setField,
  valueAt,
  withValueAt,
} from '../../../../../src/sandbox/apiserver/model/values.ts'
import type { Fields } from '../../../../../src/sandbox/apiserver/model/values.ts'

describe('values', () => {
  it.each([
    {
      name: 'order of fields does not matter',
      in: [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      want: true,
    },
    {
      name: 'order of items does',
      in: [
        [1, 2],
        [2, 1],
      ],
      want: false,
    },
    { name: 'an undefined field is an absent one', in: [{ a: 1, b: undefined }, { a: 1 }], want: true },
    { name: 'null is not absent', in: [{ a: null }, {}], want: false },
    { name: 'a list is no object', in: [[], {}], want: false },
    { name: 'inherited names are no fields', in: [{ toString: undefined, a: 1 }, { a: 1 }], want: true },
    { name: 'numbers are no text', in: [1, '1'], want: false },
  ])('sameValue: $name', ({ in: [left, right], want }) => {
    expect(sameValue(left, right)).toBe(want)
  })

  it.each([
    { name: 'makes the objects on the way', in: [{}, ['a', 'b'], 1], want: { a: { b: 1 } } },
    {
      name: 'leaves the rest alone',
      in: [{ a: { c: 2 }, d: 3 }, ['a', 'b'], 1],
      want: { a: { c: 2, b: 1 }, d: 3 },
    },
    {
      name: 'removes with undefined',
      in: [{ a: { b: 1, c: 2 } }, ['a', 'b'], undefined],
      want: { a: { c: 2 } },
    },
    { name: 'replaces the whole with an empty path', in: [{ a: 1 }, [], 7], want: 7 },
  ])('withValueAt $name', ({ in: [object, path, value], want }) => {
    expect(withValueAt(object, path as string[], value)).toEqual(want)
  })

  it('withValueAt changes no argument', () => {
    const object = frozen({ a: { b: 1 } })

    withValueAt(object, ['a', 'b'], 2)

    expect(object).toEqual({ a: { b: 1 } })
  })

  it('valueAt reads own fields only', () => {
    expect(valueAt({ a: { b: 1 } }, ['a', 'b'])).toBe(1)
    expect(valueAt({}, ['toString'])).toBeUndefined()
    expect(valueAt(null, ['a'])).toBeUndefined()
  })

  it('setField makes __proto__ a field like others', () => {
    const fields: Fields = {}

    setField(fields, '__proto__', { polluted: true })

    expect(Object.keys(fields)).toEqual(['__proto__'])
    expect(fields['polluted']).toBeUndefined()
    expect(Object.keys(copyOf(fields))).toEqual(['__proto__'])
  })
})

describe('properties', () => {
  it('a copy is the same and shares nothing that can change', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = copyOf(frozen(value))

        expect(sameValue(copy, value)).toBe(true)
        expect(typeof copy !== 'object' || copy === null || !Object.isFrozen(copy)).toBe(true)
      }),
    )
  })

  it('sameValue agrees with the text of sorted fields', () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : typeof value === 'object' && value !== null
          ? Object.entries(value)
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, inner]) => [name, sorted(inner)])
          : value
    const text = (value: unknown) => JSON.stringify([sorted(value), Array.isArray(value)])

    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        fc.pre(!text(left).includes('-0') && !text(right).includes('-0'))
        expect(sameValue(left, left)).toBe(true)
        expect(sameValue(left, right)).toBe(sameValue(right, left))
      }),
    )
  })
})
