import { canonicalRdata } from '../dnssec/canonical.ts'
import type { RecordSet } from '../records.ts'

/** Rdata as a map key: equal where two records are the same one, names in them compared without case (RFC 2136, 1.1.1 and 1.1.2). */
export function rdataKey(type: number, rdata: Uint8Array): string {
  return Buffer.from(canonicalRdata(type, rdata)).toString('latin1')
}

/** The records of a set by their keys, in order. */
export function membersOf({ type, rdata }: Pick<RecordSet, 'type' | 'rdata'>): Map<string, Uint8Array> {
  return new Map(rdata.map((octets) => [rdataKey(type, octets), octets]))
}
