import type { DomainName } from '../names.ts'
import {
  PresentationError,
  readDomainName,
  readName,
  readSeconds,
  shown,
  type Word,
} from '../presentation.ts'
import { CLASS, isMetaType, MAX_TTL_SECONDS, TYPE } from '../protocol.ts'
import { readRdata } from '../rdata/read-rdata.ts'
import { typeName, typeNumber } from '../rdata/type-names.ts'
import type { WireName } from '../wire/message.ts'
import { type Entry, entriesOf } from './entries.ts'
import type { RecordSet } from '../records.ts'
import { RecordStore } from './record-store.ts'
import { setsOf, type ZoneData, type ZoneProblem, type ZoneRecord } from './zone-data.ts'
import { zoneProblems } from './zone-problems.ts'

/** A file that can be served, perhaps with warnings; or what is wrong in it, in the order of its lines, at most MAX_PROBLEMS. */
export type ZoneFile =
  | { readonly kind: 'zone'; readonly zone: ZoneData; readonly warnings: readonly ZoneProblem[] }
  | { readonly kind: 'broken'; readonly problems: readonly ZoneProblem[] }

export const MAX_PROBLEMS = 20

/** What carries over from entry to entry. */
interface Context {
  origin: WireName
  owner: DomainName | undefined
  /** As the owner is written, under this origin; undefined: under another one. */
  ownerText: string | undefined
  defaultTtlSeconds: number | undefined
  lastTtlSeconds: number | undefined
}

/**
 * Read a master file (RFC 1035, 5; $TTL of RFC 2308, 4; RFC 3597, 5) and judge whether it can be served. Never throws.
 * $INCLUDE is refused: a zone is one file, and no file may name another to be read. $GENERATE is refused as well.
 * @param text - one character per octet
 * @param origin - of the zone: the first $ORIGIN, and what every owner must be at or below
 */
export function readZoneFile(text: string, origin: DomainName): ZoneFile {
  const read = readStoredZone(text, origin)
  if (read.kind === 'broken') return read
  const names = new Map<DomainName, readonly RecordSet[]>()
  for (const name of read.records.names())
    names.set(
      name,
      setsOf(read.records.recordsOf(name).map((record) => ({ ...record, rdata: record.rdata.slice() }))),
    )
  return { kind: 'zone', zone: { origin, names }, warnings: read.warnings }
}

/** A zone that can be served, its records as they are in the file. */
export type StoredZone =
  | { readonly kind: 'zone'; readonly records: RecordStore; readonly warnings: readonly ZoneProblem[] }
  | Extract<ZoneFile, { readonly kind: 'broken' }>

/** As readZoneFile, for files of any size. */
export function readStoredZone(text: string, origin: DomainName): StoredZone {
  const records = new RecordStore(text.length)
  const problems = readRecords(text, origin, (record) => records.add(record))
  if (problems.length > 0) return { kind: 'broken', problems }
  return judged(records, zoneProblems(origin, records))
}

/** Data of a zone that gets more from elsewhere: its SOA and NS, addresses of name servers. */
export type ZonePart =
  | {
      readonly kind: 'zone'
      readonly records: RecordStore
      readonly warnings: readonly ZoneProblem[]
      /** SOA and NS records of the origin, in their order: they are not among the records. */
      readonly leftOut: readonly Pick<ZoneRecord, 'type' | 'line'>[]
    }
  | Extract<ZoneFile, { readonly kind: 'broken' }>

/**
 * As readZoneFile, for data that stands beside other data in its zone. SOA and NS of the origin are left out.
 * @param zone - `defaultTtlSeconds`: of records without a TTL, as if the text began with such a $TTL
 */
export function readZonePart(
  text: string,
  zone: { readonly origin: DomainName; readonly defaultTtlSeconds: number },
): ZonePart {
  const { origin } = zone
  const records = new RecordStore(text.length)
  const leftOut: Pick<ZoneRecord, 'type' | 'line'>[] = []
  const problems = readRecordsOf(text, zone, (record) => {
    const { name, type, line } = record
    if (name === origin && (type === TYPE.SOA || type === TYPE.NS)) leftOut.push({ type, line })
    else records.add(record)
  })
  if (problems.length > 0) return { kind: 'broken', problems }
  const read = judged(records, zoneProblems(origin, records, { isPart: true }))
  return read.kind === 'zone' ? { ...read, leftOut } : read
}

function judged(records: RecordStore, found: readonly ZoneProblem[]): StoredZone {
  const errors = found.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return { kind: 'broken', problems: errors.slice(0, MAX_PROBLEMS) }
  return { kind: 'zone', records, warnings: found.slice(0, MAX_PROBLEMS) }
}

/** The records of a master file, or what cannot be read in it; not judged. See readZoneFile. */
export type ZoneRecordsRead =
  | { readonly kind: 'records'; readonly records: readonly ZoneRecord[] }
  | Extract<ZoneFile, { readonly kind: 'broken' }>

/** As readZoneFile, for what was judged before. */
export function readZoneRecords(text: string, origin: DomainName): ZoneRecordsRead {
  const records: ZoneRecord[] = []
  const problems = readRecords(text, origin, (record) => records.push(record))
  return problems.length > 0 ? { kind: 'broken', problems } : { kind: 'records', records }
}

