import { CLASS, TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import type { WireName } from '../wire/message.ts'
import { foldName, nameEnd } from '../wire/name.ts'

/** Octets of rdata before its names, and how many names there are. */
type NamesAt = readonly [before: number, count: number]

/**
 * Types whose rdata holds names that are in lower case when signed (RFC 4034, 6.2), obsolete ones too. NSEC is not among them, and
 * HINFO has no names (RFC 6840, 5.1); a type that is not here is signed as it is (RFC 3597, 7).
 */
const NAMES: ReadonlyMap<number, NamesAt> = new Map<number, NamesAt>([
  [TYPE.NS, [0, 1]],
  [3, [0, 1]], // MD
  [4, [0, 1]], // MF
  [TYPE.CNAME, [0, 1]],
  [TYPE.SOA, [0, 2]],
  [7, [0, 1]], // MB
  [8, [0, 1]], // MG
  [9, [0, 1]], // MR
  [TYPE.PTR, [0, 1]],
  [14, [0, 2]], // MINFO
  [TYPE.MX, [2, 1]],
  [17, [0, 2]], // RP
  [18, [2, 1]], // AFSDB
  [21, [2, 1]], // RT
  [24, [18, 1]], // SIG
  [26, [2, 2]], // PX
  [30, [0, 1]], // NXT
  [TYPE.SRV, [6, 1]],
  [36, [2, 1]], // KX
  [TYPE.DNAME, [0, 1]],
  [TYPE.RRSIG, [18, 1]],
])

const NAPTR = 35
const A6 = 38

/** The rdata as it is signed: names in lower case where the type is one of those of RFC 4034, 6.2. Takes any octets. */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const [before, count] = namesIn(type, rdata)
  if (count === 0) return rdata
  if (before >= rdata.length) return rdata // too short for its type
  let end = before
  for (let i = 0; i < count; i += 1) end = nameEnd(rdata, end)
  const out = Uint8Array.from(rdata)
  out.set(foldName(rdata.subarray(before, end)), before) // length octets stay: they are below the letters
  return out
}

function namesIn(type: number, rdata: Uint8Array): NamesAt {
  if (type === NAPTR) return [afterStrings(rdata, 4, 3), 1] // RFC 3403, 4.1
  if (type === A6) return [1 + Math.ceil((128 - Math.min(rdata[0] ?? 128, 128)) / 8), 1] // RFC 2874, 3.1
  return NAMES.get(type) ?? [0, 0]
}

function afterStrings(rdata: Uint8Array, start: number, count: number): number {
  let at = start
  for (let i = 0; i < count; i += 1) at += 1 + (rdata[at] ?? 0)
  return Math.min(at, rdata.length)
}

/** Owner, type, class, TTL and length come before rdata; what stands between owner and rdata. */
const FIXED_BYTES = 10

/**
 * The records of a set as they are signed: owner in lower case, the TTL as given, rdata canonical, in canonical order (RFC 4034, 6.3:
 * as octets, the shorter first), each once.
 * @param owner - in wire form, any case
 */
export function canonicalSet(owner: WireName, { type, ttlSeconds, rdata }: RecordSet): Uint8Array {
  const sorted = rdata.map((octets) => canonicalRdata(type, octets)).sort(Buffer.compare)
  const distinct = sorted.filter((octets, i) => i === 0 || Buffer.compare(octets, sorted[i - 1]!) !== 0) // i > 0
  const size = distinct.reduce((sum, octets) => sum + owner.length + FIXED_BYTES + octets.length, 0)
  const out = Buffer.allocUnsafe(size)
  const folded = foldName(owner)
  let at = 0
  for (const octets of distinct) {
    out.set(folded, at)
    at += folded.length
    out.writeUInt16BE(type, at)
    out.writeUInt16BE(CLASS.IN, at + 2)
    out.writeUInt32BE(ttlSeconds, at + 4)
    out.writeUInt16BE(octets.length, at + 8)
    out.set(octets, at + FIXED_BYTES)
    at += FIXED_BYTES + octets.length
  }
  return out
}
