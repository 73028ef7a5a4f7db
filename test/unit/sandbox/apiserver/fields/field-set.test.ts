import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EMPTY_SET,
  difference,
  hasPath,
  intersection,
  parseFieldSet,
  pathsOf,
  setOfPaths,
  sharedSet,
  union,
  without,
} from '../../../../../src/sandbox/apiserver/fields/field-set.ts'

const A = { 'f:a': {} }
const AB = { 'f:a': { 'f:b': {} } }
const A_AND_AB = { 'f:a': { '.': {}, 'f:b': {} } }

describe('sets of paths', () => {
  const cases = [
    { name: 'a path and a longer one are both there', in: union(A, AB), want: A_AND_AB },
    { name: 'difference takes exact paths, longer ones stay', in: difference(A_AND_AB, A), want: AB },
    { name: 'difference leaves the shorter path', in: difference(A_AND_AB, AB), want: A },
    { name: 'without takes longer paths along', in: without(A_AND_AB, A), want: {} },
    { name: 'without leaves the shorter path', in: without(A_AND_AB, AB), want: A },
    { name: 'intersection has what both have', in: intersection(A_AND_AB, AB), want: AB },
    { name: 'nothing in common is the empty set', in: intersection(A, AB), want: {} },
    {
      name: 'unions are in order',
      in: Object.keys(union({ 'v:"a"': {}, 'k:{"a":1}': {} }, { 'f:z': {}, 'f:b': {} })),
      want: ['f:b', 'f:z', 'k:{"a":1}', 'v:"a"'],
    },
  ]

  it.each(cases)('$name', ({ in: found, want }) => {
    expect(found).toEqual(want)
  })

  it('reading leaves out elements nobody knows, and refuses what is no tree', () => {
    expect(parseFieldSet({ 'f:b': { 'x:y': {} }, 'f:a': { '.': {} } })).toEqual({ 'f:a': {}, 'f:b': {} })
    expect(parseFieldSet({ 'f:a': 1 })).toBeUndefined()
    expect(parseFieldSet([])).toBeUndefined()
  })

  it('equal sets are shared', () => {
    expect(sharedSet({ 'f:q': { 'f:r': {} } })).toBe(sharedSet({ 'f:q': { 'f:r': {} } }))
  })
})

const paths = fc.array(
  fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}', 'v:"x"'), { minLength: 1, maxLength: 3 }),
  { maxLength: 5 },
)
const sets = paths.map(setOfPaths)
const keysOf = (set: Parameters<typeof pathsOf>[0]) =>
  pathsOf(set)
    .map((path) => path.join(' '))
    .toSorted()

describe('properties', () => {
  it('a set has the paths it was made of, once', () => {
    fc.assert(
      fc.property(paths, (given) => {
        const set = setOfPaths(given)

        expect(keysOf(set)).toEqual([...new Set(given.map((path) => path.join(' ')))].toSorted())
        for (const path of given) expect(hasPath(set, path)).toBe(true)
      }),
    )
  })

  it('operations are those of sets of paths', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const [a, b] = [keysOf(left), keysOf(right)]

        expect(keysOf(union(left, right))).toEqual([...new Set([...a, ...b])].toSorted())
        expect(keysOf(difference(left, right))).toEqual(a.filter((path) => !b.includes(path)))
        expect(keysOf(intersection(left, right))).toEqual(a.filter((path) => b.includes(path)))
        expect(keysOf(without(left, right))).toEqual(
          a.filter((path) => !b.some((other) => path === other || path.startsWith(`${other} `))),
        )
      }),
    )
  })

  it('what changes nothing returns what it was given', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        expect(union(left, left)).toBe(left)
        expect(difference(left, EMPTY_SET)).toBe(left)
        expect(union(union(left, right), right)).toEqual(union(left, right))
      }),
    )
  })

  it('the written form of a set is read as the same set', () => {
    fc.assert(
      fc.property(sets, (set) => {
        const text = JSON.stringify(set)

        expect(JSON.stringify(parseFieldSet(JSON.parse(text)))).toBe(text)
      }),
    )
  })
})
