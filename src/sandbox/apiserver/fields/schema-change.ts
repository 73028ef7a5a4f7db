import { fieldNameOf, SELF } from './element.ts'
import type { PathElement } from './element.ts'
import { EMPTY_SET, isEmptySet, sharedSet } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { DEDUCED } from './type-rules.ts'
import type { TypeRules } from './type-rules.ts'

const known = new WeakMap<TypeRules, WeakMap<FieldSet, FieldSet>>()

/**
 * A set that was written under an older schema, as the present one sees it: a place that is owned as a whole now is owned as a whole
 * by everybody who owned a part of it. The other way round nothing changes.
 */
export function underSchema(type: TypeRules, set: FieldSet): FieldSet {
  const sets = known.get(type) ?? new WeakMap<FieldSet, FieldSet>()
  known.set(type, sets)
  const shared = sharedSet(set)
  const found = sets.get(shared)
  if (found !== undefined) return found
  const made = nodeUnder(type, shared)
  sets.set(shared, made)
  return made
}

function nodeUnder(type: TypeRules, node: FieldSet): FieldSet {
  if (isEmptySet(node)) return node
  if (type.map !== undefined) {
    if (type.map.atomic) return EMPTY_SET
    const { map } = type
    // What is seen field by field only for want of a schema never changed.
    if (map === DEDUCED.map) return node
    return childrenUnder(node, (element) => {
      const name = fieldNameOf(element)
      return name === undefined ? undefined : (map.field(name) ?? map.others)
    })
  }
  if (type.list === undefined) return node
  if (type.list.atomic) return EMPTY_SET
  const { items } = type.list
  return childrenUnder(node, () => items)
}

function childrenUnder(node: FieldSet, rulesOf: (element: PathElement) => TypeRules | undefined): FieldSet {
  let result: Record<PathElement, FieldSet> | undefined
  for (const element of Object.keys(node)) {
    const inner = node[element]! // keys are its own
    const rules = element === SELF ? undefined : rulesOf(element)
    const kept = rules === undefined ? inner : nodeUnder(rules, inner)
    if (kept === inner) continue
    result ??= { ...node }
    result[element] = kept
  }
  return result ?? node
}
