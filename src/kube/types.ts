import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import type { ResourceId } from '../api/object.ts'

export type Projected<F> =
  | { readonly key: ObjectKey; readonly facts: F }
  /** The object breaks a rule of its kind. With a key: what was known of that object stays. */
  | { readonly error: string; readonly key?: ObjectKey }

/** Pure, found by `kind`, no closure: it may run in an ingest worker, beside the parser. */
export interface Projection<F> {
  readonly kind: string
  project(raw: unknown): Projected<F>
  /** Equal facts raise no key: most EndpointSlice updates end here. */
  same(left: F, right: F): boolean
  /** The uid, where facts carry it: another one is a delete and an add (node-stack 2.2, fault 16). */
  uid?(facts: F): string | undefined
}

/**
 * listing: its first list is not complete · synced: complete, heard of within 90 s · stale: was complete, and is what was
 * last known · gone: the cluster was removed.
 */
export type MemberState = 'listing' | 'synced' | 'stale' | 'gone'

/**
 * The only thing a Connection emits; a first list is many of them, then state `synced`. Plain data. Deletes come before
 * upserts: a key in both was deleted and made again. Without either it says that the cluster was heard of.
 */
export interface Delta<F> {
  readonly cluster: ClusterIndex
  readonly kind: string
  readonly state: MemberState
  readonly atMs: number
  readonly upserts: readonly (readonly [ObjectKey, F])[]
  readonly deletes: readonly ObjectKey[]
}

/** Takes the deltas of one kind, and knows what it took: a list-watch compares with that instead of keeping a copy. */
export interface Sink<F> {
  apply(delta: Delta<F>): void
  held(cluster: ClusterIndex, key: ObjectKey): F | undefined
  heldKeys(cluster: ClusterIndex): Iterable<ObjectKey>
}

/** What to watch of a kind. */
export interface WatchSpec<F> {
  readonly resource: ResourceId
  readonly projection: Projection<F>
  /** One namespace; without it all of them, or a cluster-scoped kind. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Ask for metadata only (PartialObjectMetadata). */
  readonly metadataOnly?: boolean
  /** False: the cluster's session does not depend on it (true). */
  readonly required?: boolean
}
