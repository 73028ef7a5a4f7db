import type { ReadyZone, ZoneView } from '../lookup.ts'
import { MAX_NAME_BYTES } from '../names.ts'
import { TYPE } from '../protocol.ts'
import { negativeTtlSeconds } from '../rdata/soa.ts'
import type { RecordSet } from '../records.ts'
import type { WireName } from '../wire/message.ts'
import { foldName, labelCount, parentName } from '../wire/name.ts'
import { nsecAt, nsecAtCut, nsecOfNothing, type InZone } from './nsec.ts'

/** What a denial is about. */
export interface Denied {
  readonly zone: ReadyZone
  /** In any case. */
  readonly name: WireName
  /** That the name does not have. */
  readonly type: number
}

/**
 * The NSEC record of a name as the zone is now, types that it does not have left out (RFC 9824, 3). A name that a wildcard speaks for has
 * the wildcard's types (3.3); one that does not exist has NXNAME (3.1); a delegation has NS and DS, and covers what is below (3.4).
 */
export function denialOf(view: ZoneView, { zone, name, type }: Denied): RecordSet {
  const folded = foldName(name)
  const inZone: InZone = { origin: zone.origin, ttlSeconds: negativeTtl(view, zone) }
  const own = view.at(folded)
  const held = own ?? wildcardAt(view, zone, folded)
  if (held === undefined) return nsecOfNothing(name, inZone)
  const types = held.filter((set) => set.rdata.length > 0 && set.type !== type).map((set) => set.type)
  if (folded.length === zone.origin.length) return nsecAt(name, types.filter(isBelowOrigin), inZone)
  const isCut = own !== undefined && types.includes(TYPE.NS)
  return isCut ? nsecAtCut(name, types.filter(isAboveCut), inZone) : nsecAt(name, types, inZone)
}

/** A DS record at an origin is not the zone's own to say (RFC 4035, 2.4). */
function isBelowOrigin(type: number): boolean {
  return type !== TYPE.DS
}

/** What the parent says of a delegation; all else there is glue, or the child's (RFC 4035, 2.3). */
function isAboveCut(type: number): boolean {
  return type === TYPE.NS || type === TYPE.DS
}

function negativeTtl(view: ZoneView, zone: ReadyZone): number {
  const soa = view.at(zone.origin)?.find(({ type }) => type === TYPE.SOA)
  return soa === undefined ? 0 : negativeTtlSeconds(soa)
}

/** What the wildcard has that speaks for a name that is not there (RFC 4592, 3.3.1). */
function wildcardAt(view: ZoneView, zone: ReadyZone, name: WireName): readonly RecordSet[] | undefined {
  if (zone.layered !== true) return undefined
  const above = labelCount(name) - labelCount(zone.origin)
  for (let label = 1; label <= above; label += 1) {
    const encloser = parentName(name, label)
    if (view.at(encloser) === undefined) continue
    const wildcard = Uint8Array.from([1, 0x2a, ...encloser])
    return wildcard.length > MAX_NAME_BYTES ? undefined : view.at(wildcard)
  }
  return undefined
}
