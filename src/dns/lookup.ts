import { TYPE } from './protocol.ts'
import type { RecordSet } from './records.ts'
import { foldName, nameKey } from './wire/name.ts'
import type { WireName } from './wire/message.ts'

/** A zone of ours that may be answered from: it is serving, and has a SOA at its origin. */
export interface ReadyZone {
  readonly ready: true
  readonly origin: WireName
}

export type ZoneRef = ReadyZone | { readonly ready: false }

/** What answers are made from. Names are in wire form and lower case. */
export interface ZoneView {
  /** The declared zone with the longest origin at or above the name. */
  zoneOf(name: WireName): ZoneRef | undefined
  /**
   * What is at exactly this name. `undefined`: there is no such name. No sets: it exists and has no data, because a name
   * below it exists (empty non-terminal, RFC 4592, 2.2.2) or because it is claimed with nothing to say.
   */
  at(name: WireName): readonly RecordSet[] | undefined
}

/** One alias that was followed. */
export interface AliasLink {
  readonly name: WireName
  readonly set: RecordSet
}

/** How a look-up ends. The response code describes the last name of the chain (RFC 6604, 3). */
export type Ending =
  | { readonly kind: 'records'; readonly zone: ReadyZone; readonly set: RecordSet }
  | { readonly kind: 'no-data'; readonly zone: ReadyZone }
  | { readonly kind: 'no-name'; readonly zone: ReadyZone }
  | { readonly kind: 'not-ours' }
  | { readonly kind: 'not-ready' }
  /** The chain comes back to a name in it, or has MAX_ALIAS_LINKS links. */
  | { readonly kind: 'no-end' }

export interface Lookup {
  /** In order, each name once. */
  readonly links: readonly AliasLink[]
  /** The name that the ending is about: as asked, or the last target. */
  readonly name: WireName
  readonly end: Ending
}

/** A chain of so many aliases is given up: its links are answered, and the resolver may go on from there. */
export const MAX_ALIAS_LINKS = 16

/**
 * Find what the zones say about a name and type, aliases followed inside our zones (RFC 1034, 4.3.2; step 3a).
 * @param name - as asked, in any case: an answer's owner name keeps the client's spelling
 */
export function lookUp(view: ZoneView, name: WireName, type: number): Lookup {
  const links: AliasLink[] = []
  const seen = new Set<string>()
  for (let current = name; ;) {
    const folded = foldName(current)
    const step = lookAt(view, folded, type)
    if (step.kind !== 'alias') return { links, name: current, end: step }
    links.push({ name: current, set: step.set })
    seen.add(nameKey(folded))
    const target = step.set.rdata[0]! // an alias set has one target
    if (links.length === MAX_ALIAS_LINKS || seen.has(nameKey(foldName(target)))) {
      return { links, name: target, end: { kind: 'no-end' } }
    }
    current = target
  }
}

function lookAt(view: ZoneView, name: WireName, type: number): Ending | { kind: 'alias'; set: RecordSet } {
  const zone = view.zoneOf(name)
  if (zone === undefined) return { kind: 'not-ours' }
  if (!zone.ready) return { kind: 'not-ready' }
  const held = view.at(name)
  if (held === undefined) return { kind: 'no-name', zone }
  const sets = held.filter((set) => set.rdata.length > 0) // a selection may leave a family empty
  const exact = type === TYPE.ANY ? smallestAnswer(sets) : sets.find((set) => set.type === type)
  if (exact !== undefined) return { kind: 'records', zone, set: exact }
  const alias = sets.find((set) => set.type === TYPE.CNAME)
  return alias === undefined ? { kind: 'no-data', zone } : { kind: 'alias', set: alias }
}

/** ANY is answered with one RRset; with the alias where there is one (RFC 8482, 4.1). */
function smallestAnswer(sets: readonly RecordSet[]): RecordSet | undefined {
  return sets.find((set) => set.type === TYPE.CNAME) ?? sets[0]
}
