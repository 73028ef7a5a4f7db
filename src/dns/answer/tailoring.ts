import type { Lookup, ZoneView } from '../lookup.ts'
import { TYPE } from '../protocol.ts'
import { NETWORK_PREFIX, type ClientSubnet } from './client-subnet.ts'

/** The zones as the network sees them that a resolver asks for; without one, as whoever asks does (RFC 7871, 7.2.1). */
export function viewFor(view: ZoneView, subnet: ClientSubnet | undefined): ZoneView {
  if (!isKnown(subnet)) return view
  return view.forNetwork?.(subnet) ?? view
}

/**
 * What is told of a look-up: where a chain of aliases ends in addresses chosen for a network, its first link only, so that a resolver
 * keeps each link for as wide a network as it holds for (RFC 7871, 7.2.1).
 */
export function toldOf(found: Lookup, subnet: ClientSubnet | undefined): Lookup {
  if (!isKnown(subnet) || !isTailored(found)) return found
  const alias = found.links.findIndex(({ set }) => set.type === TYPE.CNAME)
  return alias < 0 ? found : { ...found, links: found.links.slice(0, alias + 1), end: { kind: 'made' } }
}

/** For how wide a network a look-up holds: 0 = for everyone. */
export function scopePrefixOf(found: Lookup, subnet: ClientSubnet | undefined): number {
  return isKnown(subnet) && isTailored(found) ? NETWORK_PREFIX[subnet.family] : 0
}

function isTailored({ end }: Lookup): boolean {
  return end.kind === 'records' && end.set.tailored === true
}

/** A prefix of no length tells nothing of the client (RFC 7871, 7.1.2). */
function isKnown(subnet: ClientSubnet | undefined): subnet is ClientSubnet {
  return subnet !== undefined && subnet.sourcePrefix > 0
}
