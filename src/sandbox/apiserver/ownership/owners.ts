import { isFields, textOf } from '../model/values.ts'
import { isEmptySet, parseFieldSet, sharedSet, union } from '../fields/field-set.ts'
import type { FieldSet } from '../fields/field-set.ts'

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  /** RFC 3339, whole seconds. Absent where an operation took nothing that changed. */
  readonly time?: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: FieldSet
  readonly subresource?: string
}

/** Who wrote which fields how. */
export interface Owner {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  /** Version that the fields are named in. */
  readonly apiVersion: string
  /** Empty for the object itself. */
  readonly subresource: string
  readonly time?: string
  readonly fields: FieldSet
}

/** Owners by their identity. */
export type Owners = ReadonlyMap<string, Owner>

export const NO_OWNERS: Owners = new Map()

/** What makes two entries the same owner: an applier is the same in every version, an updater is not. */
export function identityOf(owner: Omit<Owner, 'fields' | 'time'>): string {
  const version = owner.operation === 'Apply' ? '' : owner.apiVersion
  return JSON.stringify([owner.manager, owner.operation, version, owner.subresource])
}

/** The owner with other fields; undefined when none are left. */
export function withFields(owner: Owner, fields: FieldSet): Owner | undefined {
  return isEmptySet(fields) ? undefined : fields === owner.fields ? owner : { ...owner, fields }
}

const parsed = new WeakMap<object, Owners>()

/**
 * Read `metadata.managedFields`.
 * @returns undefined when an entry is not valid; then none of them counts
 */
export function parseOwners(entries: unknown): Owners | undefined {
  if (!Array.isArray(entries)) return NO_OWNERS
  const known = parsed.get(entries)
  if (known !== undefined) return known
  const owners = new Map<string, Owner>()
  for (const entry of entries as readonly unknown[]) {
    const owner = parseOwner(entry)
    if (owner === undefined) return undefined
    owners.set(identityOf(owner), owner)
  }
  if (Object.isFrozen(entries)) parsed.set(entries, owners)
  return owners
}

function parseOwner(entry: unknown): Owner | undefined {
  if (!isFields(entry)) return undefined
  const { operation } = entry
  const apiVersion = textOf(entry['apiVersion'])
  const time = textOf(entry['time'])
  const fields = entry['fieldsV1'] === undefined ? undefined : parseFieldSet(entry['fieldsV1'])
  if (operation !== 'Apply' && operation !== 'Update') return undefined
  if (apiVersion === '' || entry['fieldsType'] !== 'FieldsV1') return undefined
  if (entry['fieldsV1'] !== undefined && fields === undefined) return undefined
  return {
    manager: textOf(entry['manager']),
    operation,
    apiVersion,
    subresource: textOf(entry['subresource']),
    ...(time === '' ? {} : { time }),
    fields: fields ?? {},
  }
}

/** True for what a client writes to have all owners forgotten: an empty list, or one empty entry. */
export function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false
  const [first] = entries as readonly unknown[]
  return entries.length === 0 || (entries.length === 1 && isFields(first) && Object.keys(first).length === 0)
}

/**
 * Write `metadata.managedFields`: appliers first, then by time and name.
 * @returns undefined for nobody: the field is absent then
 */
export function entriesOf(owners: Iterable<Owner>): readonly ManagedFieldsEntry[] | undefined {
  const entries = [...owners].sort(inWrittenOrder).map(entryOf)
  return entries.length === 0 ? undefined : entries
}

function entryOf(owner: Owner): ManagedFieldsEntry {
  const { manager, operation, apiVersion, time, fields, subresource } = owner
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: sharedSet(fields),
    ...(subresource === '' ? {} : { subresource }),
  }
}

function inWrittenOrder(left: Owner, right: Owner): number {
  return (
    inOrder(left.operation, right.operation) ||
    inOrder(left.time ?? '', right.time ?? '') ||
    inOrder(left.manager, right.manager) ||
    inOrder(left.apiVersion, right.apiVersion) ||
    inOrder(left.subresource, right.subresource)
  )
}

function inOrder(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Updaters kept apart; what is above that is told under one name. */
const MAX_UPDATERS = 10
const OLD_UPDATERS = 'ancient-changes'

/** Lay the oldest updaters of a version together while there are too many. */
export function capped(owners: Owners): Owners {
  const updaters = [...owners].filter(([, owner]) => owner.operation === 'Update')
  let left = updaters.length
  if (left <= MAX_UPDATERS) return owners
  const result = new Map(owners)
  const oldest = new Map<string, string>()
  updaters.sort(([a, one], [b, other]) => inOrder(one.time ?? '', other.time ?? '') || inOrder(a, b))
  for (const [id, owner] of updaters) {
    if (left <= MAX_UPDATERS) break
    const { apiVersion, time, fields } = owner
    const first = oldest.get(apiVersion)
    if (first === undefined) {
      oldest.set(apiVersion, id)
      continue
    }
    const together = { manager: OLD_UPDATERS, operation: 'Update', apiVersion, subresource: '' } as const
    const bucket = identityOf(together)
    const before = result.get(bucket) ?? result.get(first)
    if (!result.has(bucket)) result.delete(first)
    const joined = before === undefined ? fields : union(fields, before.fields)
    result.set(bucket, { ...together, ...(time === undefined ? {} : { time }), fields: joined })
    result.delete(id)
    left -= 1
  }
  return result
}
