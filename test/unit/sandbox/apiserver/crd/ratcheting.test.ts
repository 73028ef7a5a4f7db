import { describe, expect, it } from 'vitest'
import { problemsOfChange } from '../../../../../src/sandbox/apiserver/crd/ratcheting.ts'
import type { StructuralSchema } from '../../../../../src/sandbox/apiserver/crd/structural.ts'
import { combined } from '../../../../../src/sandbox/apiserver/crd/schema-problems.ts'
import type { FieldProblem } from '../../../../../src/sandbox/apiserver/types.ts'

const WORDS: StructuralSchema = {
  type: 'array',
  items: { type: 'object', properties: { word: { type: 'string' } } },
}
const SCHEMA: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'string' },
        atomic: WORDS,
        keyed: { ...WORDS, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] },
        map: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  },
}

const invalid = (field: string): FieldProblem => ({ field, kind: 'invalid', detail: 'wrong' })
const required = (field: string): FieldProblem => ({ field, kind: 'required', detail: '' })

const CASES: readonly {
  readonly name: string
  readonly old: unknown
  readonly now: unknown
  readonly problem: FieldProblem
  readonly stays: boolean
}[] = [
  {
    name: 'a value that stays may be wrong',
    old: { a: 'X', b: 1 },
    now: { a: 'X', b: 2 },
    problem: invalid('spec.a'),
    stays: false,
  },
  {
    name: 'a value that changes may not',
    old: { a: 'X' },
    now: { a: 'Y' },
    problem: invalid('spec.a'),
    stays: true,
  },
  { name: 'a value that is new may not', old: {}, now: { a: 'Y' }, problem: invalid('spec.a'), stays: true },
  {
    name: 'a field may go on missing in an object that stays',
    old: { a: 'X' },
    now: { a: 'X' },
    problem: required('spec.c'),
    stays: false,
  },
  {
    name: 'a field may not go on missing in an object that changes',
    old: { a: 'X' },
    now: { a: 'Y' },
    problem: required('spec.c'),
    stays: true,
  },
  {
    name: 'values of maps are told apart by their keys',
    old: { map: { k: 'X' } },
    now: { map: { k: 'X', l: 'Y' } },
    problem: invalid('spec.map.k'),
    stays: false,
  },
  {
    name: 'items of keyed lists are told apart by their keys, wherever they stand',
    old: { keyed: [{ id: 'one', word: 'X' }] },
    now: { keyed: [{ id: 'new' }, { id: 'one', word: 'X' }] },
    problem: invalid('spec.keyed[1].word'),
    stays: false,
  },
  {
    name: 'a new item of a keyed list is looked at',
    old: { keyed: [{ id: 'one', word: 'X' }] },
    now: {
      keyed: [
        { id: 'new', word: 'X' },
        { id: 'one', word: 'X' },
      ],
    },
    problem: invalid('spec.keyed[0].word'),
    stays: true,
  },
  {
    name: 'other lists change as a whole',
    old: { atomic: [{ word: 'X' }] },
    now: { atomic: [{ word: 'X' }, { word: 'Y' }] },
    problem: invalid('spec.atomic[0].word'),
    stays: true,
  },
  {
    name: 'alternatives are found by their words',
    old: { a: 'X', b: 1 },
    now: { a: 'X', b: 2 },
    problem: combined('"spec.a" must validate one and only one schema (oneOf). Found none valid'),
    stays: false,
  },
  {
    name: 'fractions are found by their words',
    old: { a: 1.5 },
    now: { a: 2.5 },
    problem: combined('Checked value must be of type integer (default format) in spec.a'),
    stays: true,
  },
]

describe('problemsOfChange', () => {
  it.each(CASES)('$name', ({ old, now, problem, stays }) => {
    const change = { schema: SCHEMA, now: { spec: now }, old: { spec: old } }

    expect(problemsOfChange([problem], change)).toEqual(stays ? [problem] : [])
  })
})
