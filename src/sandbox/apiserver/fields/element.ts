import type { Fields } from '../model/values.ts'

/**
 * One step of a path in an object, as FieldsV1 writes it: `f:name` (a field), `k:{"name":"web"}` (the item of a map list with these
 * keys), `v:"a"` (the item of a set), `i:0` (an index), `.` (the place itself).
 */
export type PathElement = string

/** The element that says: the place itself. */
export const SELF = '.'

const KINDS = ['.', 'f', 'k', 'v', 'i']

/** The element of a field. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

/** The element of an item of a map list. Keys are written in the order of their names. */
export function keyElement(keys: Readonly<Fields>): PathElement {
  const names = Object.keys(keys)
  if (names.length === 1) return `k:${JSON.stringify(keys)}`
  return `k:${JSON.stringify(Object.fromEntries(names.toSorted().map((name) => [name, keys[name]])))}`
}

/** The element of an item of a set. */
export function valueElement(value: unknown): PathElement {
  return `v:${JSON.stringify(value)}`
}

/** Name of the field that an element stands for; undefined for items of lists. */
export function fieldNameOf(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined
}

/** True for an element that this server can read: another kind of prefix or broken JSON is none. */
export function isPathElement(element: string): boolean {
  if (element === SELF || element.startsWith('f:')) return true
  if (element.startsWith('i:')) return /^\d+$/.test(element.slice(2))
  if (!element.startsWith('k:') && !element.startsWith('v:')) return false
  const value = jsonOf(element)
  return element.startsWith('v:') ? value !== undefined : typeof value === 'object' && value !== null
}

/** Order of elements as the real server writes them: the place itself, fields, keyed items, values, indices. */
export function compareElements(left: PathElement, right: PathElement): number {
  if (left === right) return 0
  const [a, b] = [left.charAt(0), right.charAt(0)]
  if (a !== b) return KINDS.indexOf(a) - KINDS.indexOf(b)
  if (a === 'k') return compareKeys(jsonOf(left), jsonOf(right))
  if (a === 'v') return compareValues(jsonOf(left), jsonOf(right))
  if (a === 'i') return Number(left.slice(2)) - Number(right.slice(2))
  return left < right ? -1 : 1
}

/** A path as errors show it: `.spec.ports[port=80,protocol="TCP"].name`. */
export function shownPath(path: readonly PathElement[]): string {
  return path.map(shownElement).join('')
}

/** One element as errors show it. */
export function shownElement(element: PathElement): string {
  switch (element.charAt(0)) {
    case 'f':
      return `.${element.slice(2)}`
    case 'k': {
      const keys = Object.entries(jsonOf(element) as Fields) // made by keyElement or checked
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
    }
    case 'v':
      return `[=${element.slice(2)}]`
    default:
      return `[${element.slice(2)}]`
  }
}

function jsonOf(element: PathElement): unknown {
  try {
    return JSON.parse(element.slice(2)) as unknown
  } catch {
    return undefined
  }
}

function compareKeys(left: unknown, right: unknown): number {
  const [a, b] = [Object.entries(left as Fields), Object.entries(right as Fields)] // both are keyed items
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (name !== other[0]) return name < other[0] ? -1 : 1
    const order = compareValues(value, other[1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const TYPES = ['number', 'string', 'boolean', 'object']

function compareValues(left: unknown, right: unknown): number {
  if (typeof left !== typeof right) return TYPES.indexOf(typeof left) - TYPES.indexOf(typeof right)
  if (typeof left === 'number') return left - Number(right)
  if (typeof left === 'boolean') return Number(left) - Number(right)
  const [a, b] =
    typeof left === 'string' ? [left, String(right)] : [JSON.stringify(left), JSON.stringify(right)]
  return a < b ? -1 : a > b ? 1 : 0
}
