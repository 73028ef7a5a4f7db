import { isTooMuchAtName, isTooMuchForMessage } from '../content-limits.ts'
import { type DomainName, isWithin, nameOfWire } from '../names.ts'
import { TYPE } from '../protocol.ts'
import { typeName } from '../rdata/type-names.ts'
import type { RecordSet } from '../records.ts'
import type { RecordStore, StoredRecord } from './record-store.ts'
import { setsOf, type ZoneProblem } from './zone-data.ts'

/** Types that may stand beside a CNAME (RFC 4035, 2.5). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.RRSIG, TYPE.NSEC])
/** Types of which a name has at most one. */
const SINGLE: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.CNAME, TYPE.DNAME])
/** Types that a wildcard may not own (RFC 4592, 4.1 to 4.4). */
const NOT_AT_WILDCARD: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.NS, TYPE.DNAME])

/** A chain of NSEC or NSEC3 records would have to be walked to prove what is not there; zones are signed as they are asked here. */
const ALREADY_SIGNED =
  'zone is signed already: serve it as it was before signing, and give its keys with --dnssec-keys'

/** A zone by its records. */
interface Judged {
  readonly origin: DomainName
  readonly records: RecordStore
  /** The zone has more than these records. */
  readonly isPart: boolean
  /** Anything is delegated or has a DNAME: names are to be looked for below. */
  readonly hasCovers: boolean
}

/**
 * What keeps a zone from being served, and what will surprise its owner; ordered by line.
 * Errors: no SOA or NS at the origin, signatures there, names outside, CNAME or DNAME that are not alone, data that wildcards may not own, name servers
 * that are aliases or lack the addresses that only this zone can give.
 * Warnings: data that a delegation or a DNAME hides, MX and SRV targets that are aliases, differing TTLs within a set.
 * @param options - `isPart`: the zone gets more from elsewhere, so that what is missing here may be there: SOA and NS of the
 *   origin, and addresses of name servers that are not glue of their own delegation
 */
export function zoneProblems(
  origin: DomainName,
  records: RecordStore,
  { isPart = false }: { readonly isPart?: boolean } = {},
): readonly ZoneProblem[] {
  const judged: Judged = { origin, records, isPart, hasCovers: hasCovers(origin, records) }
  const problems: ZoneProblem[] = [...atOrigin(judged)]
  for (const name of records.names()) {
    const own = records.recordsOf(name)
    atName(judged, name, setsOf(own), problems)
    if (own.length > 1) differingTtls(name, own, problems)
  }
  return problems.sort((left, right) => left.line - right.line)
}

function hasCovers(origin: DomainName, records: RecordStore): boolean {
  for (const name of records.names())
    if (records.has(name, TYPE.DNAME) || (name !== origin && records.has(name, TYPE.NS))) return true
  return false
}

function atOrigin(judged: Judged): readonly ZoneProblem[] {
  const { origin, records, isPart } = judged
  const missing = (isPart ? [] : [TYPE.SOA, TYPE.NS]).filter((type) => !records.has(origin, type))
  return [
    ...missing.map((type) =>
      error(lineOf(judged, origin), `zone has no ${typeName(type)} record at its origin ${origin}`),
    ),
    ...(records.has(origin, TYPE.RRSIG) ? [error(lineOf(judged, origin, TYPE.RRSIG), ALREADY_SIGNED)] : []),
  ]
}

/** Most names have none: nothing is allocated for those. */
function atName(judged: Judged, name: DomainName, sets: readonly RecordSet[], problems: ZoneProblem[]): void {
  if (!isWithin(name, judged.origin)) {
    problems.push(error(lineOf(judged, name), `${name} is outside of the zone ${judged.origin}`))
    return
  }
  for (const set of sets) atSet(judged, name, set, problems)
  besideAlias(judged, name, sets, problems)
  if (isTooMuchAtName(name, sets))
    problems.push(error(lineOf(judged, name), `the records of ${name} are too many to be kept together`))
  if (judged.hasCovers) hidden(judged, name, sets, problems)
}

interface Cover {
  readonly name: DomainName
  readonly type: number
}

/** Glue is there to be found; other data below a delegation is not, and below a DNAME there may be none (RFC 6672, 2.4). */
function hidden(judged: Judged, name: DomainName, sets: readonly RecordSet[], problems: ZoneProblem[]): void {
  const cover = coverOf(judged, name)
  if (cover === undefined) return
  if (cover.type === TYPE.DNAME)
    problems.push(error(lineOf(judged, name), `${name} is below the DNAME record of ${cover.name}`))
  else if (!sets.every(({ type }) => type === TYPE.A || type === TYPE.AAAA))
    problems.push(warning(lineOf(judged, name), `${name} is hidden by the delegation of ${cover.name}`))
}

function atSet(judged: Judged, name: DomainName, set: RecordSet, problems: ZoneProblem[]): void {
  const { origin, records } = judged
  const { type } = set
  const wrong = (message: string): void => void problems.push(error(lineOf(judged, name, type), message))
  if (type === TYPE.SOA && name !== origin) wrong(`SOA record at ${name}, which is not the origin`)
  if (isTooMuchForMessage(set))
    wrong(`${typeName(type)} records of ${name} do not fit into one message (${set.rdata.length} of them)`)
  if (SINGLE.has(type) && set.rdata.length > 1) wrong(`${name} has more than one ${typeName(type)} record`)
  if (NOT_AT_WILDCARD.has(type) && name.startsWith('*.'))
    wrong(`a wildcard cannot own ${typeName(type)} records: ${name}`)
  if (type === TYPE.DNAME && name !== origin && records.has(name, TYPE.NS))
    wrong(`${name} has a DNAME record and is delegated`) // RFC 6672, 2.3
  if (type === TYPE.NS) problems.push(...serverProblems(judged, name, set))
  if (type === TYPE.MX || type === TYPE.SRV) problems.push(...targetProblems(judged, name, set))
}

