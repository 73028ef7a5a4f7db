import { objectKey, ownerKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import { domainKind } from '../../api/domain.ts'
import { readZoneText } from '../../api/zone-text.ts'
import type { Federation } from '../../controllers/federations.ts'
import { rankOf } from '../../core/discovery/rank.ts'
import type { ClaimChange, Ledger } from '../../core/discovery/types.ts'
import { isWithin, tryDomainName, type DomainName } from '../../dns/names.ts'
import { sameAnswer, type Answer, type RecordSet } from '../../dns/records.ts'
import { setsOf, type ZoneProblem, type ZoneRecord } from '../../dns/zone-file/zone-data.ts'
import { CUTS, servable } from '../updates/zone-rules.ts'

export interface StaticDataOptions {
  /** The control plane's, which Domains are in. */
  readonly namespace: string
  readonly ledger: Pick<Ledger, 'put' | 'drop'>
  /** Suffixes of the names that federations publish in a zone; undefined: no Domain has it. */
  readonly scopes: (origin: DomainName) => readonly DomainName[] | undefined
  /** Origin of the innermost zone of ours that a name is in. */
  readonly zoneOf: (name: DomainName) => DomainName | undefined
  /** metadata.creationTimestamp of a Domain. */
  readonly created: (domain: ObjectKey) => string | undefined
  /** What is to be told of a Domain may be another thing now. */
  readonly told: (owner: OwnerKey) => void
}

/** What is said of one Domain's static data. */
export interface StaticDataState {
  readonly origin: DomainName
  /** Names that it gives, those included that somebody else has. */
  readonly names: number
  /** What of it cannot be served: one sentence each. */
  readonly problems: readonly string[]
  /** What may surprise, by line. */
  readonly warnings: readonly ZoneProblem[]
  /** Records of the zone's own name that the Domain says otherwise. */
  readonly leftOut: readonly Pick<ZoneRecord, 'type' | 'line'>[]
  /** What it says of a name. */
  at(name: DomainName): readonly RecordSet[]
}

/** The static data of one Domain. */
interface Held {
  readonly federation: Federation
  /** As they were read; what is said of them depends on others too. */
  readonly names: ReadonlyMap<DomainName, readonly RecordSet[]>
  /** All names above them, up to the origin. */
  readonly above: ReadonlySet<DomainName>
  readonly read: Pick<StaticDataState, 'warnings' | 'leftOut'>
  /** As it was claimed last. */
  readonly said: Map<DomainName, Answer>
  readonly problems: Map<DomainName, readonly string[]>
}

const NOTHING: ReadonlyMap<DomainName, readonly RecordSet[]> = new Map()
const NOTHING_READ: Held['read'] = { warnings: [], leftOut: [] }

/**
 * The static data of Domains (`zoneFile`), claimed as the strongest there is but for the zone's own servers (DESIGN 5.7), each
 * Domain's under its own key: Domains of one zone have their texts beside each other. A text that changes costs reading it and
 * the names that differ; what else happens to Domains costs names that it can concern.
 */
export class StaticDataBook {
  readonly #options: StaticDataOptions
  readonly #held = new Map<string, Held>()
  /** Of every Domain in force, with static data or without. */
  readonly #origins = new Map<string, DomainName>()

  constructor(options: StaticDataOptions) {
    this.#options = options
  }

  /** Undefined: the Domain has no static data in force. */
  state(name: string): StaticDataState | undefined {
    const held = this.#held.get(name)
    if (held === undefined) return undefined
    const { federation, said, problems, names, read } = held
    return {
      ...read,
      origin: federation.domain,
      names: said.size,
      problems: [...problems.values()].flat(),
      at: (at) => names.get(at) ?? [],
    }
  }

  /** Whether static data of a zone stands below a name. @param except - a Domain that does not count */
  isAbove(origin: DomainName, name: DomainName, except?: string): boolean {
    for (const [domain, { federation, above }] of this.#held)
      if (domain !== except && federation.domain === origin && above.has(name)) return true
    return false
  }

  /** A Domain is in force, or no more. Zones are as this makes them. */
  set(name: string, federation: Federation | undefined): void {
    const before = this.#held.get(name)
    if (federation?.zoneFile === undefined) this.#drop(name)
    else if (before !== undefined && saysTheSame(before.federation, federation))
      this.#held.set(name, { ...before, federation })
    else this.#replace(name, federation)
    this.#review(name, federation?.domain)
  }

  #key(name: string): ObjectKey {
    return objectKey(this.#options.namespace, name)
  }

  #owner(name: string): OwnerKey {
    return ownerKey(domainKind.definition.kind, this.#key(name))
  }

  #drop(name: string): void {
    if (!this.#held.delete(name)) return
    this.#options.ledger.drop(this.#owner(name))
    this.#options.told(this.#owner(name))
  }

  #replace(name: string, federation: Federation): void {
    const before = this.#held.get(name)
    const now = {
      federation,
      ...readNames(federation),
      said: before?.said ?? new Map<DomainName, Answer>(),
      problems: new Map<DomainName, readonly string[]>(),
    }
    this.#held.set(name, now)
    this.#say(name, new Set([...now.names.keys(), ...now.said.keys()]))
  }

  /** What a Domain that changed, came or went may do to the static data of this and others. */
  #review(name: string, origin: DomainName | undefined): void {
    const old = this.#origins.get(name)
    if (origin === undefined) this.#origins.delete(name)
    else this.#origins.set(name, origin)
    const short = tryDomainName(name)
    const moved = old === origin ? [] : [old, origin, short].filter((zone) => zone !== undefined)
    const scoped = [old, origin].filter((zone) => zone !== undefined)
    for (const [other, { federation, names }] of this.#held) {
      const inside = moved.filter((zone) => zone !== federation.domain && isWithin(zone, federation.domain))
      if (inside.length > 0)
        this.#say(other, new Set([...names.keys()].filter((at) => inside.some((zone) => isWithin(at, zone)))))
      if (scoped.includes(federation.domain)) this.#say(other, new Set(cutsOf(names)))
    }
  }

  /** Say of these names what the Domain's static data says of them now. */
  #say(name: string, names: ReadonlySet<DomainName>): void {
    const held = this.#held.get(name)
    if (held === undefined || names.size === 0) return
    const { said, problems } = held
    const changes = [...names].flatMap((at): readonly ClaimChange[] => {
      const { sets, problems: found } = this.#servable(held, at)
      if (found.length === 0) problems.delete(at)
      else problems.set(at, found)
      if (sets.length === 0) return said.delete(at) ? [{ name: at, urgent: false }] : []
      const answer: Answer = { kind: 'records', sets }
      if (sameAnswer(said.get(at), answer)) return []
      said.set(at, answer)
      return [{ name: at, answer, urgent: false }]
    })
    const key = this.#key(name)
    const creationTimestamp = this.#options.created(key) ?? ''
    const rank = rankOf({ nameClass: 'static', creationTimestamp, key })
    this.#options.ledger.put({ key: this.#owner(name), rank }, changes)
    this.#options.told(this.#owner(name))
  }

  #servable({ federation, names }: Held, at: DomainName): ReturnType<typeof servable> {
    const origin = federation.domain
    const sets = names.get(at) ?? []
    const zone = sets.length === 0 ? origin : (this.#options.zoneOf(at) ?? origin)
    if (zone !== origin && isWithin(zone, origin)) {
      const said = `${at} is in the zone ${zone}, which is served here: its own Domain gives its records`
      return { sets: [], problems: [said] }
    }
    return servable(at, sets, {
      ...{ origin, scopes: this.#options.scopes(origin) ?? [] },
      isAboveStatic: (name) => this.isAbove(origin, name, federation.name),
    })
  }
}

