import { isFields } from '../model/values.ts'
import { SELF, fieldElement, fieldNameOf } from './element.ts'
import type { PathElement } from './element.ts'
import { EMPTY_SET, inOrder, isEmptySet, isMember } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { fieldRules, formOf, itemElement } from './forms.ts'
import type { ListRules, MapRules, TypeRules } from './type-rules.ts'

/**
 * The paths that an object names, as an applier owns them: plain values and atomic ones, items of lists, fields that no schema names,
 * and objects that are empty.
 * @throws FieldTypeError when items of a list cannot be told apart
 */
export function setOfObject(type: TypeRules, object: unknown): FieldSet {
  return nodeOf(type, object).inner
}

/** What a value adds to a set: itself, and paths below it. */
interface Owned {
  readonly self: boolean
  readonly inner: FieldSet
}

const LEAF: Owned = { self: true, inner: EMPTY_SET }
const NOTHING: Owned = { self: false, inner: EMPTY_SET }

function nodeOf(type: TypeRules, value: unknown): Owned {
  switch (formOf(type, value)) {
    case 'map':
      return type.map === undefined ? LEAF : ofMap(type.map, value)
    case 'list':
      return type.list === undefined ? LEAF : ofList(type.list, value)
    case 'scalar':
      return LEAF
  }
}

function ofMap(rules: MapRules, value: unknown): Owned {
  if (rules.atomic) return LEAF
  if (!isFields(value)) return NOTHING
  const inner: Record<PathElement, FieldSet> = {}
  for (const name of Object.keys(value)) {
    const item = value[name]
    if (item === undefined) continue
    const owned = nodeOf(fieldRules(rules, name), item)
    const isEmptyValue = item === null || (isFields(item) && Object.keys(item).length === 0)
    add(inner, fieldElement(name), {
      self: owned.self || isEmptyValue || rules.field(name) === undefined,
      inner: owned.inner,
    })
  }
  return { self: false, inner: inOrder(inner) }
}

function ofList(rules: ListRules, value: unknown): Owned {
  if (rules.atomic) return LEAF
  if (!Array.isArray(value)) return NOTHING
  const elements = value.map((item: unknown) => itemElement(rules, item))
  const inner: Record<PathElement, FieldSet> = {}
  for (const [index, element] of elements.entries()) {
    // Items that are there twice are owned as one, without what is in them.
    const twice = elements.indexOf(element) !== elements.lastIndexOf(element)
    add(inner, element, { self: true, inner: twice ? EMPTY_SET : nodeOf(rules.items, value[index]).inner })
  }
  return { self: false, inner: inOrder(inner) }
}

function add(inner: Record<PathElement, FieldSet>, element: PathElement, owned: Owned): void {
  if (isEmptySet(owned.inner)) {
    if (owned.self) inner[element] = EMPTY_SET
  } else inner[element] = owned.self ? { [SELF]: EMPTY_SET, ...owned.inner } : owned.inner
}

/**
 * The set with every field that the schema names on the way to one of its paths: who owns `spec.replicas` holds `spec` too, but who
 * owns an item of a map does not hold the map.
 */
export function withNamedFields(type: TypeRules, set: FieldSet): FieldSet {
  const result: Record<PathElement, FieldSet> = {}
  for (const element of Object.keys(set)) {
    const node = set[element]! // keys are its own
    if (element === SELF || isEmptySet(node)) {
      result[element] = node
      continue
    }
    const name = fieldNameOf(element)
    const inner = withNamedFields(innerRules(type, element), node)
    const named = name !== undefined && type.map?.field(name) !== undefined
    result[element] = named && !isMember(node) ? { [SELF]: EMPTY_SET, ...inner } : inner
  }
  return result
}

function innerRules(type: TypeRules, element: PathElement): TypeRules {
  const name = fieldNameOf(element)
  if (name !== undefined) return type.map === undefined ? {} : fieldRules(type.map, name)
  return element.startsWith('k:') && type.list !== undefined ? type.list.items : {}
}
