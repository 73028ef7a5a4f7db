import { isFields } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { keyElement, valueElement } from './element.ts'
import type { PathElement } from './element.ts'
import { DEDUCED } from './type-rules.ts'
import type { ListRules, MapRules, TypeRules } from './type-rules.ts'

/** A value that its schema cannot place; the message is told to the client. */
export class FieldTypeError extends Error {}

/** In which of the forms that its type allows a value is met; absent ones and nulls take the first. */
export function formOf(type: TypeRules, value: unknown): 'map' | 'scalar' | 'list' {
  if (value !== null && value !== undefined) {
    if (Array.isArray(value)) {
      if (type.list !== undefined) return 'list'
    } else if (typeof value === 'object') {
      if (type.map !== undefined) return 'map'
    } else if (type.scalar !== undefined) return 'scalar'
  }
  if (type.map !== undefined) return 'map'
  return type.scalar === undefined ? 'list' : 'scalar'
}

/** The rules of a field; a field that may not be there is treated as unknown. */
export function fieldRules(map: MapRules, name: string): TypeRules {
  return map.field(name) ?? map.others ?? DEDUCED
}

/** A field of an object, or undefined. */
export function fieldOf(object: Readonly<Fields> | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
}

/**
 * The element that stands for an item of a set or map list. Keys that are absent take their defaults; without one they tell nothing.
 * @throws FieldTypeError for items that cannot be told apart
 */
export function itemElement(list: ListRules, item: unknown): PathElement {
  if (list.keys.length === 0) return setElement(item)
  if (item === null) throw new FieldTypeError('associative list with keys may not have a null element')
  if (!isFields(item)) throw new FieldTypeError('associative list with keys may not have non-map elements')
  const keys: Fields = {}
  for (const name of list.keys) {
    const value = fieldOf(item, name) ?? list.items.map?.defaultOf(name)
    if (value !== undefined) keys[name] = value
  }
  if (Object.keys(keys).length > 0) return keyElement(keys)
  const shown = `[${list.keys.map((name) => JSON.stringify(name)).join(' ')}]`
  throw new FieldTypeError(
    `associative list with keys has an element that omits all key fields ${shown} (and doesn't have default values for any key fields)`,
  )
}

function setElement(item: unknown): PathElement {
  if (item === null) {
    throw new FieldTypeError("associative list without keys has an element that's an explicit null")
  }
  if (Array.isArray(item)) {
    throw new FieldTypeError('not supported: associative list with lists as elements')
  }
  if (typeof item === 'object') {
    throw new FieldTypeError("associative list without keys has an element that's a map type")
  }
  return valueElement(item)
}
