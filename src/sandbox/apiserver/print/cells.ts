import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, listOf, numberOf, textOf, valueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { ageOf } from './duration.ts'
import type { Cell, Column } from './column.ts'

const SHOWN_AT_MOST = 3

/** A column of text that is always shown. */
export function textColumn(
  name: string,
  description: string,
  cell: (object: KubeObject, nowMs: number) => Cell,
): Column {
  return { name, type: 'string', format: '', description, priority: 0, cell }
}

/** A column of whole numbers that is always shown. */
export function countColumn(name: string, description: string, path: readonly string[]): Column {
  return {
    name,
    type: 'integer',
    format: '',
    description,
    priority: 0,
    cell: (object) => numberOf(valueAt(object, path)),
  }
}

/** The same column, for `-o wide` only. */
export function wide(column: Column): Column {
  return { ...column, priority: 1 }
}

/** The column every table begins with. */
export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace',
  priority: 0,
  cell: (object) => textOf(object.metadata.name),
}

/** The time since the object was created. */
export const AGE_COLUMN: Column = textColumn('Age', 'Time since the object was created', (object, nowMs) =>
  ageOf(object.metadata.creationTimestamp, nowMs),
)

/** The moment of creation, as some kinds show it. */
export const CREATED_COLUMN: Column = {
  name: 'Created At',
  type: 'date',
  format: '',
  description: 'When the object was created',
  priority: 0,
  cell: (object) => textOf(object.metadata.creationTimestamp),
}

/** The field at a path as text; `otherwise` when it is absent or empty. */
export function textAt(object: KubeObject, path: readonly string[], otherwise = ''): string {
  return textOf(valueAt(object, path)) || otherwise
}

/** The objects in the list at a path. */
export function itemsAt(value: unknown, ...path: string[]): readonly Readonly<Fields>[] {
  return listOf(valueAt(value, path)).map(fieldsOf)
}

/** The first few of a list, and how many more there are. */
export function listWithMore(items: readonly string[]): string {
  if (items.length === 0) return '<unset>'
  const shown = items.slice(0, SHOWN_AT_MOST).join(',')
  return items.length > SHOWN_AT_MOST ? `${shown} + ${items.length - SHOWN_AT_MOST} more...` : shown
}

/** Addresses of a load balancer status: distinct, sorted. */
export function loadBalancerText(object: KubeObject): string {
  const addresses = itemsAt(object, 'status', 'loadBalancer', 'ingress').map(
    (ingress) => textOf(ingress['ip']) || textOf(ingress['hostname']),
  )
  return [...new Set(addresses.filter((address) => address !== ''))].toSorted().join(',')
}
