import { compareObjects } from '../fields/compare.ts'
import type { Comparison } from '../fields/compare.ts'
import {
  difference,
  intersection,
  isEmptySet,
  isMember,
  setOfPaths,
  union,
  without,
} from '../fields/field-set.ts'
import type { FieldSet } from '../fields/field-set.ts'
import { fieldNameOf } from '../fields/element.ts'
import { isFields } from '../model/values.ts'
import { underSchema } from '../fields/schema-change.ts'
import type { TypeRules } from '../fields/type-rules.ts'
import { withFields } from './owners.ts'
import type { Owner, Owners } from './owners.ts'

/** How a resource looks in one of its versions. */
export interface VersionView {
  readonly types: TypeRules
  /** An object of the version asked for, in this one. */
  convert(object: unknown): unknown
}

/** What is known about the objects whose owners are tracked. */
export interface Tracking {
  /** `group/version` of the request. */
  readonly apiVersion: string
  readonly types: TypeRules
  /** Empty for the object itself. */
  readonly subresource: string
  /** Paths that this endpoint does not write. */
  readonly ignored: FieldSet
  /** The resource in another version; undefined: it is served no more. */
  version(apiVersion: string): VersionView | undefined
}

/** Fields that an owner would lose. */
export interface Conflict {
  readonly owner: Owner
  readonly fields: FieldSet
}

/** What a change does to its owners. */
export interface Taken {
  /** Everybody with what is left to them. */
  readonly owners: Owners
  readonly conflicts: readonly Conflict[]
  /** What changed, in the version of the request. */
  readonly comparison: Comparison
}

/** Metadata that nobody owns. */
const UNOWNED = setOfPaths([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
])

/** A set without the metadata that nobody owns. */
export function owned(set: FieldSet): FieldSet {
  return difference(set, UNOWNED)
}

/** Owners as the present schemas see them. */
export function underPresentSchemas(tracking: Tracking, owners: Owners): Owners {
  let result: Map<string, Owner> | undefined
  for (const [id, owner] of owners) {
    const view = owner.apiVersion === tracking.apiVersion ? tracking : tracking.version(owner.apiVersion)
    const fields = view === undefined ? owner.fields : underSchema(view.types, owner.fields)
    if (fields === owner.fields) continue
    result ??= new Map(owners)
    result.set(id, { ...owner, fields })
  }
  return result ?? owners
}

/**
 * Take changed fields from everybody but one: what was set is lost to the others, what was removed to all.
 * @param self - identity of the owner who makes the change; keeps all it has
 */
export function takeFrom(
  tracking: Tracking,
  owners: Owners,
  change: { readonly old: unknown; readonly next: unknown; readonly self: string },
): Taken {
  const comparison = compared(tracking, tracking.types, change)
  const versions = new Map<string, Comparison>([[tracking.apiVersion, comparison]])
  const left = new Map<string, Owner>()
  const conflicts: Conflict[] = []
  for (const [id, owner] of owners) {
    if (id === change.self) {
      if (!isEmptySet(owner.fields)) left.set(id, owner)
      continue
    }
    const seen = versions.get(owner.apiVersion) ?? seenIn(tracking, owner.apiVersion, change)
    if (seen === undefined) continue // of a version that is gone
    versions.set(owner.apiVersion, seen)
    const lost = intersection(owner.fields, union(seen.modified, seen.added))
    if (!isEmptySet(lost)) conflicts.push({ owner, fields: lost })
    const kept = withFields(owner, difference(difference(owner.fields, lost), seen.removed))
    if (kept !== undefined) left.set(id, kept)
  }
  return { owners: left, conflicts, comparison }
}

function seenIn(
  tracking: Tracking,
  apiVersion: string,
  { old, next }: { readonly old: unknown; readonly next: unknown },
): Comparison | undefined {
  const view = tracking.version(apiVersion)
  if (view === undefined) return undefined
  return compared(tracking, view.types, { old: view.convert(old), next: view.convert(next) })
}

function compared(
  { ignored }: Tracking,
  types: TypeRules,
  { old, next }: { readonly old: unknown; readonly next: unknown },
): Comparison {
  const names = Object.keys(ignored).filter((element) => isMember(ignored[element]))
  const { added, removed, modified } = compareObjects(types, lessFields(old, names), lessFields(next, names))
  return {
    added: without(added, ignored),
    removed: without(removed, ignored),
    modified: without(modified, ignored),
  }
}

/** Whole fields that are ignored need no comparison. */
function lessFields(object: unknown, elements: readonly string[]): unknown {
  if (elements.length === 0 || !isFields(object)) return object
  const rest = { ...object }
  for (const element of elements) delete rest[fieldNameOf(element) ?? '']
  return rest
}
