import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillDefaults, prune } from '../../../../../src/sandbox/apiserver/crd/structural.ts'
import type { StructuralSchema } from '../../../../../src/sandbox/apiserver/crd/structural.ts'

const SPEC: StructuralSchema = {
  type: 'object',
  properties: {
    a: { type: 'string', default: 'A' },
    nullable: { type: 'string', nullable: true, default: 'N' },
    inner: { type: 'object', properties: { deep: { type: 'integer', default: 7 } } },
    filled: { type: 'object', default: {}, properties: { deep: { type: 'integer', default: 7 } } },
    list: { type: 'array', items: { type: 'object', properties: { x: { type: 'integer', default: 1 } } } },
    map: { type: 'object', additionalProperties: { type: 'object', properties: { y: { type: 'integer' } } } },
    free: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: {} } },
    },
    any: { type: 'object', additionalProperties: true },
    embedded: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { spec: { type: 'object' } },
    },
  },
}

const ROOT: StructuralSchema = { type: 'object', properties: { spec: SPEC } }

describe('prune', () => {
  it.each([
    {
      name: 'what is not specified goes, everywhere',
      in: {
        spec: {
          a: 'x',
          odd: 1,
          inner: { deep: 1, odd: 2 },
          list: [{ x: 1, odd: 3 }],
          map: { k: { y: 1, odd: 4 } },
        },
      },
      want: { spec: { a: 'x', inner: { deep: 1 }, list: [{ x: 1 }], map: { k: { y: 1 } } } },
      gone: ['spec.odd', 'spec.inner.odd', 'spec.list[0].odd', 'spec.map.k.odd'],
    },
    {
      name: 'kind, apiVersion and metadata of the object stay',
      in: { apiVersion: 'v1', kind: 'X', metadata: { anything: 1 }, odd: 1 },
      want: { apiVersion: 'v1', kind: 'X', metadata: { anything: 1 } },
      gone: ['odd'],
    },
    {
      name: 'preserved unknown fields stay, specified ones below are still pruned',
      in: { spec: { free: { odd: { x: 1 }, known: { odd: 1 } } } },
      want: { spec: { free: { odd: { x: 1 }, known: {} } } },
      gone: ['spec.free.known.odd'],
    },
    {
      name: 'additionalProperties: true keeps all',
      in: { spec: { any: { x: { y: 1 } } } },
      want: { spec: { any: { x: { y: 1 } } } },
      gone: [],
    },
    {
      name: 'embedded objects have typed metadata',
      in: {
        spec: {
          embedded: { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', odd: 1 }, spec: { b: 1 }, odd: 1 },
        },
      },
      want: { spec: { embedded: { apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, spec: {} } } },
      gone: ['spec.embedded.metadata.odd', 'spec.embedded.spec.b', 'spec.embedded.odd'],
    },
    {
      name: 'values of another shape are left to validation',
      in: { spec: { inner: 7, list: 'x' } },
      want: { spec: { inner: 7, list: 'x' } },
      gone: [],
    },
  ])('$name', ({ in: value, want, gone }) => {
    const unknown: string[] = []

    expect(prune(ROOT, value, unknown)).toEqual(want)
    expect(unknown).toEqual(gone)
  })
})

describe('fillDefaults', () => {
  it.each([
    {
      name: 'absent fields get their default, also below a default',
      in: {},
      want: { a: 'A', nullable: 'N', filled: { deep: 7 } },
    },
    {
      name: 'absent objects without a default stay absent',
      in: { inner: {} },
      want: { a: 'A', nullable: 'N', inner: { deep: 7 }, filled: { deep: 7 } },
    },
    {
      name: 'items and values of maps too',
      in: { list: [{}], filled: {} },
      want: { a: 'A', nullable: 'N', list: [{ x: 1 }], filled: { deep: 7 } },
    },
    {
      name: 'null of a nullable field stays',
      in: { nullable: null, filled: {} },
      want: { a: 'A', nullable: null, filled: { deep: 7 } },
    },
    {
      name: 'null of another field is an absent one',
      in: { a: null, map: { k: null } },
      want: { a: 'A', nullable: 'N', map: {}, filled: { deep: 7 } },
    },
  ])('$name', ({ in: value, want }) => {
    expect(fillDefaults(SPEC, value)).toEqual(want)
  })

  it('shares no default between objects', () => {
    const first = fillDefaults(SPEC, {}) as { filled: { deep: number } }
    first.filled.deep = 8

    expect(fillDefaults(SPEC, {})).toMatchObject({ filled: { deep: 7 } })
  })
})

describe('properties', () => {
  const value = fc.record({
    spec: fc.dictionary(fc.constantFrom('a', 'inner', 'list', 'map', 'free', 'any', 'odd'), fc.jsonValue()),
  })

  it('what was pruned and filled once is pruned and filled', () => {
    fc.assert(
      fc.property(value, (object) => {
        const once = prune(ROOT, fillDefaults(ROOT, object), [])
        const unknown: string[] = []

        expect(prune(ROOT, fillDefaults(ROOT, once), unknown)).toEqual(once)
        expect(unknown).toEqual([])
      }),
    )
  })
})
