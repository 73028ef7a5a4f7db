import { nameOfWire, type DomainName } from '../names.ts'
import { CLASS, RCODE, TYPE } from '../protocol.ts'
import { rdataProblem } from '../rdata/rdata-problem.ts'
import { typeName } from '../rdata/type-names.ts'
import type { ResourceRecord } from '../wire/message.ts'
import { membersOf, rdataKey } from './rdata-key.ts'
import { failed, type UpdateFailure, type UpdateZone } from './types.ts'

/**
 * Whether all that must hold before an update does (RFC 2136, 3.2). Sets given by value are compared whole, without their
 * TTL, when all other conditions hold.
 * @returns undefined: it does
 */
export function unmetPrerequisite(
  prerequisites: readonly ResourceRecord[],
  zone: UpdateZone,
): UpdateFailure | undefined {
  const wanted = new Map<string, WantedSet>()
  for (const record of prerequisites) {
    const name = nameOfWire(record.name)
    if (record.ttlSeconds !== 0) return failed(RCODE.FORMERR, 'a prerequisite has a TTL')
    if (!zone.holds(name)) return failed(RCODE.NOTZONE, `${name} is not in the zone`)
    const failure = record.class === CLASS.IN ? undefined : unmetByExistence(record, name, zone)
    if (failure !== undefined) return failure
    if (record.class !== CLASS.IN) continue
    const problem = rdataProblem(record.type, record.rdata)
    if (problem !== undefined) return failed(RCODE.FORMERR, `${name} ${typeName(record.type)}: ${problem}`)
    want(wanted, name, record)
  }
  for (const { name, type, members } of wanted.values()) {
    if (!isSetOf(members, type, zone.at(name)))
      return failed(RCODE.NXRRSET, `the ${typeName(type)} records of ${name} are others`)
  }
  return undefined
}

interface WantedSet {
  readonly name: DomainName
  readonly type: number
  readonly members: Set<string>
}

function want(wanted: Map<string, WantedSet>, name: DomainName, { type, rdata }: ResourceRecord): void {
  const key = `${name} ${type}`
  const set = wanted.get(key) ?? { name, type, members: new Set() }
  wanted.set(key, set)
  set.members.add(rdataKey(type, rdata))
}

/** The rows of classes ANY and NONE in the table of RFC 2136, 3.2.4. */
function unmetByExistence(
  { class: klass, type, rdata }: ResourceRecord,
  name: DomainName,
  zone: UpdateZone,
): UpdateFailure | undefined {
  if (klass !== CLASS.ANY && klass !== CLASS.NONE)
    return failed(RCODE.FORMERR, 'a prerequisite is of no class that has a meaning')
  if (rdata.length > 0) return failed(RCODE.FORMERR, 'a prerequisite without a value has one')
  const sets = zone.at(name).filter((set) => set.rdata.length > 0)
  const isThere = type === TYPE.ANY ? sets.length > 0 : sets.some((set) => set.type === type)
  if (isThere === (klass === CLASS.ANY)) return undefined
  const what = type === TYPE.ANY ? name : `${name} ${typeName(type)}`
  if (isThere) return failed(type === TYPE.ANY ? RCODE.YXDOMAIN : RCODE.YXRRSET, `${what} exists`)
  return failed(type === TYPE.ANY ? RCODE.NXDOMAIN : RCODE.NXRRSET, `${what} does not exist`)
}

function isSetOf(members: ReadonlySet<string>, type: number, sets: ReturnType<UpdateZone['at']>): boolean {
  const set = sets.find((held) => held.type === type)
  if (set === undefined) return false
  const held = membersOf(set)
  return held.size === members.size && [...members].every((key) => held.has(key))
}
