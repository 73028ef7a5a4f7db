import type { ClusterIndex, ObjectKey, OwnerKey } from '../api/keys.ts'
import type { ObjectMeta } from '../api/object.ts'

/** What is read of an object of one of our kinds. */
export interface Read<T, S = unknown> {
  readonly asked: T
  /** Undefined: none yet, or not of its schema. */
  readonly status: S | undefined
}

/** An object of the host cluster, as last read: whole, or with what is wrong about it (the shape of KindFacts of kube/). */
export type HostObject<T, S = unknown> =
  | { readonly kind: 'ok'; readonly metadata: ObjectMeta; readonly value: Read<T, S> }
  | {
      readonly kind: 'rejected'
      readonly metadata: ObjectMeta
      readonly problems: readonly string[]
      readonly status?: S | undefined
    }

/** What was written of an object before; undefined: nothing, or nothing of its schema. */
export function statusOf<S>(object: HostObject<unknown, S> | undefined): S | undefined {
  return object?.kind === 'ok' ? object.value.status : object?.status
}

/** Objects of one kind in the host cluster. */
export interface HostObjects<T, S = unknown> {
  get(key: ObjectKey): HostObject<T, S> | undefined
  keys(): Iterable<ObjectKey>
}

/** Facts of one kind in the member clusters, as last read. */
export interface MemberFacts<F> {
  get(key: ObjectKey, cluster: ClusterIndex): F | undefined
}

/** Whether a member can be seen (DESIGN 5.2). */
export interface Sessions {
  live(cluster: ClusterIndex): boolean
  /** When it was last seen, or began to be waited for. */
  lostSinceMs(cluster: ClusterIndex): number
}

/** Owners whose status is to be looked at. */
export interface Reports {
  mark(owner: OwnerKey): void
}

/** Something a user must mend; becomes a condition and an event. */
export interface Complaint {
  /** CamelCase. */
  readonly reason: string
  /** What is wrong, where, and what to do. */
  readonly message: string
}

/** What an object is told that the rules of its kind refuse. */
export function invalid(problems: readonly string[]): Complaint {
  return { reason: 'Invalid', message: `cannot be used as it is: ${problems.join('; ')}` }
}

/** A record that publishes nothing, and why. */
export interface BlockedRecord<P> {
  readonly kind: 'blocked'
  readonly metadata: ObjectMeta
  readonly complaint: Complaint
  /** It, or its Domain, cannot be read: what it asks for is not known, so outputs outside keep what they hold of it. */
  readonly isUnreadable: boolean
  /** What it was when it was published last. */
  readonly last?: P | undefined
}
