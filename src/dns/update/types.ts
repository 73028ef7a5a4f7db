import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'

/** A zone as UPDATE sees it: names exactly, no wildcards, no aliases followed (RFC 2136, 1.1). */
export interface UpdateZone {
  readonly origin: DomainName
  /** The zone that holds the name is this one: it is at or below the origin, and not in a zone of ours further down. */
  holds(name: DomainName): boolean
  /** What is at exactly this name; nothing where there is no such name, or only names below it. */
  at(name: DomainName): readonly RecordSet[]
}

/** What one record of the update section asks for (RFC 2136, 2.5). */
export interface AskedChange {
  readonly kind: 'add' | 'remove' | 'remove-set' | 'remove-name'
  readonly name: DomainName
  /** ANY for `remove-name`. */
  readonly type: number
}

/** What whoever asks may change. Words are for the person at the other end, and name no secrets. */
export interface UpdatePolicy {
  /** Why the requester may not update this zone at all; undefined: it may. */
  deniesZone(origin: DomainName): string | undefined
  /** Why this change may not be made by anybody; undefined: it may. */
  deniesChange(change: AskedChange, zone: UpdateZone): string | undefined
}

/** All that a name says afterwards; without sets the name is gone. */
export interface NameContent {
  readonly name: DomainName
  /** Ordered by type; none is empty. */
  readonly sets: readonly RecordSet[]
}

/**
 * What comes of an update. `changes` are to be stored all together or not at all; none: everything is as asked for already.
 * A failed one changes nothing; `reason` says why in a sentence.
 */
export type UpdateOutcome =
  | { readonly kind: 'changes'; readonly origin: DomainName; readonly changes: readonly NameContent[] }
  | { readonly kind: 'failed'; readonly rcode: number; readonly reason: string }

/** A step of an update that ends it. */
export type UpdateFailure = Extract<UpdateOutcome, { readonly kind: 'failed' }>

/** An update that ends with this code. */
export function failed(rcode: number, reason: string): UpdateFailure {
  return { kind: 'failed', rcode, reason }
}