/** Read the records of a master file one by one. @returns what cannot be read, at most MAX_PROBLEMS; there it ends */
export function readRecords(
  text: string,
  origin: DomainName,
  take: (record: ZoneRecord) => void,
): readonly ZoneProblem[] {
  return readRecordsOf(text, { origin }, take)
}

function readRecordsOf(
  text: string,
  zone: { readonly origin: DomainName; readonly defaultTtlSeconds?: number },
  take: (record: ZoneRecord) => void,
): readonly ZoneProblem[] {
  const context: Context = {
    origin: readName(zone.origin),
    owner: undefined,
    ownerText: undefined,
    defaultTtlSeconds: zone.defaultTtlSeconds,
    lastTtlSeconds: undefined,
  }
  const problems: ZoneProblem[] = []
  for (const entry of entriesOf(text)) {
    if (problems.length >= MAX_PROBLEMS) break
    if ('error' in entry) problems.push(problemOf(entry.line, entry.error))
    else {
      try {
        const record = readEntry(entry, context)
        if (record !== undefined) take(record)
      } catch (error) {
        if (!(error instanceof PresentationError)) throw error
        problems.push(problemOf(entry.line, error))
      }
    }
  }
  return problems
}

function problemOf(line: number, error: PresentationError): ZoneProblem {
  const fields = Object.entries(error.fields).map(([name, value]) => `${name}=${String(value)}`)
  return {
    severity: 'error',
    line,
    message: fields.length === 0 ? error.message : `${error.message} (${fields.join(' ')})`,
  }
}

function readEntry(entry: Entry, context: Context): ZoneRecord | undefined {
  const [first] = entry.words
  if (first?.text.startsWith('$') === true && !first.quoted && !entry.indented) {
    readDirective(first.text.toUpperCase(), entry.words.slice(1), context)
    return undefined
  }
  const words = entry.indented ? entry.words : entry.words.slice(1)
  if (!entry.indented && first !== undefined && first.text !== context.ownerText) {
    context.owner = readDomainName(first.text, context.origin)
    context.ownerText = first.text
  }
  if (context.owner === undefined) throw new PresentationError('first record has no owner name')
  return readRecord(words, context.owner, { context, line: entry.line })
}

function readDirective(directive: string, words: readonly Word[], context: Context): void {
  const [value, extra] = words
  if (directive === '$INCLUDE' || directive === '$GENERATE')
    throw new PresentationError('directive is not supported: write the records into this file', { directive })
  if (directive !== '$ORIGIN' && directive !== '$TTL')
    throw new PresentationError('unknown directive', { directive: shown(directive) })
  if (value === undefined || extra !== undefined)
    throw new PresentationError('directive needs one value', { directive })
  if (directive === '$ORIGIN') {
    context.origin = readName(value.text, context.origin)
    context.ownerText = undefined
  } else context.defaultTtlSeconds = readTtl(value.text) ?? noTtl(value.text)
}

function readRecord(
  words: readonly Word[],
  name: DomainName,
  { context, line }: { readonly context: Context; readonly line: number },
): ZoneRecord {
  let at = 0
  let ttlSeconds: number | undefined
  let hasClass = false
  for (; at < 2; at += 1) {
    const text = words[at]?.text ?? ''
    const klass = hasClass ? undefined : classNumber(text)
    if (klass !== undefined) {
      if (klass !== CLASS.IN) throw new PresentationError('class is not IN', { class: shown(text) })
      hasClass = true
    } else if (ttlSeconds === undefined && /^\d/.test(text)) ttlSeconds = readTtl(text) ?? noTtl(text)
    else break
  }
  const type = readType(words[at])
  const rdata = readRdata(type, words.slice(at + 1), context.origin)
  const standing = ttlSeconds ?? context.defaultTtlSeconds ?? context.lastTtlSeconds ?? minimumOf(type, rdata)
  if (standing === undefined)
    throw new PresentationError('record has no TTL, and there is no $TTL and none before it')
  context.lastTtlSeconds = standing
  return { name, type, ttlSeconds: standing, rdata, line }
}

function readType(word: Word | undefined): number {
  const type = word === undefined || word.quoted ? undefined : typeNumber(word.text)
  if (word === undefined) throw new PresentationError('record has no type')
  if (type === undefined) throw new PresentationError('no such type', { type: shown(word.text) })
  if (isMetaType(type) || type === 0) throw new PresentationError('type is no data', { type: typeName(type) })
  return type
}

/** A SOA record without any TTL takes its own MINIMUM, as before RFC 2308. */
function minimumOf(type: number, rdata: Uint8Array): number | undefined {
  if (type !== TYPE.SOA) return undefined
  return new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 4, 4).getUint32(0)
}

function classNumber(text: string): number | undefined {
  const upper = text.toUpperCase()
  if (upper === 'IN' || upper === 'CLASS1') return CLASS.IN
  if (upper === 'CH' || upper === 'CLASS3') return CLASS.CH
  return upper === 'HS' || upper === 'CS' || /^CLASS\d+$/.test(upper) ? 0 : undefined
}

function readTtl(text: string): number | undefined {
  const seconds = readSeconds(text)
  return seconds !== undefined && seconds <= MAX_TTL_SECONDS ? seconds : undefined
}

function noTtl(text: string): never {
  throw new PresentationError('TTL is not a number of seconds up to 2147483647', { ttl: shown(text) })
}
