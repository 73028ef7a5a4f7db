import { addressBytes, type Address } from '../address.ts'
import { wireName, type DomainName } from '../names.ts'
import { TYPE } from '../protocol.ts'
import { servedTtl, type Answer, type RecordSet } from '../records.ts'

/** A record set and the name that it stands at. */
export interface OwnedSet {
  readonly name: DomainName
  readonly set: RecordSet
}

/**
 * The records that other servers get of an answer: all that there are, whoever is given which of them. An alias is a CNAME. No
 * empty set among them; none at all where the name has nothing to say, for which a transfer has no words.
 */
export function canonicalSets(answer: Answer | undefined): readonly RecordSet[] {
  switch (answer?.kind) {
    case undefined:
      return []
    case 'addresses':
      return [
        ...addressSet(TYPE.A, answer.ttlSeconds, answer.a),
        ...addressSet(TYPE.AAAA, answer.ttlSeconds, answer.aaaa),
      ]
    case 'alias':
      return [
        { type: TYPE.CNAME, ttlSeconds: servedTtl(answer.ttlSeconds), rdata: [wireName(answer.target)] },
      ]
    case 'records':
      return answer.sets
        .filter(({ rdata }) => rdata.length > 0)
        .map((set) =>
          servedTtl(set.ttlSeconds) === set.ttlSeconds
            ? set
            : { ...set, ttlSeconds: servedTtl(set.ttlSeconds) },
        )
  }
}

function addressSet(type: number, ttlSeconds: number, addresses: readonly Address[]): readonly RecordSet[] {
  return addresses.length === 0
    ? []
    : [{ type, ttlSeconds: servedTtl(ttlSeconds), rdata: addresses.map(addressBytes) }]
}

/** Whether two answers have the same canonical records, in whatever order within a set. */
export function sameRecords(left: Answer | undefined, right: Answer | undefined): boolean {
  if (left === right) return true
  if (left?.kind === 'addresses' && right?.kind === 'addresses')
    return (
      sameList(left.a, right.a) &&
      sameList(left.aaaa, right.aaaa) &&
      (left.ttlSeconds === right.ttlSeconds || left.a.length + left.aaaa.length === 0)
    )
  if (left?.kind === 'alias' && right?.kind === 'alias')
    return left.ttlSeconds === right.ttlSeconds && left.target === right.target
  const { removed, added } = differences(canonicalSets(left), canonicalSets(right))
  return removed.length + added.length === 0
}

/** Both sorted (records.ts). */
function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, i) => value === right[i])
}

export interface Differences {
  readonly removed: readonly RecordSet[]
  readonly added: readonly RecordSet[]
}

/**
 * What has to be taken away from one name, and then added, to come from the first sets to the second, record by record. A set
 * whose TTL is another one goes and comes as a whole, since all its records have one TTL (RFC 2181, 5.2).
 */
export function differences(before: readonly RecordSet[], after: readonly RecordSet[]): Differences {
  return { removed: missing(before, after), added: missing(after, before) }
}

/** Records of the first sets that are not in the second ones. */
function missing(sets: readonly RecordSet[], others: readonly RecordSet[]): readonly RecordSet[] {
  return sets.flatMap((set) => {
    const other = others.find(({ type }) => type === set.type)
    if (other === undefined || other.ttlSeconds !== set.ttlSeconds) return [set]
    if (other === set) return []
    const held = new Set(other.rdata.map(keyOf))
    const rdata = set.rdata.filter((octets) => !held.has(keyOf(octets)))
    return rdata.length === 0 ? [] : [{ ...set, rdata }]
  })
}

function keyOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')
}

/** Octets that an answer takes in a transfer, about: enough to compare zones and their changes by. */
export function transferBytes(name: DomainName, answer: Answer | undefined): number {
  const perRecord = RECORD_BYTES + Math.min(name.length, USUAL_NAME_BYTES)
  switch (answer?.kind) {
    case undefined:
      return 0
    case 'addresses':
      return answer.a.length * (perRecord + 4) + answer.aaaa.length * (perRecord + 16)
    case 'alias':
      return perRecord + answer.target.length
    case 'records':
      return answer.sets.reduce(
        (sum, { rdata }) => rdata.reduce((inSet, octets) => inSet + perRecord + octets.length, sum),
        0,
      )
  }
}

/** Type, class, TTL, length. */
const RECORD_BYTES = 10
/** Of an owner name that is compressed. */
const USUAL_NAME_BYTES = 16
