/** Any JSON object. */
export type Fields = Record<string, unknown>

/** True for JSON objects: neither null nor a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as an object, or an empty one: for reading optional parts of objects that were decoded. */
export function fieldsOf(value: unknown): Readonly<Fields> {
  return isFields(value) ? value : {}
}

/** The value as a list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value as text, or empty. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The value as a number, or `otherwise`. */
export function numberOf(value: unknown, otherwise = 0): number {
  return typeof value === 'number' ? value : otherwise
}

/** Read along a path of field names; undefined when a step is missing. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let here = value
  for (const name of path) {
    if (!isFields(here) || !Object.hasOwn(here, name)) return undefined
    here = here[name]
  }
  return here
}

/** A copy of `object` with the value at `path` replaced; `undefined` removes it. Objects on the way are made. */
export function withValueAt<T>(object: T, path: readonly string[], value: unknown): T {
  const [name, ...rest] = path
  if (name === undefined) return value as T // an empty path names the whole
  const copy: Fields = isFields(object) ? { ...object } : {}
  const next = rest.length === 0 ? value : withValueAt(copy[name], rest, value)
  if (next === undefined) delete copy[name]
  else setField(copy, name, next)
  return copy as T
}

/** Assign an own field whatever its name: `__proto__` from a request stays a plain field. */
export function setField(fields: Fields, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true })
  } else fields[name] = value
}

/** A deep copy of JSON. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item)) as T
  if (!isFields(value)) return value
  const copy: Fields = {}
  for (const name of Object.keys(value)) setField(copy, name, copyOf(value[name]))
  return copy as T
}

/** Equal JSON, whatever the order of fields. An absent field and one of value undefined are the same. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index]))
    )
  }
  if (!isFields(left) || !isFields(right)) return false
  const names = Object.keys(left).filter((name) => left[name] !== undefined)
  const others = Object.keys(right).filter((name) => right[name] !== undefined)
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(right, name) && sameValue(left[name], right[name]))
  )
}

/** Freeze JSON all the way down; what is frozen already is left alone. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
