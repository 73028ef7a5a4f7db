import type { KubeObject } from '../../../api/object.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../store/store.ts'
import type { Admission } from '../types.ts'
import type { ClusterIps, ResourceType, Target } from './resource.ts'

/** All resources that a cluster serves now: the built-in ones and those of its CRDs. */
export interface Catalogue {
  find(group: string, version: string, plural: string): Target | undefined
  /** True when the group serves anything. */
  servesGroup(group: string): boolean
  /** Every served resource, built-in ones first. */
  all(): readonly ResourceType[]
  /** The type whose objects a bucket holds. */
  ofBucket(bucket: string): ResourceType | undefined
  /** Grows with every change of the set. */
  readonly revision: number
  /** Be told after every change of the set. Returns the stop function. */
  onChange(listener: () => void): () => void
}

/** One cluster's state and rules, without sockets. Every request is a synchronous function of it. */
export interface Cluster {
  readonly name: string
  readonly store: Store
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly clusterIps: ClusterIps
  readonly newUid: () => string
  readonly admission: Readonly<Record<string, Admission>>
}

/** Buckets that the server itself reads. */
export const NAMESPACES = 'namespaces'
export const CRDS = 'customresourcedefinitions.apiextensions.k8s.io'

/** Time as metadata carries it: RFC 3339 in whole seconds, UTC. */
export function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}

/** True once a deletion has been asked for. */
export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}
