import type { RecordSet } from '../records.ts'

/** What the SOA of a zone tells its secondaries (RFC 1035, 3.3.13). */
export interface SoaTimes {
  readonly refreshSeconds: number
  readonly retrySeconds: number
  readonly expireSeconds: number
}

/** Octets behind the two names: serial, refresh, retry, expire, minimum. */
const FIXED_BYTES = 20

/** The times of a SOA set; undefined where there is none. */
export function soaTimes(set: RecordSet | undefined): SoaTimes | undefined {
  const rdata = set?.rdata[0]
  if (rdata === undefined || rdata.length < FIXED_BYTES) return undefined
  const view = new DataView(rdata.buffer, rdata.byteOffset + rdata.length - FIXED_BYTES, FIXED_BYTES)
  return {
    refreshSeconds: view.getUint32(4),
    retrySeconds: view.getUint32(8),
    expireSeconds: view.getUint32(12),
  }
}
