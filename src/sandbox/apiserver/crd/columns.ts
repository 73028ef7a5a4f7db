import { AGE_COLUMN, NAME_COLUMN } from '../print/cells.ts'
import type { Cell, Column } from '../print/column.ts'
import { ageOf } from '../print/duration.ts'
import { compileJsonPath } from '../print/jsonpath.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../model/values.ts'

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/
const TYPES = ['string', 'integer', 'number', 'boolean', 'date'] as const

/** The table columns of one version of a CRD: its own, or the age where it names none. */
export function columnsOf(printerColumns: unknown): readonly Column[] {
  const own = listOf(printerColumns).map(fieldsOf)
  return [NAME_COLUMN, ...(own.length === 0 ? [{ ...AGE_COLUMN, type: 'date' as const }] : own.map(columnOf))]
}

function columnOf(definition: Readonly<Record<string, unknown>>): Column {
  const path = textOf(definition['jsonPath'])
  const type = TYPES.find((name) => name === definition['type']) ?? 'string'
  const find = compileJsonPath(path)
  return {
    name: textOf(definition['name']),
    type,
    format: textOf(definition['format']),
    description:
      textOf(definition['description']) || `Custom resource definition column (in JSONPath format): ${path}`,
    priority: numberOf(definition['priority']),
    cell: (object, nowMs) => cellOf(type, find?.(object)[0], nowMs),
  }
}

/** A value that does not fit its column is no value. */
function cellOf(type: Column['type'], value: unknown, nowMs: number): Cell {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'date':
      if (typeof value !== 'string') return null
      return RFC3339.test(value) ? ageOf(value, nowMs) : '<invalid>'
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}
