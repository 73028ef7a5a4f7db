import fc from 'fast-check'
import { typeRulesOf } from '../../../../../src/sandbox/apiserver/fields/type-rules.ts'
import type { TypeRules, TypeSchema } from '../../../../../src/sandbox/apiserver/fields/type-rules.ts'

/** A schema with one place of each form. */
export const SCHEMA: TypeSchema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    on: { type: 'boolean' },
    either: { 'x-kubernetes-int-or-string': true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
    list: { type: 'array', items: { type: 'string' } },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: {
          port: { type: 'integer' },
          protocol: { type: 'string', default: 'TCP' },
          name: { type: 'string' },
        },
      },
    },
    inner: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    also: { $ref: 'inner' },
  },
}

/** Rules of the schema above. */
export const RULES: TypeRules = typeRulesOf(SCHEMA, (name) => ({
  name,
  schema: { type: 'object', properties: { x: { type: 'string' }, again: { $ref: name } } },
}))

const text = fc.constantFrom('1', '2')
const partOf = <T>(record: Record<string, fc.Arbitrary<T>>) => fc.record(record, { requiredKeys: [] })
const map = partOf({ a: text, b: text, c: text })
const freeValue = fc.oneof(
  text,
  fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 }),
  partOf({ p: text, q: fc.oneof(text, map) }),
)

/** Objects of that schema, small enough to meet each other. */
export const objects: fc.Arbitrary<Record<string, unknown>> = partOf<unknown>({
  text,
  count: fc.integer({ min: 1, max: 2 }),
  on: fc.boolean(),
  either: fc.oneof(text, fc.integer({ min: 1, max: 2 })),
  labels: map,
  whole: map,
  list: fc.array(text, { maxLength: 2 }),
  set: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
  items: fc.uniqueArray(
    fc.record(
      { port: fc.constantFrom(1, 2), protocol: fc.constantFrom('TCP', 'UDP'), name: text },
      { requiredKeys: ['port'] },
    ),
    { maxLength: 3, selector: (item) => `${item.port}/${item.protocol ?? 'TCP'}` },
  ),
  inner: partOf({ a: text, b: text }),
  free: partOf({ m: freeValue, n: freeValue }),
})
