import { policyOfFinalizers } from '../model/deletion-policy.ts'
import type { DeletionPolicy } from '../model/deletion-policy.ts'

/**
 * What is known of an owner that a reference names:
 * `there`; `waiting`: under foreground deletion, so that its dependents go first; `gone`: absent, or another object under its name;
 * `unknown`: of a kind that nobody serves, or one that the object cannot have (a namespaced owner of a cluster-scoped object).
 */
export type OwnerState = 'there' | 'waiting' | 'gone' | 'unknown'

/** One owner of an object. */
export interface OwnerSeen {
  readonly uid: string
  readonly state: OwnerState
}

/** An object that has owners and is not being deleted. */
export interface Dependent {
  readonly owners: readonly OwnerSeen[]
  readonly finalizers: readonly string[]
  /** It owns something itself. */
  readonly hasDependents: boolean
}

/** What becomes of a dependent. */
export type Fate =
  | { readonly kind: 'stay' }
  /** It has other owners: these are taken from its references. */
  | { readonly kind: 'forget'; readonly owners: readonly string[] }
  /** `unblocks`: before it is deleted, its references stop to block, so that a circle of owners does not wait for itself. */
  | { readonly kind: 'delete'; readonly policy: DeletionPolicy; readonly unblocks: boolean }

/**
 * Decide on an object by its owners, as kube-controller-manager's garbage collector does. It stays while one owner is there; one that
 * cannot be told keeps it as it is. Without owners it goes: in the foreground when an owner waits for it and it has dependents of its
 * own, else as its own finalizers say.
 */
export function fateOf(dependent: Dependent, inCircle: boolean): Fate {
  const { owners } = dependent
  if (owners.length === 0 || owners.some(({ state }) => state === 'unknown')) return { kind: 'stay' }
  const lost = owners.filter(({ state }) => state !== 'there').map(({ uid }) => uid)
  if (lost.length === 0) return { kind: 'stay' }
  if (lost.length < owners.length) return { kind: 'forget', owners: lost }
  if (dependent.hasDependents && owners.some(({ state }) => state === 'waiting')) {
    return { kind: 'delete', policy: 'Foreground', unblocks: inCircle }
  }
  const policy = policyOfFinalizers(dependent.finalizers) ?? 'Background'
  return { kind: 'delete', policy, unblocks: false }
}
