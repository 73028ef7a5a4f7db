import { union, without } from '../fields/field-set.ts'
import { owned, takeFrom, underPresentSchemas } from './change.ts'
import type { Tracking } from './change.ts'
import { capped, identityOf, withFields } from './owners.ts'
import type { Owner, Owners } from './owners.ts'

/** A create, replacement or patch that is no apply. */
export interface UpdateChange {
  /** Who makes it. */
  readonly manager: string
  readonly old: unknown
  readonly next: unknown
  /** Time of the change as metadata carries it. */
  readonly time: string
}

/**
 * The owners after an update: what it set is its manager's alone, what it removed is nobody's, equal values stay whose they are.
 * The time of an entry moves only when its manager takes something.
 * @throws FieldTypeError when items of a list cannot be told apart
 */
export function ownersAfterUpdate(tracking: Tracking, given: Owners, change: UpdateChange): Owners {
  const owners = underPresentSchemas(tracking, given)
  const { owners: left, comparison } = takeFrom(tracking, owners, { ...change, self: '' })
  const taken = owned(without(union(comparison.modified, comparison.added), tracking.ignored))
  const result = new Map(left)
  const self = {
    manager: change.manager === '' ? 'unknown' : change.manager,
    operation: 'Update',
    apiVersion: tracking.apiVersion,
    subresource: tracking.subresource,
  } as const
  const id = identityOf(self)
  const mine: Owner | undefined = withFields({ ...self, time: change.time, fields: {} }, taken)
  if (mine !== undefined) {
    const before = left.get(id)
    result.set(id, before === undefined ? mine : { ...mine, fields: union(taken, before.fields) })
  }
  return capped(result)
}
