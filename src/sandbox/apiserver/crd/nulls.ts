import { isFields } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import type { StructuralSchema } from './structural.ts'

/**
 * Nulls at places that take none and have no default. Bodies are read without them; a configuration that is applied keeps them, its
 * own ones as well as those of objects from which everything was removed.
 */
export function nullProblems(schema: StructuralSchema, value: unknown, field = ''): readonly FieldProblem[] {
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return []
    return value.flatMap((item, index) => nullProblems(items, item, `${field}[${index}]`))
  }
  if (!isFields(value)) return []
  return Object.keys(value).flatMap((name) => {
    const inner = innerOf(schema, name)
    if (inner === undefined || (field === '' && name === 'metadata')) return []
    const path = field === '' ? name : `${field}.${name}`
    const item = value[name]
    if (item !== null) return nullProblems(inner, item, path)
    return takesNull(inner) ? [] : [nullProblem(inner, path)]
  })
}

function innerOf(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  const { properties, additionalProperties } = schema
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name]
  return isFields(additionalProperties) ? additionalProperties : undefined
}

function takesNull(schema: StructuralSchema): boolean {
  return schema.nullable === true || schema.default !== undefined || schema.type === undefined
}

function nullProblem(schema: StructuralSchema, field: string): FieldProblem {
  const detail = `${field} in body must be of type ${schema.type ?? ''}: "null"`
  return { field, kind: 'type', detail, value: 'null' }
}
