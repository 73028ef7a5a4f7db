import { addressBytes, type Address } from '../../dns/address.ts'
import { MAX_NAME_BYTES, prepend, wireLength, type DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import { nsSet } from '../../dns/rdata/ns.ts'
import { serialOf, soaSet, withSerial } from '../../dns/rdata/soa.ts'
import { sameAnswer, type Answer, type RecordSet, type Selection } from '../../dns/records.ts'
import { inOrder, type AnswerOrder } from './answer-order.ts'

/** The fixed part of a zone that our own server answers for. */
export interface ZoneSettings {
  readonly origin: DomainName
  /** Targets of the NS records; the first is the SOA's MNAME. Never empty. */
  readonly nameServers: readonly [DomainName, ...DomainName[]]
  /** SOA TTL and MINIMUM: how long a denial may be cached (RFC 2308, 4 and 5). */
  readonly negativeTtlSeconds: number
  /** Addresses that a federation publishes are given in turn, at most so many of a family in one answer; 0 = all. */
  readonly maxAnswers: number
}

/** A zone whose origin says what a master file says, SOA and NS included. */
export interface FileZoneSettings {
  readonly origin: DomainName
  readonly apex: readonly RecordSet[]
  /** `file`: the SOA's own. `counter`: moves with each change, and is never below the SOA's own, as others write into the zone too. */
  readonly serial: 'file' | 'counter'
  /** As in any zone, for names that a federation publishes in this one; absent: as a Domain that says nothing. */
  readonly maxAnswers?: number
}

/** How secondaries treat the zone (RFC 1912, 2.2); the minimum and the TTLs are the zone's own. */
const REFRESH_SECONDS = 60
const RETRY_SECONDS = 15
const EXPIRE_SECONDS = 1_209_600
const NS_TTL_SECONDS = 3_600
const HOSTMASTER = 'hostmaster'

/** The serial that a zone goes on with, after `before`. */
export function serialAfter(
  zone: ZoneSettings | FileZoneSettings,
  before: number | undefined,
  nowMs: number,
): number {
  if (!('apex' in zone)) return nextSerial(before ?? 0, nowMs)
  const own = serialOf(zone.apex.find(({ type }) => type === TYPE.SOA)) ?? 0
  return zone.serial === 'file' ? own : Math.max(own, nextSerial(before ?? 0, nowMs))
}

/** What follows `before`: one more, and never less than Unix time, so that a process that lost its serials goes on above them. */
export function nextSerial(before: number, nowMs: number): number {
  return Math.max(before + 1, Math.floor(nowMs / 1000)) % 2 ** 32
}

/**
 * What the zone's own name says: SOA, NS, and the addresses that a record publishes there.
 * @param apex - said of that name by a record; an alias cannot stand beside SOA and NS (RFC 1034, 3.6.2) and is left out
 */
export function originAnswer(
  zone: ZoneSettings | FileZoneSettings,
  serial: number,
  { apex, order }: { readonly apex: Answer | undefined; readonly order: AnswerOrder },
): Answer {
  const others = apexSets(apex)
  if ('apex' in zone) return inOrder(fileOriginAnswer(zone, serial, others), order)
  const { origin, nameServers, negativeTtlSeconds } = zone
  const soa = soaSet({
    mname: nameServers[0],
    rname: mailboxOf(origin),
    serial,
    refreshSeconds: REFRESH_SECONDS,
    retrySeconds: RETRY_SECONDS,
    expireSeconds: EXPIRE_SECONDS,
    minimumSeconds: negativeTtlSeconds,
    ttlSeconds: negativeTtlSeconds,
  })
  const answer: Answer = { kind: 'records', sets: [soa, nsSet(nameServers, NS_TTL_SECONDS), ...others] }
  const select = selectionOf(apex) ?? order.addresses
  return inOrder(answer, { addresses: select, records: select })
}

/** Types that the file does not have may be published at its origin by others. */
function fileOriginAnswer(zone: FileZoneSettings, serial: number, others: readonly RecordSet[]): Answer {
  const own = zone.apex.map((set) => (set.type === TYPE.SOA ? withSerial(set, serial) : set))
  const free = others.filter(({ type }) => !own.some((set) => set.type === type))
  return { kind: 'records', sets: [...own, ...free] }
}

/** `hostmaster` of the zone (RFC 2142, 7); the zone's own name where that does not fit in front of it. */
function mailboxOf(origin: DomainName): DomainName {
  const fits = wireLength(origin) + HOSTMASTER.length < MAX_NAME_BYTES
  return fits ? prepend(HOSTMASTER, origin) : origin
}

/** Whether two zones are declared alike. */
export function sameSettings(
  left: ZoneSettings | FileZoneSettings,
  right: ZoneSettings | FileZoneSettings,
): boolean {
  if ('apex' in left || 'apex' in right) {
    if (!('apex' in left && 'apex' in right) || left.origin !== right.origin || left.serial !== right.serial)
      return false
    if (left.maxAnswers !== right.maxAnswers) return false
    return sameAnswer({ kind: 'records', sets: left.apex }, { kind: 'records', sets: right.apex })
  }
  return (
    left.origin === right.origin &&
    left.negativeTtlSeconds === right.negativeTtlSeconds &&
    left.maxAnswers === right.maxAnswers &&
    left.nameServers.join() === right.nameServers.join()
  )
}

function selectionOf(answer: Answer | undefined): Selection | undefined {
  return answer === undefined || answer.kind === 'alias' ? undefined : answer.select
}

function apexSets(answer: Answer | undefined): readonly RecordSet[] {
  if (answer === undefined || answer.kind === 'alias') return []
  if (answer.kind === 'records') return answer.sets
  return [
    ...addressSet(TYPE.A, answer.ttlSeconds, answer.a),
    ...addressSet(TYPE.AAAA, answer.ttlSeconds, answer.aaaa),
  ]
}

function addressSet(type: number, ttlSeconds: number, addresses: readonly Address[]): readonly RecordSet[] {
  return addresses.length === 0 ? [] : [{ type, ttlSeconds, rdata: addresses.map(addressBytes) }]
}
