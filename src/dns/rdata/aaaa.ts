import { addressBytes, type Address } from '../address.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'

/** IPv6 addresses of a name, sixteen octets each (RFC 3596, 2.2). */
export function aaaaSet(addresses: readonly Address[], ttlSeconds: number): RecordSet {
  return { type: TYPE.AAAA, ttlSeconds, rdata: addresses.map(addressBytes) }
}