function targetProblems(
  judged: Judged,
  name: DomainName,
  { type, rdata }: RecordSet,
): readonly ZoneProblem[] {
  const aliases = rdata
    .map((octets) => nameOfWire(octets.subarray(type === TYPE.MX ? 2 : 6)))
    .filter((target) => judged.records.has(target, TYPE.CNAME))
  if (aliases.length === 0) return []
  const line = lineOf(judged, name, type)
  return aliases.map((target) =>
    warning(line, `${typeName(type)} record of ${name} names the alias ${target}`),
  )
}

/** An alias is alone at its name (RFC 2181, 10.1; RFC 6672, 2.4). */
function besideAlias(
  judged: Judged,
  name: DomainName,
  sets: readonly RecordSet[],
  problems: ZoneProblem[],
): void {
  const isApexOfPart = judged.isPart && name === judged.origin
  if ((sets.length === 1 && !isApexOfPart) || !sets.some(({ type }) => type === TYPE.CNAME)) return
  if (isApexOfPart) {
    const line = lineOf(judged, name, TYPE.CNAME)
    problems.push(error(line, `${name} has a CNAME record, and SOA and NS records beside it`))
    return
  }
  const other = sets.find(({ type }) => !BESIDE_CNAME.has(type))
  if (other === undefined) return
  problems.push(
    error(
      lineOf(judged, name, TYPE.CNAME),
      `${name} has a CNAME record and ${typeName(other.type)} records beside it`,
    ),
  )
}

/** A name server has addresses of its own (RFC 2181, 10.3), and where only this zone can give them, it does (RFC 9471, 3). */
function serverProblems(judged: Judged, name: DomainName, set: RecordSet): readonly ZoneProblem[] {
  const { origin, records } = judged
  const messages = set.rdata.flatMap((rdata) => {
    const target = nameOfWire(rdata)
    if (records.has(target, TYPE.CNAME)) return [`name server ${target} of ${name} is an alias`]
    if (!isWithin(target, origin) || hasAddress(judged, target)) return []
    if (judged.isPart && !isWithin(target, name)) return [] // somebody else may give it
    const cover = judged.hasCovers ? coverOf(judged, target) : undefined
    const isOthers = cover !== undefined && cover.name !== name
    if (isOthers || isWildcardServed(judged, target)) return []
    return [`name server ${target} of ${name} has no address in this zone`]
  })
  if (messages.length === 0) return []
  const line = lineOf(judged, name, TYPE.NS)
  return messages.map((message) => error(line, message))
}

function isWildcardServed(judged: Judged, name: DomainName): boolean {
  for (let at = name.indexOf('.'); at >= 0 && at + 1 < name.length; at = name.indexOf('.', at + 1)) {
    const parent = name.slice(at + 1)
    if (hasAddress(judged, `*.${parent}` as DomainName)) return true // joined from checked names
    if (parent === judged.origin) return false
  }
  return false
}

/** The delegation or DNAME at or above the name, below the origin for a delegation, that hides it; the topmost. */
function coverOf({ origin, records }: Judged, name: DomainName): Cover | undefined {
  let cover: Cover | undefined
  for (let parent: DomainName = name; isWithin(parent, origin); parent = above(parent)) {
    if (parent !== origin && records.has(parent, TYPE.NS)) cover = { name: parent, type: TYPE.NS }
    if (parent !== name && records.has(parent, TYPE.DNAME)) cover = { name: parent, type: TYPE.DNAME }
    if (parent === origin) break
  }
  return cover !== undefined && cover.name === name ? undefined : cover
}

function above(name: DomainName): DomainName {
  const rest = name.slice(name.indexOf('.') + 1)
  return (rest === '' ? '.' : rest) as DomainName // a suffix of a checked name
}

function hasAddress({ records }: Judged, name: DomainName): boolean {
  return records.has(name, TYPE.A) || records.has(name, TYPE.AAAA)
}

/** The line of the first record of the name, or of those of a type. */
function lineOf({ records }: Judged, name: DomainName, type?: number): number {
  return records.lineOf(name, type) ?? 1
}

function differingTtls(name: DomainName, records: readonly StoredRecord[], problems: ZoneProblem[]): void {
  const first = new Map<number, number>()
  const said = new Set<number>()
  for (const { type, ttlSeconds, line } of records) {
    const before = first.get(type)
    if (before === undefined) first.set(type, ttlSeconds)
    else if (before !== ttlSeconds && !said.has(type)) {
      said.add(type)
      problems.push(
        warning(line, `${typeName(type)} records of ${name} differ in TTL: the smallest is used for all`),
      )
    }
  }
}

function error(line: number, message: string): ZoneProblem {
  return { severity: 'error', line, message }
}

function warning(line: number, message: string): ZoneProblem {
  return { severity: 'warning', line, message }
}
