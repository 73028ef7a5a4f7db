import { MAX_LABEL_BYTES, MAX_NAME_BYTES } from '../names.ts'
import { TYPE } from '../protocol.ts'
import { typeBitmap } from '../rdata/type-bitmap.ts'
import type { RecordSet } from '../records.ts'
import type { WireName } from '../wire/message.ts'
import { foldName, parentName } from '../wire/name.ts'

const UPPER_A = 0x41
const UPPER_Z = 0x5a

/**
 * The NSEC record of a name by itself: from the name to the one right behind it, so that it says nothing of any other
 * (RFC 9824, 3.1 to 3.3).
 * @param types - that the name has; RRSIG and NSEC come with the record
 */
export function nsecAt(name: WireName, types: readonly number[], { origin, ttlSeconds }: InZone): RecordSet {
  return nsec(nextName(foldName(name), origin), types, ttlSeconds)
}

/** The NSEC record of a name that does not exist: it has NXNAME and nothing else (RFC 9824, 3.1). */
export function nsecOfNothing(name: WireName, zone: InZone): RecordSet {
  return nsecAt(name, [TYPE.NXNAME], zone)
}

/** The NSEC record of a delegation: as far as the end of what is delegated (RFC 9824, 3.4). */
export function nsecAtCut(
  name: WireName,
  types: readonly number[],
  { origin, ttlSeconds }: InZone,
): RecordSet {
  return nsec(nextSibling(foldName(name), origin), types, ttlSeconds)
}

/** What the NSEC records of a zone have in common. */
export interface InZone {
  readonly origin: WireName
  /** The negative TTL of the zone (RFC 9077, 3). */
  readonly ttlSeconds: number
}

function nsec(next: WireName, types: readonly number[], ttlSeconds: number): RecordSet {
  const bitmap = typeBitmap([...types, TYPE.RRSIG, TYPE.NSEC])
  const rdata = new Uint8Array(next.length + bitmap.length)
  rdata.set(next)
  rdata.set(bitmap, next.length)
  return { type: TYPE.NSEC, ttlSeconds, rdata: [rdata] }
}

/** The name right behind a name in canonical order: the smallest one below it (RFC 4471, 3.1.2). @param name - in lower case */
export function nextName(name: WireName, origin: WireName): WireName {
  if (name.length + 2 > MAX_NAME_BYTES) return nextSibling(name, origin)
  const next = new Uint8Array(name.length + 2)
  next[0] = 1
  next.set(name, 2)
  return next
}

/**
 * The first name behind a name and all below it (RFC 4471, 3.1.2): the first label with a zero octet more; where there is no room,
 * the label counted up; where that has no successor, what follows its parent. Behind all names of the zone comes its origin.
 */
export function nextSibling(name: WireName, origin: WireName): WireName {
  for (let current = name; current.length > origin.length; current = parentName(current, 1)) {
    const length = current[0]! // longer than the origin, so not the root
    if (length < MAX_LABEL_BYTES && current.length < MAX_NAME_BYTES) return lengthened(current, length)
    const counted = countedUp(current, length)
    if (counted !== undefined) return counted
  }
  return origin
}

function lengthened(name: WireName, length: number): WireName {
  const next = new Uint8Array(name.length + 1)
  next.set(name.subarray(0, length + 1))
  next.set(name.subarray(length + 1), length + 2)
  next[0] = length + 1
  return next
}

/** The first label's last octet that can be counted up is, and what stands behind it goes. */
function countedUp(name: WireName, length: number): WireName | undefined {
  let last = length
  while (last > 0 && name[last] === 0xff) last -= 1
  if (last === 0) return undefined
  const next = new Uint8Array(name.length - length + last)
  next.set(name.subarray(0, last + 1))
  next.set(name.subarray(length + 1), last + 1)
  next[0] = last
  const octet = name[last]! + 1 // last <= length
  next[last] = octet >= UPPER_A && octet <= UPPER_Z ? UPPER_Z + 1 : octet // capitals stand for small letters
  return next
}
