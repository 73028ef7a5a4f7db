import { TYPE } from '../protocol.ts'
import { typeName } from '../rdata/type-names.ts'
import type { AskedChange, UpdateZone } from './types.ts'

/** What a signing server makes itself: from outside it would be wrong at once (RFC 4034, 2 to 4; RFC 7344). */
const MADE_HERE: ReadonlySet<number> = new Set([
  TYPE.RRSIG,
  TYPE.NSEC,
  TYPE.NSEC3,
  TYPE.NSEC3PARAM,
  TYPE.DNSKEY,
  TYPE.CDS,
  TYPE.CDNSKEY,
])
/** Types that a wildcard may not own (RFC 4592, 4.1 to 4.4). */
const NOT_AT_WILDCARD: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.NS, TYPE.DNAME])

/**
 * Why nobody may make a change, whatever the zone: undefined, it may be made. SOA and name servers of the zone are said where
 * the zone is declared; types that the server makes are not taken; wildcards own no SOA, NS or DNAME. What asks for no more
 * than silence (RFC 2136, 3.4.2.3) is let pass.
 */
export function standingDenial(
  { kind, name, type }: AskedChange,
  zone: Pick<UpdateZone, 'origin'>,
): string | undefined {
  if (MADE_HERE.has(type)) return `${typeName(type)} records are made by this server`
  if (name === zone.origin && (type === TYPE.SOA || type === TYPE.NS) && kind !== 'remove-set')
    return `${typeName(type)} records of ${name} are set where the zone is declared`
  if (kind !== 'add') return undefined
  if (name.startsWith('*.') && NOT_AT_WILDCARD.has(type))
    return `a wildcard cannot own ${typeName(type)} records`
  return undefined
}
