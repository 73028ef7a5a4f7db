import { tryAddress, type Address } from '../../src/dns/address.ts'
import { nameOfWire, parseDomainName, type DomainName } from '../../src/dns/names.ts'
import { aSet } from '../../src/dns/rdata/a.ts'
import { aaaaSet } from '../../src/dns/rdata/aaaa.ts'
import { cnameSet } from '../../src/dns/rdata/cname.ts'
import { nsSet } from '../../src/dns/rdata/ns.ts'
import { soaSet } from '../../src/dns/rdata/soa.ts'
import { readName, type Word } from '../../src/dns/presentation.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { readRdata } from '../../src/dns/rdata/read-rdata.ts'
import type { NameChange, RecordSet } from '../../src/dns/records.ts'
import type { ResourceRecord } from '../../src/dns/wire/message.ts'
import { presentName } from '../../src/dns/wire/name.ts'

/** Types that zone lines in tests may use, by mnemonic. */
export const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  NULL: 10,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  CDS: 59,
  CDNSKEY: 60,
  HTTPS: 65,
  NXNAME: 128,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  ANY: 255,
  TYPE666: 666,
}
/** Written as master files write them. */
const GENERIC: ReadonlySet<number> = new Set(
  ['PTR', 'MX', 'SRV', 'DNAME', 'DS', 'DNSKEY', 'CDS', 'CDNSKEY', 'HTTPS'].map((name) => TYPES[name] ?? 0),
)
const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(TYPES).map(([name, type]) => [type, name]),
)

export function address(text: string): Address {
  const parsed = tryAddress(text)
  if (parsed === undefined) throw new Error(`no address: ${text}`)
  return parsed
}

/**
 * Zone lines, `name ttl type rdata`, as changes of kind `records`, one for each name.
 * A name alone on its line is claimed with nothing to say.
 */
export function changesOf(lines: readonly string[]): readonly NameChange[] {
  const byName = new Map<DomainName, RecordSet[]>()
  for (const line of lines) {
    const [owner = '', ttl, type = '', ...rdata] = line.trim().split(/\s+/)
    const name = owner.includes('\\') ? nameOfWire(readName(owner)) : parseDomainName(owner)
    const sets = byName.get(name) ?? []
    byName.set(name, sets)
    if (ttl === undefined) continue
    const set = setOf(type, Number(ttl), rdata)
    const at = sets.findIndex((other) => other.type === set.type)
    if (at < 0) sets.push(set)
    else sets[at] = { ...set, rdata: [...sets[at]!.rdata, ...set.rdata] } // found
  }
  return [...byName].map(([name, sets]) => ({ name, answer: { kind: 'records', sets }, urgent: false }))
}

function setOf(type: string, ttlSeconds: number, rdata: readonly string[]): RecordSet {
  const [first = ''] = rdata
  switch (type) {
    case 'A':
      return aSet([address(first)], ttlSeconds)
    case 'AAAA':
      return aaaaSet([address(first)], ttlSeconds)
    case 'CNAME':
      return cnameSet(parseDomainName(first), ttlSeconds)
    case 'NS':
      return nsSet([parseDomainName(first)], ttlSeconds)
    case 'SOA':
      return soaOf(rdata, ttlSeconds)
    case 'TXT':
      return { type: 16, ttlSeconds, rdata: [txt(rdata.join(' '))] }
    default:
      return { type: TYPES[type] ?? 0, ttlSeconds, rdata: [readRdata(TYPES[type] ?? 0, rdata.map(wordOf))] }
  }
}

function wordOf(text: string): Word {
  const quoted = text.startsWith('"')
  return { quoted, text: quoted ? text.slice(1, -1) : text }
}

function soaOf(rdata: readonly string[], ttlSeconds: number): RecordSet {
  const [mname = '', rname = '', serial, refresh, retry, expire, minimum] = rdata
  return soaSet({
    mname: parseDomainName(mname),
    rname: parseDomainName(rname),
    serial: Number(serial),
    refreshSeconds: Number(refresh),
    retrySeconds: Number(retry),
    expireSeconds: Number(expire),
    minimumSeconds: Number(minimum),
    ttlSeconds,
  })
}

/** One character string: `text` between quotes, or `size*x` for a string of so many x. */
function txt(text: string): Uint8Array {
  const repeated = /^(\d+)\*(.)$/.exec(text)
  const value = repeated === null ? text.replaceAll('"', '') : (repeated[2] ?? '').repeat(Number(repeated[1]))
  return Uint8Array.from([value.length, ...Buffer.from(value, 'latin1')])
}

/** A record as a zone line: `name ttl type rdata`. */
export function lineOf({ name, type, ttlSeconds, rdata }: ResourceRecord): string {
  return `${presentName(name)} ${ttlSeconds} ${NAMES[type] ?? `TYPE${type}`} ${rdataText(type, rdata)}`
}

function rdataText(type: number, rdata: Uint8Array): string {
  if (type === TYPES['A']) return rdata.join('.')
  if (type === TYPES['AAAA']) return ipv6Text(rdata)
  if (type === TYPES['CNAME'] || type === TYPES['NS']) return presentName(rdata)
  if (type === TYPES['TXT']) return JSON.stringify(Buffer.from(rdata.subarray(1)).toString('latin1'))
  if (GENERIC.has(type)) return presentRdata(type, rdata)
  if (type !== TYPES['SOA']) return Buffer.from(rdata).toString('hex')
  const rname = rdata.subarray(nameLength(rdata))
  const view = new DataView(rname.buffer, rname.byteOffset + nameLength(rname))
  const numbers = [0, 4, 8, 12, 16].map((at) => view.getUint32(at))
  return `${presentName(rdata)} ${presentName(rname)} ${numbers.join(' ')}`
}

function nameLength(bytes: Uint8Array): number {
  let at = 0
  while (bytes[at] !== 0) at += (bytes[at] ?? 0) + 1
  return at + 1
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16)) // 16 octets
  return address(groups.join(':'))
}
