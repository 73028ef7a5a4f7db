import { frozen, isFields } from '../model/values.ts'
import { SELF, compareElements, isPathElement } from './element.ts'
import type { PathElement } from './element.ts'

/**
 * A set of paths, in the very form in which `fieldsV1` carries it: a tree by path elements. An inner node without children is a path
 * of the set; one with children is one only when it has the child `.`. At the root no children means the empty set.
 * Sets are immutable and share what is equal: an operation that changes nothing returns its first argument.
 */
export interface FieldSet {
  readonly [element: PathElement]: FieldSet
}

/** The empty set; inside a set: a path without longer ones. */
export const EMPTY_SET: FieldSet = Object.freeze({})

const SELF_ONLY: FieldSet = Object.freeze({ [SELF]: EMPTY_SET })

/** True for the set without paths. */
export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** The set of these paths. */
export function setOfPaths(paths: readonly (readonly PathElement[])[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => union(set, setOfPath(path)), EMPTY_SET)
}

function setOfPath(path: readonly PathElement[]): FieldSet {
  return path.reduceRight<FieldSet>((inner, element) => ({ [element]: inner }), EMPTY_SET)
}

/** Every path of a set: those of a level first, then those below each. */
export function pathsOf(set: FieldSet): readonly (readonly PathElement[])[] {
  return pathsBelow(set, [])
}

function pathsBelow(node: FieldSet, prefix: readonly PathElement[]): readonly (readonly PathElement[])[] {
  const elements = Object.keys(node).filter((element) => element !== SELF)
  const own = elements
    .filter((element) => isMember(node[element]))
    .map((element) => [...prefix, element] as const)
  return [...own, ...elements.flatMap((element) => pathsBelow(node[element]!, [...prefix, element]))] // keys are its own
}

/** True when the path itself is in the set. */
export function hasPath(set: FieldSet, path: readonly PathElement[]): boolean {
  let node: FieldSet | undefined = path.length === 0 ? undefined : set
  for (const element of path) node = node?.[element]
  return isMember(node)
}

/** True when a child of a set's node is itself a path of the set. */
export function isMember(node: FieldSet | undefined): boolean {
  return node !== undefined && (isEmptySet(node) || node[SELF] !== undefined)
}

/** Paths of either. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left
  if (isEmptySet(left)) return right
  let grown = false
  let result: Record<PathElement, FieldSet> | undefined
  for (const element of Object.keys(right)) {
    const [mine, other] = [left[element], right[element]!] // keys are its own
    const joined = mine === undefined ? other : unionOfNodes(mine, other)
    if (joined === mine) continue
    if (mine === undefined) grown = true
    result ??= { ...left }
    result[element] = joined
  }
  return result === undefined ? left : grown ? inOrder(result) : result
}

function unionOfNodes(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left
  return union(isEmptySet(left) ? SELF_ONLY : left, isEmptySet(right) ? SELF_ONLY : right)
}

/** Paths of the first that are not in the second; longer paths stay. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return filtered(left, right, (mine, other) =>
    collapsed(difference(isEmptySet(mine) ? SELF_ONLY : mine, isEmptySet(other) ? SELF_ONLY : other)),
  )
}

/** Paths of the first that are neither in the second nor below one of the second. */
export function without(left: FieldSet, right: FieldSet): FieldSet {
  return filtered(left, right, (mine, other) => {
    if (isMember(other)) return undefined
    const kept = without(mine, other)
    return kept === mine ? mine : collapsed(kept)
  })
}

/** Paths of both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const result: Record<PathElement, FieldSet> = {}
  for (const element of Object.keys(left)) {
    const [mine, other] = [left[element]!, right[element]] // keys are its own
    if (other === undefined) continue
    if (element === SELF) {
      result[SELF] = EMPTY_SET
      continue
    }
    const [a, b] = [isEmptySet(mine) ? SELF_ONLY : mine, isEmptySet(other) ? SELF_ONLY : other]
    const node = collapsed(intersection(a, b))
    if (node !== undefined) result[element] = node
  }
  return result
}

/** Keep of the first what `step` leaves of each node that the second has too. */
function filtered(
  left: FieldSet,
  right: FieldSet,
  step: (mine: FieldSet, other: FieldSet) => FieldSet | undefined,
): FieldSet {
  let result: Record<PathElement, FieldSet> | undefined
  for (const element of Object.keys(right)) {
    const mine = left[element]
    if (mine === undefined) continue
    const kept = element === SELF ? undefined : step(mine, right[element]!) // keys are its own
    if (kept === mine) continue
    result ??= { ...left }
    if (kept === undefined) delete result[element]
    else result[element] = kept
  }
  return result ?? left
}

/** A node of which nothing is left is none; one that is only itself is written as the empty node. */
function collapsed(node: FieldSet): FieldSet | undefined {
  const elements = Object.keys(node)
  if (elements.length === 0) return undefined
  return elements.length === 1 && elements[0] === SELF ? EMPTY_SET : node
}

/** The same node with its elements in order; nodes below are in order already. */
export function inOrder(node: FieldSet): FieldSet {
  const elements = Object.keys(node)
  if (elements.every((element, index) => index === 0 || compareElements(elements[index - 1]!, element) < 0))
    // index is above 0
    return node
  return Object.fromEntries(elements.sort(compareElements).map((element) => [element, node[element]!])) // keys are its own
}

/**
 * Read a set from the JSON of `fieldsV1`. Elements of kinds that nobody knows are left out.
 * @returns undefined when it is no tree of objects
 */
export function parseFieldSet(value: unknown): FieldSet | undefined {
  if (!isFields(value)) return undefined
  if (known.has(value)) return value as FieldSet // one of ours
  const result: Record<PathElement, FieldSet> = {}
  for (const element of Object.keys(value)) {
    if (!isPathElement(element)) continue
    const inner = element === SELF ? EMPTY_SET : parseFieldSet(value[element])
    if (inner === undefined) return undefined
    result[element] = isEmptySet(inner) ? EMPTY_SET : (collapsed(inner) ?? EMPTY_SET)
  }
  return Object.keys(result).length === 0 ? EMPTY_SET : inOrder(result)
}

const MAX_SHARED = 2_000
const shared = new Map<string, FieldSet>()
const known = new WeakSet<object>()

/**
 * The one frozen instance of an equal set. Thousands of objects are written alike: they share what is owned of them, and reading it
 * again costs nothing.
 */
export function sharedSet(set: FieldSet): FieldSet {
  if (known.has(set)) return set
  const text = JSON.stringify(set)
  const found = shared.get(text)
  if (found !== undefined) return found
  const made = frozen(set)
  known.add(made)
  if (shared.size >= MAX_SHARED) shared.clear()
  shared.set(text, made)
  return made
}
