import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareObjects, isSame } from '../../../../../src/sandbox/apiserver/fields/compare.ts'
import { difference, pathsOf } from '../../../../../src/sandbox/apiserver/fields/field-set.ts'
import { FieldTypeError } from '../../../../../src/sandbox/apiserver/fields/forms.ts'
import { mergeObjects } from '../../../../../src/sandbox/apiserver/fields/merge.ts'
import { setOfObject, withNamedFields } from '../../../../../src/sandbox/apiserver/fields/object-set.ts'
import { removePaths } from '../../../../../src/sandbox/apiserver/fields/remove.ts'
import { typeProblems } from '../../../../../src/sandbox/apiserver/fields/type-problem.ts'
import { RULES, objects } from './fixtures.ts'

describe('setOfObject', () => {
  const cases = [
    { name: 'plain values', in: { text: 'a', count: 1 }, want: { 'f:count': {}, 'f:text': {} } },
    {
      name: 'entries of a map, not the map',
      in: { labels: { a: '1' } },
      want: { 'f:labels': { 'f:a': {} } },
    },
    { name: 'an empty map is itself', in: { labels: {} }, want: { 'f:labels': {} } },
    { name: 'an atomic map is one', in: { whole: { a: '1' } }, want: { 'f:whole': {} } },
    { name: 'a list is one', in: { list: ['a'] }, want: { 'f:list': {} } },
    { name: 'a set by its values', in: { set: ['b', 'a'] }, want: { 'f:set': { 'v:"a"': {}, 'v:"b"': {} } } },
    { name: 'an empty set is nothing', in: { set: [] }, want: {} },
    {
      name: 'items by their keys, defaults filled',
      in: { items: [{ port: 1, name: 'n' }] },
      want: { 'f:items': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
    },
    {
      name: 'items that are there twice are one, without what is in them',
      in: { items: [{ port: 1 }, { port: 1, protocol: 'TCP' }] },
      want: { 'f:items': { 'k:{"port":1,"protocol":"TCP"}': {} } },
    },
    {
      name: 'fields that no schema names are there themselves',
      in: { free: { a: { b: 1 }, l: [1] } },
      want: { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:l': {} } },
    },
    { name: 'null is a value', in: { labels: null }, want: { 'f:labels': {} } },
    {
      name: 'references lead anywhere',
      in: { also: { again: { x: '1' } } },
      want: { 'f:also': { 'f:again': { 'f:x': {} } } },
    },
  ]

  it.each(cases)('$name', ({ in: object, want }) => {
    expect(setOfObject(RULES, object)).toEqual(want)
  })

  it('items without any of their keys cannot be told apart', () => {
    const rules = { list: { atomic: false, keys: ['id'], items: RULES } }

    expect(() => setOfObject(rules, [{ text: 'x' }])).toThrow(FieldTypeError)
    expect(() => setOfObject(rules, [null])).toThrow('may not have a null element')
    expect(() => setOfObject(RULES, { set: [{}] })).toThrow("that's a map type")
  })
})

describe('compareObjects', () => {
  const none = { added: {}, removed: {}, modified: {} }
  const cases = [
    { name: 'the same', in: [{ text: 'a' }, { text: 'a' }], want: none },
    {
      name: 'another value',
      in: [{ text: 'a' }, { text: 'b' }],
      want: { ...none, modified: { 'f:text': {} } },
    },
    {
      name: 'a new object is told with what is in it',
      in: [{}, { inner: { a: '1' } }],
      want: { ...none, added: { 'f:inner': { '.': {}, 'f:a': {} } } },
    },
    {
      name: 'what is added to an object does not add the object',
      in: [{ inner: {} }, { inner: { a: '1' } }],
      want: { ...none, added: { 'f:inner': { 'f:a': {} } } },
    },
    {
      name: 'null and absent lists differ from each other only',
      in: [{ set: null }, { set: ['a'] }],
      want: { ...none, added: { 'f:set': { 'v:"a"': {} } } },
    },
    {
      name: 'the order of a set says nothing',
      in: [{ set: ['a', 'b'] }, { set: ['b', 'a'] }],
      want: none,
    },
    {
      name: 'the order of a list does',
      in: [{ list: ['a', 'b'] }, { list: ['b', 'a'] }],
      want: { ...none, modified: { 'f:list': {} } },
    },
    {
      name: 'items are compared by key',
      in: [
        { items: [{ port: 1, name: 'a' }, { port: 2 }] },
        { items: [{ port: 3 }, { port: 1, name: 'b' }] },
      ],
      want: {
        added: { 'f:items': { 'k:{"port":3,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
        removed: { 'f:items': { 'k:{"port":2,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
        modified: { 'f:items': { 'k:{"port":1,"protocol":"TCP"}': { 'f:name': {} } } },
      },
    },
    {
      name: 'an item that becomes two',
      in: [{ items: [{ port: 1 }] }, { items: [{ port: 1 }, { port: 1 }] }],
      want: {
        added: { 'f:items': { 'k:{"port":1,"protocol":"TCP"}': {} } },
        removed: { 'f:items': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
        modified: {},
      },
    },
    {
      name: 'a value that changes its form',
      in: [{ free: { a: 1 } }, { free: { a: { b: 1 } } }],
      want: {
        added: { 'f:free': { 'f:a': { 'f:b': {} } } },
        removed: {},
        modified: { 'f:free': { 'f:a': {} } },
      },
    },
  ]

  it.each(cases)('$name', ({ in: [old, next], want }) => {
    expect(compareObjects(RULES, old, next)).toEqual(want)
  })
})

describe('mergeObjects', () => {
  const cases = [
    {
      name: 'fields are laid over',
      in: [{ text: 'a', count: 1 }, { text: 'b' }],
      want: { text: 'b', count: 1 },
    },
    {
      name: 'atomic maps are replaced',
      in: [{ whole: { a: '1' } }, { whole: { b: '1' } }],
      want: { whole: { b: '1' } },
    },
    { name: 'sets grow', in: [{ set: ['a', 'b'] }, { set: ['c', 'a'] }], want: { set: ['c', 'a', 'b'] } },
    {
      name: 'items merge; the configuration keeps its order',
      in: [
        { items: [{ port: 1, name: 'a' }, { port: 2 }, { port: 3 }] },
        {
          items: [
            { port: 3, name: 'c' },
            { port: 1, protocol: 'TCP' },
          ],
        },
      ],
      want: {
        items: [{ port: 2 }, { port: 3, name: 'c' }, { port: 1, name: 'a', protocol: 'TCP' }],
      },
    },
    { name: 'empty takes the place of empty', in: [{ list: null }, { list: [] }], want: { list: [] } },
  ]

  it.each(cases)('$name', ({ in: [live, config], want }) => {
    expect(mergeObjects(RULES, live, config)).toEqual(want)
  })
})

describe('removePaths', () => {
  it('what loses everything is null', () => {
    const object = { inner: { a: '1' }, labels: { a: '1', b: '2' }, set: ['a'] }
    const gone = { 'f:inner': { 'f:a': {} }, 'f:labels': { 'f:b': {} }, 'f:set': { 'v:"a"': {} } }

    expect(removePaths(RULES, object, gone)).toEqual({ inner: null, labels: { a: '1' }, set: null })
  })

  it('a removed field takes along what is in it', () => {
    expect(removePaths(RULES, { text: 'a', inner: { a: '1' } }, { 'f:inner': {} })).toEqual({ text: 'a' })
  })
})

describe('withNamedFields', () => {
  it('fields of the schema are there on the way, entries of maps are not', () => {
    const set = { 'f:inner': { 'f:a': {} }, 'f:free': { 'f:x': { 'f:y': {} } } }

    expect(withNamedFields(RULES, set)).toEqual({
      'f:inner': { '.': {}, 'f:a': {} },
      'f:free': { '.': {}, 'f:x': { 'f:y': {} } },
    })
  })
})

describe('typeProblems', () => {
  const cases = [
    {
      name: 'a fitting object',
      in: { text: 'a', count: 1.5, on: true, either: 'x', free: { z: [{}] } },
      want: [],
    },
    { name: 'nulls fit anywhere', in: { text: null, items: null, labels: null }, want: [] },
    { name: 'a field nobody knows', in: { nope: 1 }, want: ['.nope: field not declared in schema'] },
    {
      name: 'a number for text',
      in: { text: 1 },
      want: ['.text: expected string, got &value.valueUnstructured{Value:1}'],
    },
    {
      name: 'text for a number',
      in: { count: 'x' },
      want: ['.count: expected numeric (int or float), got string'],
    },
    { name: 'text for a boolean', in: { on: 'x' }, want: ['.on: expected boolean, got &{x}'] },
    { name: 'text for a list', in: { list: 'x' }, want: ['.list: expected list, got &{x}'] },
    { name: 'a list for a map', in: { labels: [1] }, want: ['.labels: expected map, got &{[1]}'] },
    {
      name: 'an item of another type',
      in: { list: ['a', 1] },
      want: ['.list[1]: expected string, got &value.valueUnstructured{Value:1}'],
    },
    {
      name: 'a value twice in a set',
      in: { set: ['a', 'a'] },
      want: ['.set: duplicate entries for key [="a"]'],
    },
    {
      name: 'items with the same keys',
      in: { items: [{ port: 1 }, { port: 1, protocol: 'TCP' }] },
      want: ['.items: duplicate entries for key [port=1,protocol="TCP"]'],
    },
    {
      name: 'a field of an item',
      in: { items: [{ port: 1, name: 2 }] },
      want: ['.items[port=1,protocol="TCP"].name: expected string, got &value.valueUnstructured{Value:2}'],
    },
  ]

  it.each(cases)('$name', ({ in: object, want }) => {
    expect(typeProblems(RULES, object)).toEqual(want)
  })
})

describe('properties', () => {
  it('an object differs from itself in nothing, in any order of fields', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const turned = Object.fromEntries(Object.entries(object).toReversed())

        expect(isSame(compareObjects(RULES, object, turned))).toBe(true)
      }),
    )
  })

  it('what was added one way was removed the other way', () => {
    fc.assert(
      fc.property(objects, objects, (one, other) => {
        const there = compareObjects(RULES, one, other)
        const back = compareObjects(RULES, other, one)

        expect(back.removed).toEqual(there.added)
        expect(back.added).toEqual(there.removed)
      }),
    )
  })

  it('merging an object into itself changes nothing', () => {
    fc.assert(
      fc.property(objects, (object) => {
        expect(mergeObjects(RULES, object, object)).toEqual(object)
      }),
    )
  })

  it('a merged configuration is wholly in the result', () => {
    fc.assert(
      fc.property(objects, objects, (live, config) => {
        const { removed, modified } = compareObjects(RULES, config, mergeObjects(RULES, live, config))

        expect(pathsOf(removed)).toEqual([])
        expect(pathsOf(difference(modified, setOfObject(RULES, live)))).toEqual([])
      }),
    )
  })

  it('all paths of an object removed leave nothing of it', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const left = removePaths(RULES, object, withNamedFields(RULES, setOfObject(RULES, object)))
        const empty = left === null ? {} : left

        expect(setOfObject(RULES, empty)).toEqual({})
      }),
    )
  })
})
