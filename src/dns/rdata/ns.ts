import { wireName, type DomainName } from '../names.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'

/** The name servers of a zone (RFC 1035, 3.3.11). Their names must own addresses, not aliases (RFC 2181, 10.3). */
export function nsSet(names: readonly DomainName[], ttlSeconds: number): RecordSet {
  return { type: TYPE.NS, ttlSeconds, rdata: names.map(wireName) }
}
