import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'
import type { NameContent } from '../update/types.ts'

/** All that a zone says, by name; of each name its sets, ordered by type, none empty. */
export type ZoneNames = ReadonlyMap<DomainName, readonly RecordSet[]>

/** What is asked of a primary. */
export interface TransferRequest {
  readonly origin: DomainName
  readonly id: number
  /** Increments to these are asked for (RFC 1995); absent: the whole zone (RFC 5936). */
  readonly have?: { readonly serial: number; readonly names: ZoneNames }
  readonly limits: TransferLimits
}

/** More than this is not taken: whoever is asked may be wrong, or not who it should be. */
export interface TransferLimits {
  readonly records: number
  /** Of all messages together. */
  readonly octets: number
}

/** Why a transfer was given up. A closed set: it is a metric label. */
export type TransferFault =
  | 'not a reply'
  | 'refused'
  | 'truncated'
  | 'other question'
  | 'malformed'
  | 'no SOA first'
  | 'SOA changed meanwhile'
  | 'SOA inside'
  | 'record outside the zone'
  | 'record of another class'
  | 'record of no data type'
  | 'malformed data'
  | 'serials do not follow'
  | 'increment does not fit'
  | 'records after the end'
  | 'too many records'
  | 'too many octets'
  | 'cannot be kept'
  /** Signatures made elsewhere are not served: a validator would take the zone's answers for forged. */
  | 'signed by its primary'

/** What a message of a transfer made of it. Nothing but `whole` and `increment` may be used. */
export type TransferStep =
  | { readonly kind: 'more' }
  /** There is nothing newer. */
  | { readonly kind: 'current' }
  | { readonly kind: 'whole'; readonly serial: number; readonly names: ZoneNames }
  /** What changes, the origin with its SOA among it. */
  | { readonly kind: 'increment'; readonly serial: number; readonly changes: readonly NameContent[] }
  /** `rcode`: of a response that says no. */
  | {
      readonly kind: 'failed'
      readonly fault: TransferFault
      readonly rcode?: number
      readonly detail?: string
    }

/** A fault that ends a transfer; thrown inside this folder only. */
export class TransferError extends Error {
  readonly fault: TransferFault
  readonly detail: string | undefined

  constructor(fault: TransferFault, detail?: string) {
    super(fault)
    this.fault = fault
    this.detail = detail
  }
}
