import { isFields, listOf } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import { definition, resolved } from './schema.ts'
import type { Schema } from './schema.ts'

/** Values that are not among those a field's schema lists, but in status. Empty strings pass: they are absent ones. */
export function enumProblems(name: string, object: unknown): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  collect(definition(name).schema, object, '', problems)
  return problems
}

function collect(schema: Schema, value: unknown, field: string, problems: FieldProblem[]): void {
  if (schema.enum !== undefined) {
    if (typeof value === 'string' && value !== '' && !schema.enum.includes(value)) {
      const values = schema.enum.filter((known) => known !== '').map((known) => JSON.stringify(known))
      problems.push({ field, kind: 'unsupported', detail: `supported values: ${values.join(', ')}`, value })
    }
    return
  }
  if (schema.type === 'array') {
    const items = resolved(schema.items ?? {}).schema
    for (const [index, item] of listOf(value).entries()) collect(items, item, `${field}[${index}]`, problems)
    return
  }
  if (!isFields(value)) return
  for (const name of Object.keys(value)) {
    if (field === '' && name === 'status') continue
    const inner = schema.properties?.[name] ?? schema.additionalProperties
    if (inner !== undefined) {
      collect(resolved(inner).schema, value[name], field === '' ? name : `${field}.${name}`, problems)
    }
  }
}
