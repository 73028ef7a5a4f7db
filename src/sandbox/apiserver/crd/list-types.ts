import { isFields, listOf, sameValue } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import type { StructuralSchema } from './structural.ts'

/** Items that a list of type `set` or `map` holds twice. */
export function listTypeProblems(
  schema: StructuralSchema,
  value: unknown,
  field = '',
): readonly FieldProblem[] {
  if (Array.isArray(value)) {
    const { items } = schema
    return [
      ...duplicates(schema, value, field),
      ...(items === undefined
        ? []
        : value.flatMap((item, index) => listTypeProblems(items, item, `${field}[${index}]`))),
    ]
  }
  if (!isFields(value)) return []
  return Object.keys(value).flatMap((name) => {
    const inner = schema.properties?.[name] ?? schema.additionalProperties
    const path = field === '' ? name : `${field}.${name}`
    return isFields(inner) ? listTypeProblems(inner, value[name], path) : []
  })
}

function duplicates(
  schema: StructuralSchema,
  items: readonly unknown[],
  field: string,
): readonly FieldProblem[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = listOf(schema['x-kubernetes-list-map-keys']).map(String)
  const identities = items.map((item) => (type === 'set' ? item : keyOf(item, keys, schema.items)))
  return identities.flatMap((identity, index) => {
    const first = identities.findIndex((other) => sameValue(other, identity))
    return first < index
      ? [{ field: `${field}[${index}]`, kind: 'duplicate' as const, detail: '', value: identity }]
      : []
  })
}

function keyOf(item: unknown, keys: readonly string[], schema: StructuralSchema | undefined): unknown {
  if (!isFields(item)) return item
  return Object.fromEntries(keys.map((key) => [key, item[key] ?? schema?.properties?.[key]?.default]))
}
