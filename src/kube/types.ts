import type { ClusterIndex, ObjectKey } from '../api/keys.ts'

/** Pure, found by `kind`, no closure: it may run in an ingest worker, beside the parser. */
export interface Projection<F> {
  readonly kind: string
  project(
    raw: unknown,
  ): { readonly key: ObjectKey; readonly facts: F } | { readonly error: string; readonly key?: ObjectKey }
  /** Equal facts raise no key: most EndpointSlice updates end here. */
  same(left: F, right: F): boolean
}

export type MemberState = 'listing' | 'synced' | 'stale' | 'gone'

/** The only thing a Connection emits; a first list is many of them, then state `synced`. */
export interface Delta<F> {
  readonly cluster: ClusterIndex
  readonly kind: string
  readonly state: MemberState
  readonly atMs: number
  readonly upserts: readonly (readonly [ObjectKey, F])[]
  readonly deletes: readonly ObjectKey[]
}
