import { isTooMuchAtName, isTooMuchForMessage } from '../content-limits.ts'
import { type DomainName, isWithin, nameOfWire } from '../names.ts'
import { TYPE } from '../protocol.ts'
import { typeName } from '../rdata/type-names.ts'
import type { RecordSet } from '../records.ts'
import type { ZoneData, ZoneProblem, ZoneRecord } from './zone-data.ts'

/** Types that may stand beside a CNAME (RFC 4035, 2.5). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.RRSIG, TYPE.NSEC])
/** Types of which a name has at most one. */
const SINGLE: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.CNAME, TYPE.DNAME])
/** Types that a wildcard may not own (RFC 4592, 4.1 to 4.4). */
const NOT_AT_WILDCARD: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.NS, TYPE.DNAME])

/** A chain of NSEC or NSEC3 records would have to be walked to prove what is not there; zones are signed as they are asked here. */
const ALREADY_SIGNED =
  'zone is signed already: serve it as it was before signing, and give its keys with --dnssec-keys'

/** A zone with the lines of its records, for messages. */
interface Judged {
  readonly zone: ZoneData
  lineOf(name: DomainName, type?: number): number
}

/**
 * What keeps a zone from being served, and what will surprise its owner; ordered by line.
 * Errors: no SOA or NS at the origin, signatures there, names outside, CNAME or DNAME that are not alone, data that wildcards may not own, name servers
 * that are aliases or lack the addresses that only this zone can give.
 * Warnings: data that a delegation or a DNAME hides, MX and SRV targets that are aliases, differing TTLs within a set.
 */
export function zoneProblems(zone: ZoneData, records: readonly ZoneRecord[]): readonly ZoneProblem[] {
  const lines = new Map<string, number>()
  for (const { name, type, line } of records) {
    for (const key of [name, `${name} ${type}`]) if (!lines.has(key)) lines.set(key, line)
  }
  const judged: Judged = {
    zone,
    lineOf: (name, type) => lines.get(type === undefined ? name : `${name} ${type}`) ?? 1,
  }
  return [
    ...atOrigin(judged),
    ...[...zone.names].flatMap(([name, sets]) => atName(judged, name, sets)),
    ...differingTtls(records),
  ].sort((left, right) => left.line - right.line)
}

function atOrigin({ zone, lineOf }: Judged): readonly ZoneProblem[] {
  const types = typesAt(zone, zone.origin)
  const missing = [TYPE.SOA, TYPE.NS].filter((type) => !types.has(type))
  return [
    ...missing.map((type) =>
      error(lineOf(zone.origin), `zone has no ${typeName(type)} record at its origin ${zone.origin}`),
    ),
    ...(types.has(TYPE.RRSIG) ? [error(lineOf(zone.origin, TYPE.RRSIG), ALREADY_SIGNED)] : []),
  ]
}

function atName(judged: Judged, name: DomainName, sets: readonly RecordSet[]): readonly ZoneProblem[] {
  const { zone, lineOf } = judged
  if (!isWithin(name, zone.origin))
    return [error(lineOf(name), `${name} is outside of the zone ${zone.origin}`)]
  return [
    ...sets.flatMap((set) => atSet(judged, name, set)),
    ...besideAlias(judged, name, sets),
    ...(isTooMuchAtName(name, sets)
      ? [error(lineOf(name), `the records of ${name} are too many to be kept together`)]
      : []),
    ...hidden(judged, name, { sets, cover: coverOf(zone, name) }),
  ]
}

interface Cover {
  readonly name: DomainName
  readonly type: number
}

/** Glue is there to be found; other data below a delegation is not, and below a DNAME there may be none (RFC 6672, 2.4). */
function hidden(
  { lineOf }: Judged,
  name: DomainName,
  { sets, cover }: { readonly sets: readonly RecordSet[]; readonly cover: Cover | undefined },
): readonly ZoneProblem[] {
  if (cover === undefined) return []
  if (cover.type === TYPE.DNAME)
    return [error(lineOf(name), `${name} is below the DNAME record of ${cover.name}`)]
  if (sets.every(({ type }) => type === TYPE.A || type === TYPE.AAAA)) return []
  return [warning(lineOf(name), `${name} is hidden by the delegation of ${cover.name}`)]
}

