import { addressBytes, type Address } from '../address.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'

/** IPv4 addresses of a name, four octets each (RFC 1035, 3.4.1). */
export function aSet(addresses: readonly Address[], ttlSeconds: number): RecordSet {
  return { type: TYPE.A, ttlSeconds, rdata: addresses.map(addressBytes) }
}
