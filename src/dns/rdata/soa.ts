import { wireName, type DomainName } from '../names.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'

export interface Soa {
  /** The primary server of the zone. */
  readonly mname: DomainName
  /** The mailbox in charge, its @ written as a dot. */
  readonly rname: DomainName
  /** 32 bits, compared by serial arithmetic (RFC 1982). */
  readonly serial: number
  readonly refreshSeconds: number
  readonly retrySeconds: number
  readonly expireSeconds: number
  /** How long a denial may be cached, together with the TTL (RFC 2308, 4). */
  readonly minimumSeconds: number
  readonly ttlSeconds: number
}

/** Octets behind the two names: serial, refresh, retry, expire, minimum. */
const FIXED_BYTES = 20

/** Start of authority (RFC 1035, 3.3.13). */
export function soaSet(soa: Soa): RecordSet {
  const mname = wireName(soa.mname)
  const rname = wireName(soa.rname)
  const rdata = new Uint8Array(mname.length + rname.length + FIXED_BYTES)
  rdata.set(mname, 0)
  rdata.set(rname, mname.length)
  const view = new DataView(rdata.buffer, mname.length + rname.length)
  view.setUint32(0, soa.serial)
  view.setUint32(4, soa.refreshSeconds)
  view.setUint32(8, soa.retrySeconds)
  view.setUint32(12, soa.expireSeconds)
  view.setUint32(16, soa.minimumSeconds)
  return { type: TYPE.SOA, ttlSeconds: soa.ttlSeconds, rdata: [rdata] }
}

/**
 * TTL of the SOA record that goes with a denial: the smaller of its own TTL and its MINIMUM (RFC 2308, 3 and 5).
 * @param set - an SOA set with one rdata of at least 22 octets
 */
export function negativeTtlSeconds(set: RecordSet): number {
  const rdata = set.rdata[0]
  if (rdata === undefined || rdata.length < FIXED_BYTES) return set.ttlSeconds
  const minimum = new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 4, 4).getUint32(0)
  return Math.min(set.ttlSeconds, minimum)
}

/** The serial of a SOA set; undefined where there is none. */
export function serialOf(set: RecordSet | undefined): number | undefined {
  const rdata = set?.rdata[0]
  if (rdata === undefined || rdata.length < FIXED_BYTES) return undefined
  return new DataView(rdata.buffer, rdata.byteOffset + rdata.length - FIXED_BYTES, 4).getUint32(0)
}

/** A copy of a SOA set with another serial. */
export function withSerial(set: RecordSet, serial: number): RecordSet {
  const rdata = set.rdata.map((octets) => {
    const copy = Uint8Array.from(octets) // slice() of a Buffer is no copy
    new DataView(copy.buffer, copy.length - FIXED_BYTES, 4).setUint32(0, serial)
    return copy
  })
  return { ...set, rdata }
}
