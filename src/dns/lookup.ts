import { MAX_NAME_BYTES } from './names.ts'
import { TYPE } from './protocol.ts'
import type { RecordSet } from './records.ts'
import { foldName, labelCount, nameKey, parentName } from './wire/name.ts'
import type { WireName } from './wire/message.ts'

/** A zone of ours that may be answered from: it is serving, and has a SOA at its origin. */
export interface ReadyZone {
  readonly ready: true
  readonly origin: WireName
  /** It may hold delegations, DNAMEs or wildcards, so that names above the one asked for have a say. Without: it has none. */
  readonly layered?: boolean
}

/** `expired`: a zone of another primary that has not been heard of for too long (RFC 1035, 3.3.13). */
export type ZoneRef = ReadyZone | { readonly ready: false; readonly expired?: true }

/** A record set as it is found: `tailored`, when other networks may be given other records of it. */
export interface FoundSet extends RecordSet {
  readonly tailored?: boolean
}

/** The network that a query is asked for, where that is not the network of whoever asks (RFC 7871). */
export interface AskingNetwork {
  /** 1: IPv4, 2: IPv6. */
  readonly family: 1 | 2
  /** As many octets as are known. */
  readonly address: Uint8Array
}

/** What answers are made from. Names are in wire form and lower case. */
export interface ZoneView {
  /** The declared zone with the longest origin at or above the name. */
  zoneOf(name: WireName): ZoneRef | undefined
  /**
   * What is at exactly this name. `undefined`: there is no such name. No sets: it exists and has no data, because a name
   * below it exists (empty non-terminal, RFC 4592, 2.2.2) or because it is claimed with nothing to say.
   */
  at(name: WireName): readonly FoundSet[] | undefined
  /** The same zones as this network sees them. Absent: they look the same to everyone. */
  forNetwork?(network: AskingNetwork): ZoneView
}

/** A record set that led on to another name: an alias, or a DNAME with the alias made from it. */
export interface AliasLink {
  readonly name: WireName
  readonly set: RecordSet
}

/** How a look-up ends. The response code describes the last name of the chain (RFC 6604, 3). */
export type Ending =
  | { readonly kind: 'records'; readonly zone: ReadyZone; readonly set: FoundSet }
  | { readonly kind: 'no-data'; readonly zone: ReadyZone }
  | { readonly kind: 'no-name'; readonly zone: ReadyZone }
  /** The name is at or below a delegation: `servers` are those of `cut`. */
  | {
      readonly kind: 'referral'
      readonly zone: ReadyZone
      readonly cut: WireName
      readonly servers: RecordSet
    }
  | { readonly kind: 'not-ours' }
  | { readonly kind: 'not-ready'; readonly expired?: true }
  /** The chain comes back to a name in it, or has MAX_ALIAS_LINKS links. */
  | { readonly kind: 'no-end' }
  /** The last link is itself what was asked for: the alias that a DNAME made. */
  | { readonly kind: 'made' }
  /** What a DNAME makes of the name is longer than a name can be (RFC 6672, 2.2). */
  | { readonly kind: 'too-long'; readonly links: readonly AliasLink[] }

export interface Lookup {
  /** In order, each name once. */
  readonly links: readonly AliasLink[]
  /** The name that the ending is about: as asked, or the last target. */
  readonly name: WireName
  readonly end: Ending
  /** Octets of the suffix of the name asked for that a wildcard or DNAME answers for in one: any name below it gets the like. */
  readonly madeFromBytes?: number
}

/** One step: an ending, or where the name leads. */
type Step = (
  | Ending
  | { readonly kind: 'alias'; readonly links: readonly AliasLink[]; readonly target: WireName }
) & { readonly madeFromBytes?: number }

/** A chain of so many aliases is given up: its links are answered, and the resolver may go on from there. */
export const MAX_ALIAS_LINKS = 16

/**
 * Find what the zones say about a name and type, aliases followed inside our zones (RFC 1034, 4.3.2; step 3a).
 * @param name - as asked, in any case: an answer's owner name keeps the client's spelling
 */
export function lookUp(view: ZoneView, name: WireName, type: number): Lookup {
  const first = lookAt(view, name, type)
  const found = followed(view, { name, type, first })
  return first.madeFromBytes === undefined ? found : { ...found, madeFromBytes: first.madeFromBytes }
}

function followed(
  view: ZoneView,
  { name, type, first }: { readonly name: WireName; readonly type: number; readonly first: Step },
): Lookup {
  const links: AliasLink[] = []
  const seen = new Set<string>()
  for (let current = name, step = first; ; step = lookAt(view, current, type)) {
    if (step.kind === 'alias' && repeatsDname(links, step.links))
      return { links, name: current, end: { kind: 'no-end' } }
    if (step.kind === 'alias' || step.kind === 'too-long') links.push(...step.links)
    if (step.kind !== 'alias') return { links, name: current, end: step }
    if (type === TYPE.CNAME) return { links, name: current, end: { kind: 'made' } }
    seen.add(nameKey(foldName(current)))
    if (seen.size === MAX_ALIAS_LINKS || seen.has(nameKey(foldName(step.target)))) {
      return { links, name: step.target, end: { kind: 'no-end' } }
    }
    current = step.target
  }
}

/** A DNAME that leads below itself would lengthen the name for ever; NSD and Knot stop here too. */
function repeatsDname(links: readonly AliasLink[], next: readonly AliasLink[]): boolean {
  const dname = next.find(({ set }) => set.type === TYPE.DNAME)
  if (dname === undefined) return false
  const owner = nameKey(foldName(dname.name))
  return links.some(({ name, set }) => set.type === TYPE.DNAME && nameKey(foldName(name)) === owner)
}

