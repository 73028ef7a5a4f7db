import { sameValue } from '../model/values.ts'
import { difference, intersection, isEmptySet, union, without } from '../fields/field-set.ts'
import type { FieldSet } from '../fields/field-set.ts'
import { mergeObjects } from '../fields/merge.ts'
import { setOfObject, withNamedFields } from '../fields/object-set.ts'
import { removePaths } from '../fields/remove.ts'
import type { TypeRules } from '../fields/type-rules.ts'
import { owned, takeFrom, underPresentSchemas } from './change.ts'
import type { Conflict, Tracking } from './change.ts'
import { identityOf, withFields } from './owners.ts'
import type { Owner, Owners } from './owners.ts'

/** A configuration that somebody applies. */
export interface ApplyChange {
  readonly manager: string
  readonly live: unknown
  readonly config: unknown
  readonly force: boolean
  readonly time: string
}

/** What applying does. */
export type Applied =
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] }
  /** `object` is undefined when nothing but owners changes. */
  | { readonly kind: 'applied'; readonly object: unknown; readonly owners: Owners }

/**
 * Apply a configuration: it is merged into the object; fields that its manager applied before and names no more are removed unless
 * somebody else owns them; fields of others that it changes are conflicts, or taken by force. Equal values are shared.
 * @throws FieldTypeError when items of a list cannot be told apart
 */
export function applied(tracking: Tracking, given: Owners, change: ApplyChange): Applied {
  const owners = underPresentSchemas(tracking, given)
  const { types, apiVersion, subresource, ignored } = tracking
  const merged = mergeObjects(types, change.live, change.config)
  const set = without(setOfObject(types, change.config), ignored)
  const self = { manager: change.manager, operation: 'Apply', apiVersion, subresource } as const
  const id = identityOf(self)
  const last = owners.get(id)
  const claimed = new Map(owners)
  claimed.set(id, { ...self, ...(last?.time === undefined ? {} : { time: last.time }), fields: set })
  const next = last === undefined ? merged : pruned(tracking, merged, last, claimed)
  const taken = takeFrom(tracking, claimed, { old: change.live, next, self: id })
  if (!change.force && taken.conflicts.length > 0) return { kind: 'conflict', conflicts: taken.conflicts }
  const changed = !sameValue(change.live, next)
  const result = new Map(taken.owners)
  const mine = result.get(id)
  const kept = mine === undefined ? undefined : withFields(mine, owned(mine.fields))
  if (kept === undefined) result.delete(id)
  else result.set(id, changed ? { ...kept, time: change.time } : kept)
  return { kind: 'applied', object: changed ? next : undefined, owners: result }
}

/** The merged object without what its applier has given up and nobody else owns. */
function pruned(tracking: Tracking, merged: unknown, last: Owner, claimed: Owners): unknown {
  const view = last.apiVersion === tracking.apiVersion ? tracking : tracking.version(last.apiVersion)
  if (view === undefined) return merged
  const { types } = view
  const before = withNamedFields(types, last.fields)
  let kept = removePaths(types, merged, before)
  for (const [apiVersion, fields] of fieldsByVersion(claimed)) {
    const other = apiVersion === tracking.apiVersion ? tracking : tracking.version(apiVersion)
    if (other !== undefined) kept = withOwned(other.types, merged, { kept, fields })
  }
  // What nobody owns, but was not this applier's either, stays.
  const all = withNamedFields(types, setOfObject(types, merged))
  const lost = difference(all, withNamedFields(types, setOfObject(types, kept)))
  return removePaths(types, merged, intersection(lost, before))
}

function fieldsByVersion(owners: Owners): ReadonlyMap<string, FieldSet> {
  const result = new Map<string, FieldSet>()
  for (const { apiVersion, fields } of owners.values()) {
    result.set(apiVersion, union(result.get(apiVersion) ?? {}, fields))
  }
  return result
}

/** Of what was removed, that comes back which somebody owns. */
function withOwned(
  types: TypeRules,
  merged: unknown,
  { kept, fields }: { readonly kept: unknown; readonly fields: FieldSet },
): unknown {
  if (isEmptySet(fields)) return kept
  const all = withNamedFields(types, setOfObject(types, merged))
  const wanted = union(withNamedFields(types, setOfObject(types, kept)), withNamedFields(types, fields))
  return removePaths(types, merged, difference(all, wanted))
}
