import { isFields, sameValue } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { SELF, fieldElement } from './element.ts'
import type { PathElement } from './element.ts'
import { EMPTY_SET, inOrder } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { fieldOf, fieldRules, formOf, itemElement } from './forms.ts'
import type { ListRules, MapRules, TypeRules } from './type-rules.ts'

/** What differs between two states of an object, by path. */
export interface Comparison {
  readonly added: FieldSet
  readonly removed: FieldSet
  readonly modified: FieldSet
}

/** The same of one place; what is empty is absent. */
interface Difference {
  added?: Record<PathElement, FieldSet>
  removed?: Record<PathElement, FieldSet>
  modified?: Record<PathElement, FieldSet>
}

type Part = keyof Difference

const PARTS: readonly Part[] = ['added', 'removed', 'modified']

/**
 * Compare two states of an object: added and removed paths name every object and item on the way, an atomic value is one path, and
 * of two empty values only the difference between empty and absent counts.
 * @throws FieldTypeError when items of a list cannot be told apart
 */
export function compareObjects(type: TypeRules, old: unknown, next: unknown): Comparison {
  const found = compared(type, old, next) ?? {}
  return {
    added: found.added ?? EMPTY_SET,
    removed: found.removed ?? EMPTY_SET,
    modified: found.modified ?? EMPTY_SET,
  }
}

/** True when nothing differs. */
export function isSame({ added, removed, modified }: Comparison): boolean {
  return added === EMPTY_SET && removed === EMPTY_SET && modified === EMPTY_SET
}

function compared(type: TypeRules, old: unknown, next: unknown): Difference | undefined {
  if (old === next) return undefined
  const form = next === undefined ? formOf(type, old) : formOf(type, next)
  const oldForm = old === undefined ? form : formOf(type, old)
  const found = inForm(form, type, old, next)
  if (oldForm === form) return found
  // The value has changed its form: seen as each of the two.
  return joined(inForm(oldForm, type, old, next), found)
}

function inForm(form: string, type: TypeRules, old: unknown, next: unknown): Difference | undefined {
  if (form === 'map' && type.map !== undefined) return comparedMaps(type.map, old, next)
  if (form === 'list' && type.list !== undefined) return comparedLists(type.list, old, next)
  return leaf(old, next)
}

function leaf(old: unknown, next: unknown): Difference | undefined {
  if (old === undefined) return { added: EMPTY_SET }
  if (next === undefined) return { removed: EMPTY_SET }
  return sameValue(old, next) ? undefined : { modified: EMPTY_SET }
}

function comparedMaps(rules: MapRules, old: unknown, next: unknown): Difference | undefined {
  const left = isFields(old) ? old : undefined
  const right = isFields(next) ? next : undefined
  if (rules.atomic || (isEmpty(left) && isEmpty(right))) return leaf(old, next)
  const result: Difference = {}
  for (const name of Object.keys(left ?? {})) {
    const [before, after] = [left?.[name], fieldOf(right, name)]
    if (before === after) continue
    put(result, fieldElement(name), compared(fieldRules(rules, name), before, after))
  }
  for (const name of Object.keys(right ?? {})) {
    if (left !== undefined && Object.hasOwn(left, name)) continue
    const after = right?.[name]
    if (after !== undefined)
      put(result, fieldElement(name), compared(fieldRules(rules, name), undefined, after))
  }
  return finished(result, old, next)
}

function isEmpty(fields: Readonly<Fields> | undefined): boolean {
  if (fields === undefined) return true
  for (const _ in fields) return false
  return true
}

function comparedLists(rules: ListRules, old: unknown, next: unknown): Difference | undefined {
  const left: readonly unknown[] = Array.isArray(old) ? old : []
  const right: readonly unknown[] = Array.isArray(next) ? next : []
  if (rules.atomic || (left.length === 0 && right.length === 0)) return leaf(old, next)
  const result: Difference = {}
  const before = byElement(rules, left)
  const after = byElement(rules, right)
  for (const [element, items] of before) {
    put(result, element, comparedItems(rules.items, items, after.get(element) ?? []))
  }
  for (const [element, items] of after) {
    if (!before.has(element)) put(result, element, comparedItems(rules.items, [], items))
  }
  return finished(result, old, next)
}

function byElement(
  rules: ListRules,
  items: readonly unknown[],
): ReadonlyMap<PathElement, readonly unknown[]> {
  const found = new Map<PathElement, unknown[]>()
  for (const item of items) {
    const element = itemElement(rules, item)
    const others = found.get(element)
    if (others === undefined) found.set(element, [item])
    else others.push(item)
  }
  return found
}

/** Items with the same keys, usually one on each side. Those that are there twice are owned as one. */
function comparedItems(
  type: TypeRules,
  before: readonly unknown[],
  after: readonly unknown[],
): Difference | undefined {
  if (before.length <= 1 && after.length <= 1) return compared(type, before[0], after[0])
  if (before.length > 1 && after.length > 1) {
    return sameValue(before, after) ? undefined : { modified: EMPTY_SET }
  }
  if (before.length > 1) {
    const added = after.length === 0 ? undefined : compared(type, undefined, after[0])
    return joined(added, { removed: EMPTY_SET })
  }
  const removed = before.length === 0 ? undefined : compared(type, before[0], undefined)
  return joined(removed, { added: EMPTY_SET })
}

/** Objects and lists that came or went are told with what was in them. */
function finished(result: Difference, old: unknown, next: unknown): Difference | undefined {
  if (old === undefined) (result.added ??= {})[SELF] = EMPTY_SET
  else if (next === undefined) (result.removed ??= {})[SELF] = EMPTY_SET
  let any = false
  for (const part of PARTS) {
    const node = result[part]
    if (node === undefined) continue
    any = true
    const elements = Object.keys(node)
    result[part] = elements.length === 1 ? (elements[0] === SELF ? EMPTY_SET : node) : inOrder(node)
  }
  return any ? result : undefined
}

function put(result: Difference, element: PathElement, inner: Difference | undefined): void {
  if (inner === undefined) return
  if (inner.added !== undefined) (result.added ??= {})[element] = inner.added
  if (inner.removed !== undefined) (result.removed ??= {})[element] = inner.removed
  if (inner.modified !== undefined) (result.modified ??= {})[element] = inner.modified
}

function joined(left: Difference | undefined, right: Difference | undefined): Difference | undefined {
  if (left === undefined || right === undefined) return left ?? right
  const result: Difference = {}
  for (const part of PARTS) {
    const [a, b] = [left[part], right[part]]
    const node = a === undefined ? b : b === undefined ? a : joinedNodes(a, b)
    if (node !== undefined) result[part] = node
  }
  return result
}

function joinedNodes(
  left: Record<PathElement, FieldSet>,
  right: Record<PathElement, FieldSet>,
): Record<PathElement, FieldSet> {
  const self = (node: Record<PathElement, FieldSet>) => (isEmpty(node) ? { [SELF]: EMPTY_SET } : node)
  const both = { ...self(left), ...self(right) }
  return Object.keys(both).length === 1 && both[SELF] !== undefined ? EMPTY_SET : inOrder(both)
}
