import { wireName, type DomainName } from '../names.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'

/** The name that a name stands for (RFC 1035, 3.3.1). Alone at its owner (RFC 2181, 10.1). */
export function cnameSet(target: DomainName, ttlSeconds: number): RecordSet {
  return { type: TYPE.CNAME, ttlSeconds, rdata: [wireName(target)] }
}
