import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'

/** One record as a file gives it. */
export interface ZoneRecord {
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
  const byName = new Map<DomainName, ZoneRecord[]>()
  for (const record of records) {
    const others = byName.get(record.name)
    if (others === undefined) byName.set(record.name, [record])
    else others.push(record)
  }
  const names = new Map<DomainName, readonly RecordSet[]>()
  for (const [name, own] of byName) names.set(name, setsOf(own))
  return { origin, names }
}

/** As recordSetsOf, by the octets of records. */
export function setsOf(records: readonly Member[]): readonly RecordSet[] {
  return recordSetsOf(records, octetsKey)
}

/** What a set is made of. */
type Member = Pick<ZoneRecord, 'type' | 'ttlSeconds' | 'rdata'>

/**
 * The sets of one name, ordered by type: see zoneDataOf. Most names have one record of a type; those cost no more than the set.
 * @param keyOf - equal for records that are the same one
 */
export function recordSetsOf(
  records: readonly Member[],
  keyOf: (record: Member) => string,
): readonly RecordSet[] {
  const sorted = records.length === 1 ? records : records.toSorted((left, right) => left.type - right.type)
  const sets: RecordSet[] = []
  for (let at = 0; at < sorted.length;) {
    const { type, ttlSeconds, rdata } = sorted[at]! // at < length
    let end = at + 1
    while (end < sorted.length && sorted[end]!.type === type) end += 1 // end < length
    const isAlone = end === at + 1
    sets.push(isAlone ? { type, ttlSeconds, rdata: [rdata] } : setOf(type, sorted.slice(at, end), keyOf))
    at = end
  }
  return sets
}

function setOf(type: number, members: readonly Member[], keyOf: (record: Member) => string): RecordSet {
  const distinct = new Map<string, Uint8Array>()
  let ttlSeconds = Number.POSITIVE_INFINITY
  for (const member of members) {
    const key = keyOf(member)
    if (!distinct.has(key)) distinct.set(key, member.rdata)
    ttlSeconds = Math.min(ttlSeconds, member.ttlSeconds)
  }
  return { type, ttlSeconds, rdata: [...distinct.values()] }
}

function octetsKey({ rdata }: Member): string {
  return Buffer.from(rdata.buffer, rdata.byteOffset, rdata.byteLength).toString('latin1')
}