/** Whether two states of a Domain have the same static data. */
function saysTheSame(before: Federation, now: Federation): boolean {
  return (
    before.zoneFile === now.zoneFile &&
    before.domain === now.domain &&
    before.settings.defaultTtlSeconds === now.settings.defaultTtlSeconds
  )
}

/** Nothing of a text that is broken: one is in force only where somebody has written it into a Domain's status. */
function readNames({
  zoneFile = '',
  domain: origin,
  settings: { defaultTtlSeconds },
}: Federation): Pick<Held, 'names' | 'above' | 'read'> {
  const part = readZoneText(zoneFile, { origin, defaultTtlSeconds })
  if (part.kind === 'broken') return { names: NOTHING, above: new Set(), read: NOTHING_READ }
  const { records, warnings, leftOut } = part
  const names = new Map<DomainName, readonly RecordSet[]>()
  for (const name of records.names()) names.set(name, setsOf(records.recordsOf(name).map(copied)))
  return { names, above: namesAbove(names.keys(), origin), read: { warnings, leftOut } }
}

function namesAbove(names: Iterable<DomainName>, origin: DomainName): ReadonlySet<DomainName> {
  const above = new Set<DomainName>()
  for (const name of names) {
    for (let at = name; at !== origin && isWithin(at, origin);) {
      at = parentOf(at)
      if (above.has(at)) break // and all above it
      above.add(at)
    }
  }
  return above
}

function parentOf(name: DomainName): DomainName {
  const rest = name.slice(name.indexOf('.') + 1)
  return (rest === '' ? '.' : rest) as DomainName // a suffix of a checked name
}

/** Octets of a reading are views of all of it. */
function copied<R extends { readonly rdata: Uint8Array }>(record: R): R {
  return { ...record, rdata: record.rdata.slice() }
}

function cutsOf(names: ReadonlyMap<DomainName, readonly RecordSet[]>): readonly DomainName[] {
  return [...names].filter(([, sets]) => sets.some(({ type }) => CUTS.has(type))).map(([name]) => name)
}