function atSet(judged: Judged, name: DomainName, set: RecordSet): readonly ZoneProblem[] {
  const { zone, lineOf } = judged
  const line = lineOf(name, set.type)
  const type = typeName(set.type)
  const problems: ZoneProblem[] = []
  if (set.type === TYPE.SOA && name !== zone.origin)
    problems.push(error(line, `SOA record at ${name}, which is not the origin`))
  if (isTooMuchForMessage(set))
    problems.push(
      error(line, `${type} records of ${name} do not fit into one message (${set.rdata.length} of them)`),
    )
  if (SINGLE.has(set.type) && set.rdata.length > 1)
    problems.push(error(line, `${name} has more than one ${type} record`))
  if (name.startsWith('*.') && NOT_AT_WILDCARD.has(set.type))
    problems.push(error(line, `a wildcard cannot own ${type} records: ${name}`))
  if (set.type === TYPE.DNAME && name !== zone.origin && typesAt(zone, name).has(TYPE.NS))
    problems.push(error(line, `${name} has a DNAME record and is delegated`)) // RFC 6672, 2.3
  if (set.type === TYPE.NS) problems.push(...serverProblems(judged, name, set))
  if (set.type === TYPE.MX || set.type === TYPE.SRV) {
    const skip = set.type === TYPE.MX ? 2 : 6
    for (const rdata of set.rdata) {
      const target = nameOfWire(rdata.subarray(skip))
      if (typesAt(zone, target).has(TYPE.CNAME))
        problems.push(warning(line, `${type} record of ${name} names the alias ${target}`))
    }
  }
  return problems
}

/** An alias is alone at its name (RFC 2181, 10.1; RFC 6672, 2.4). */
function besideAlias(
  { lineOf }: Judged,
  name: DomainName,
  sets: readonly RecordSet[],
): readonly ZoneProblem[] {
  if (!sets.some(({ type }) => type === TYPE.CNAME)) return []
  const other = sets.find(({ type }) => !BESIDE_CNAME.has(type))
  if (other === undefined) return []
  return [
    error(
      lineOf(name, TYPE.CNAME),
      `${name} has a CNAME record and ${typeName(other.type)} records beside it`,
    ),
  ]
}

/** A name server has addresses of its own (RFC 2181, 10.3), and where only this zone can give them, it does (RFC 9471, 3). */
function serverProblems({ zone, lineOf }: Judged, name: DomainName, set: RecordSet): readonly ZoneProblem[] {
  return set.rdata.flatMap((rdata) => {
    const target = nameOfWire(rdata)
    const types = typesAt(zone, target)
    const line = lineOf(name, TYPE.NS)
    if (types.has(TYPE.CNAME)) return [error(line, `name server ${target} of ${name} is an alias`)]
    const cover = coverOf(zone, target)
    const mustHaveAddress = isWithin(target, zone.origin) && (cover === undefined || cover.name === name)
    if (!mustHaveAddress || types.has(TYPE.A) || types.has(TYPE.AAAA) || isWildcardServed(zone, target))
      return []
    return [error(line, `name server ${target} of ${name} has no address in this zone`)]
  })
}

function isWildcardServed(zone: ZoneData, name: DomainName): boolean {
  for (let at = name.indexOf('.'); at >= 0 && at + 1 < name.length; at = name.indexOf('.', at + 1)) {
    const parent = name.slice(at + 1)
    const types = typesAt(zone, `*.${parent}` as DomainName) // joined from checked names
    if (types.has(TYPE.A) || types.has(TYPE.AAAA)) return true
    if (parent === zone.origin) return false
  }
  return false
}

/** The delegation or DNAME at or above the name, below the origin for a delegation, that hides it; the topmost. */
function coverOf(zone: ZoneData, name: DomainName): Cover | undefined {
  let cover: Cover | undefined
  for (let parent: DomainName = name; isWithin(parent, zone.origin); parent = above(parent)) {
    const types = typesAt(zone, parent)
    if (parent !== zone.origin && types.has(TYPE.NS)) cover = { name: parent, type: TYPE.NS }
    if (parent !== name && types.has(TYPE.DNAME)) cover = { name: parent, type: TYPE.DNAME }
    if (parent === zone.origin) break
  }
  return cover !== undefined && cover.name === name ? undefined : cover
}

function above(name: DomainName): DomainName {
  const rest = name.slice(name.indexOf('.') + 1)
  return (rest === '' ? '.' : rest) as DomainName // a suffix of a checked name
}

function typesAt(zone: ZoneData, name: DomainName): ReadonlySet<number> {
  return new Set(zone.names.get(name)?.map(({ type }) => type))
}

function differingTtls(records: readonly ZoneRecord[]): readonly ZoneProblem[] {
  const first = new Map<string, ZoneRecord>()
  const said = new Set<string>()
  return records.flatMap((record) => {
    const key = `${record.name} ${record.type}`
    const before = first.get(key)
    first.set(key, before ?? record)
    if (before === undefined || before.ttlSeconds === record.ttlSeconds || said.has(key)) return []
    said.add(key)
    return [
      warning(
        record.line,
        `${typeName(record.type)} records of ${record.name} differ in TTL: the smallest is used for all`,
      ),
    ]
  })
}

function error(line: number, message: string): ZoneProblem {
  return { severity: 'error', line, message }
}

function warning(line: number, message: string): ZoneProblem {
  return { severity: 'warning', line, message }
}
