import type { KubeObject } from '../../../api/object.ts'
import { EMPTY_SET, setOfPaths } from '../fields/field-set.ts'
import type { FieldSet } from '../fields/field-set.ts'
import { FieldTypeError } from '../fields/forms.ts'
import type { Tracking, VersionView } from '../ownership/change.ts'
import { NO_OWNERS, entriesOf, isReset, parseOwners } from '../ownership/owners.ts'
import type { ManagedFieldsEntry, Owners } from '../ownership/owners.ts'
import { ownersAfterUpdate } from '../ownership/update.ts'
import { timestamp } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { apiVersionOf, apiVersionOfTarget, presented } from './resource.ts'
import type { Target } from './resource.ts'

/** Which part of an object a request writes. */
export type WrittenPart = 'main' | 'status'

/** What tracking needs to know of a resource. */
export function trackingOf(target: Target, part: WrittenPart): Tracking {
  return {
    apiVersion: apiVersionOfTarget(target),
    types: target.version.types,
    subresource: part === 'main' ? '' : part,
    ignored: ignoredBy(target, part),
    version: (apiVersion) => viewOf(target, apiVersion),
  }
}

const STATUS = setOfPaths([['f:status']])
const kept = new WeakMap<Target['type'], FieldSet>()

/** Paths that an endpoint does not write, whatever it is sent. */
function ignoredBy({ type, version }: Target, part: WrittenPart): FieldSet {
  if (part === 'main') return version.status ? STATUS : EMPTY_SET
  const known = kept.get(type)
  if (known !== undefined) return known
  const made = setOfPaths(type.statusKeeps.map((path) => path.map((name) => `f:${name}`)))
  kept.set(type, made)
  return made
}

function viewOf(target: Target, apiVersion: string): VersionView | undefined {
  const { type, version } = target
  const other = type.versions.find((served) => apiVersionOf(type.group, served.version) === apiVersion)
  if (other === undefined) return undefined
  return {
    types: other.types,
    convert: (object) => {
      const stored = version.toStored?.(object as KubeObject) ?? (object as KubeObject) // objects of this resource
      return other.fromStored?.(stored) ?? { ...stored, apiVersion }
    },
  }
}

/** A write whose owners are to be told. */
export interface TrackedWrite {
  readonly manager: string
  readonly part: WrittenPart
  /** The stored object; undefined on create. */
  readonly old: KubeObject | undefined
  /** The new state in the version of the request, before the server adds what it sets itself. */
  readonly next: KubeObject
  /** `metadata.managedFields` as the request has it, before anything was left out. */
  readonly given: unknown
}

/**
 * `metadata.managedFields` after a create, replacement or patch that is no apply. A client may change the entries themselves; an
 * object without any is not tracked until somebody applies.
 */
export function entriesAfterUpdate(
  cluster: Cluster,
  target: Target,
  write: TrackedWrite,
): readonly ManagedFieldsEntry[] | undefined {
  const { part, manager, next } = write
  const live = write.old === undefined ? undefined : presented(target, write.old)
  const owners = ownersBefore(write, live)
  if (owners.size === 0 && live !== undefined) return undefined
  const tracking = trackingOf(target, part)
  const old = live ?? emptyObject(target)
  const time = timestamp(cluster.clock.nowMs())
  try {
    const after = ownersAfterUpdate(tracking, owners, { manager, old: bare(old), next: bare(next), time })
    return entriesOf(after.values())
  } catch (error) {
    // As the real server: an object that cannot be tracked is written all the same, and nobody owns it.
    if (error instanceof FieldTypeError) return undefined
    throw error
  }
}

/** The object of which a create is the difference. */
export function emptyObject(target: Target): Readonly<Record<string, unknown>> {
  return target.version.empty ?? { apiVersion: apiVersionOfTarget(target), kind: target.type.kind }
}

function ownersBefore({ part, given }: TrackedWrite, live: KubeObject | undefined): Owners {
  const before = (): Owners => parseOwners(live?.metadata['managedFields']) ?? NO_OWNERS
  if (part !== 'main') return before()
  if (isReset(given)) return NO_OWNERS
  const owners = parseOwners(given)
  return owners === undefined || owners.size === 0 ? before() : owners
}

/** An object without the entries themselves. */
export function bare<T>(object: T): T {
  const { metadata } = object as { readonly metadata?: Readonly<Record<string, unknown>> } // any object of the API
  if (metadata === undefined || metadata['managedFields'] === undefined) return object
  const { managedFields: _, ...rest } = metadata
  return { ...object, metadata: rest }
}
