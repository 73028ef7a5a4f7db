import { isFields, setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { fieldElement } from './element.ts'
import type { PathElement } from './element.ts'
import { isEmptySet, isMember } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { fieldRules, formOf, itemElement } from './forms.ts'
import type { TypeRules } from './type-rules.ts'

/**
 * An object without the values at the paths of a set. What loses all that was in it is null, as the real server leaves it.
 * @throws FieldTypeError when items of a list cannot be told apart
 */
export function removePaths(type: TypeRules, object: unknown, gone: FieldSet): unknown {
  if (isEmptySet(gone)) return object
  const form = formOf(type, object)
  if (form === 'map' && type.map !== undefined) {
    const { map } = type
    if (map.atomic || !isFields(object)) return null
    const result: Fields = {}
    for (const name of Object.keys(object)) {
      const kept = withoutPaths(fieldRules(map, name), object[name], gone[fieldElement(name)])
      if (kept !== REMOVED) setField(result, name, kept)
    }
    return Object.keys(result).length === 0 ? null : result
  }
  if (form === 'list' && type.list !== undefined) {
    const { list } = type
    if (list.atomic || !Array.isArray(object)) return null
    const items = object
      .map((item: unknown) => withoutPaths(list.items, item, nodeAt(gone, itemElement(list, item))))
      .filter((item) => item !== REMOVED)
    return items.length === 0 ? null : items
  }
  return object
}

const REMOVED = Symbol('removed')

function nodeAt(set: FieldSet, element: PathElement): FieldSet | undefined {
  return Object.hasOwn(set, element) ? set[element] : undefined
}

function withoutPaths(type: TypeRules, value: unknown, gone: FieldSet | undefined): unknown {
  if (gone === undefined) return value
  return isMember(gone) ? REMOVED : removePaths(type, value, gone)
}
