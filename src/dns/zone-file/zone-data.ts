import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'
import type { WireName } from '../wire/message.ts'

/** One record as a file gives it. */
export interface ZoneRecord {
  /** As written, in wire form. */
  readonly owner: WireName
  readonly ownerKey: string
  readonly name: DomainName
  readonly type: number
  readonly ttlSeconds: number
  readonly rdata: Uint8Array
  /** Where it stands in its file, from 1. */
  readonly line: number
}

/** A zone's content: per name its RRsets, ordered by type. */
export interface ZoneData {
  readonly origin: DomainName
  readonly names: ReadonlyMap<DomainName, readonly RecordSet[]>
}

/** Something wrong with a zone. Lines count from 1. */
export interface ZoneProblem {
  readonly severity: 'error' | 'warning'
  readonly line: number
  readonly message: string
}

/**
 * Gather records into RRsets: one TTL for all members, the smallest (RFC 2181, 5.2); equal records once (5). The order of
 * names and of rdata is that of the records.
 */
export function zoneDataOf(origin: DomainName, records: readonly ZoneRecord[]): ZoneData {
  const byName = new Map<DomainName, Map<number, ZoneRecord[]>>()
  for (const record of records) {
    const sets = byName.get(record.name) ?? new Map<number, ZoneRecord[]>()
    byName.set(record.name, sets)
    const members = sets.get(record.type)
    if (members === undefined) sets.set(record.type, [record])
    else members.push(record)
  }
  const names = new Map<DomainName, readonly RecordSet[]>()
  for (const [name, sets] of byName) {
    names.set(
      name,
      [...sets].sort(([left], [right]) => left - right).map(([type, members]) => setOf(type, members)),
    )
  }
  return { origin, names }
}

function setOf(type: number, members: readonly ZoneRecord[]): RecordSet {
  const distinct = new Map(members.map(({ rdata }) => [Buffer.from(rdata).toString('latin1'), rdata]))
  return {
    type,
    ttlSeconds: Math.min(...members.map(({ ttlSeconds }) => ttlSeconds)),
    rdata: [...distinct.values()],
  }
}