function lookAt(view: ZoneView, name: WireName, type: number): Step {
  const folded = foldName(name)
  const zone = zoneFor(view, folded, type)
  if (zone === undefined) return { kind: 'not-ours' }
  if (!zone.ready) return zone.expired === true ? { kind: 'not-ready', expired: true } : { kind: 'not-ready' }
  if (type === TYPE.DS && zone.origin.length === folded.length) return { kind: 'no-data', zone } // whatever stands there is not ours to say
  if (zone.layered === true) return descend(view, zone, { name, folded, type })
  const held = view.at(folded)
  return held === undefined ? { kind: 'no-name', zone } : atNode(held, zone, { name, type })
}

/**
 * The zone that says what is at a name. Whether a name is delegated securely is said above the cut, by the zone that delegates (RFC
 * 4035, 3.1.4.1): where that one is ours, in whatever state, never by the one below.
 * @param name - in lower case
 */
export function zoneFor(view: ZoneView, name: WireName, type: number): ZoneRef | undefined {
  const zone = view.zoneOf(name)
  if (type !== TYPE.DS || zone?.ready !== true || zone.origin.length !== name.length || name.length === 1)
    return zone
  return view.zoneOf(parentName(name, 1)) ?? zone
}

interface Asked {
  /** In the client's spelling. */
  readonly name: WireName
  readonly folded: WireName
  readonly type: number
}

/** From the origin down, name by name: a delegation first, then the name itself, then DNAME, then a wildcard (RFC 1034, 4.3.2; 6672, 3.2; 4592, 3.3). */
function descend(view: ZoneView, zone: ReadyZone, asked: Asked): Step {
  const { name, folded, type } = asked
  const above = labelCount(folded) - labelCount(zone.origin)
  for (let label = above; label >= 0; label -= 1) {
    const sets = view.at(parentName(folded, label))
    if (sets === undefined)
      return atWildcard(view, zone, { ...asked, encloser: parentName(folded, label + 1) })
    const owner = parentName(name, label)
    const servers = label === above ? undefined : setOfType(sets, TYPE.NS)
    if (servers !== undefined && !(label === 0 && type === TYPE.DS))
      return { kind: 'referral', zone, cut: owner, servers }
    if (label === 0) return atNode(sets, zone, asked)
    const dname = setOfType(sets, TYPE.DNAME)
    if (dname !== undefined) return substitute(name, owner, dname)
  }
  return { kind: 'no-name', zone } // the loop ends at label 0
}

/** The source of synthesis is the wildcard right below the closest encloser, and no other (RFC 4592, 3.3.1). */
function atWildcard(view: ZoneView, zone: ReadyZone, asked: Asked & { readonly encloser: WireName }): Step {
  const wildcard = new Uint8Array(asked.encloser.length + 2)
  wildcard.set(WILDCARD_LABEL)
  wildcard.set(asked.encloser, WILDCARD_LABEL.length)
  const sets = wildcard.length > MAX_NAME_BYTES ? undefined : view.at(wildcard)
  if (sets === undefined) return { kind: 'no-name', zone }
  return { ...atNode(sets, zone, asked), madeFromBytes: asked.encloser.length }
}

const WILDCARD_LABEL = Uint8Array.of(1, 0x2a)

/** The alias that a DNAME makes: the name with the DNAME's owner replaced by its target (RFC 6672, 2.2, 3.1). */
function substitute(name: WireName, owner: WireName, dname: RecordSet): Step {
  const suffix = dname.rdata[0]! // a set found has rdata
  const prefix = name.subarray(0, name.length - owner.length)
  if (prefix.length + suffix.length > MAX_NAME_BYTES)
    return { kind: 'too-long', links: [{ name: owner, set: dname }] }
  const target = new Uint8Array(prefix.length + suffix.length)
  target.set(prefix)
  target.set(suffix, prefix.length)
  const alias = { type: TYPE.CNAME, ttlSeconds: dname.ttlSeconds, rdata: [target] }
  return {
    kind: 'alias',
    target,
    madeFromBytes: owner.length,
    links: [
      { name: owner, set: dname },
      { name, set: alias },
    ],
  }
}

function atNode(
  held: readonly FoundSet[],
  zone: ReadyZone,
  asked: { readonly name: WireName; readonly type: number },
): Step {
  const sets = held.filter((set) => set.rdata.length > 0) // a selection may leave a family empty
  const exact = asked.type === TYPE.ANY ? smallestAnswer(sets) : setOfType(sets, asked.type)
  if (exact !== undefined) return { kind: 'records', zone, set: exact }
  const alias = setOfType(sets, TYPE.CNAME)
  const target = alias?.rdata[0]
  if (alias === undefined || target === undefined) return { kind: 'no-data', zone }
  return { kind: 'alias', target, links: [{ name: asked.name, set: alias }] }
}

function setOfType(sets: readonly FoundSet[], type: number): FoundSet | undefined {
  return sets.find((set) => set.type === type && set.rdata.length > 0)
}

/** ANY is answered with one RRset; with the alias where there is one (RFC 8482, 4.1). */
function smallestAnswer(sets: readonly FoundSet[]): FoundSet | undefined {
  return sets.find((set) => set.type === TYPE.CNAME) ?? sets[0]
}
