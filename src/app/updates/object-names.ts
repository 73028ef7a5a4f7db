import { createHash } from 'node:crypto'
import { wireName, type DomainName } from '../../dns/names.ts'

/** Parts that a large zone is spread over. */
export const PARTS = 16

/** Names of objects are DNS-1123 subdomains (Kubernetes, "Object Names and IDs"), parts have a suffix behind them. */
const OBJECT_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_OBJECT_NAME = 240

/** The object that updates of a zone are kept in: called like the zone; by a hash where no object may be called so. */
export function headName(zone: DomainName): string {
  const bare = zone.slice(0, -1)
  if (bare.length <= MAX_OBJECT_NAME && OBJECT_NAME.test(bare)) return bare
  return `zone-${createHash('sha256').update(bare).digest('hex').slice(0, 40)}`
}

/** The object that holds a part of a large zone. */
export function partName(zone: DomainName, part: number): string {
  return `${headName(zone)}.part-${part}`
}

/** The part that a name belongs to, from 0 (FNV-1a over its octets). */
export function partOf(name: DomainName): number {
  let hash = 0x811c_9dc5
  for (const octet of wireName(name)) hash = Math.imul(hash ^ octet, 0x0100_0193)
  return (hash >>> 0) % PARTS
}
