import { isWithin, nameOfWire, type DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import type { Answer, RecordSet } from '../../dns/records.ts'
import { canonicalSets } from '../../dns/transfer/canonical.ts'
import type { HeldZone } from './held-zone.ts'

export interface DelegationsOptions {
  /** The zone around another one; undefined: we have none. */
  parentOf(zone: HeldZone): HeldZone | undefined
  /** What a name says, in whatever zone. */
  get(name: DomainName): Answer | undefined
  put(zone: HeldZone, name: DomainName, answer: Answer | undefined): void
}

/** What was put into a parent for one zone. */
interface Delegation {
  readonly parent: HeldZone
  readonly names: ReadonlyMap<DomainName, Answer>
  /** Names whose addresses it depends on. */
  readonly servers: readonly DomainName[]
}

/**
 * Zones inside of zones. We answer from the inner one at once; a server that has the outer one alone has to refer to it. So the
 * outer one gets what it would say as a parent: NS and DS of the inner one, and the addresses of its servers that are inside.
 */
export class Delegations {
  readonly #options: DelegationsOptions
  readonly #standing = new Map<HeldZone, Delegation>()
  /** By the names that they depend on: origins, and servers inside. */
  readonly #dependents = new Map<DomainName, Set<HeldZone>>()

  constructor(options: DelegationsOptions) {
    this.#options = options
  }

  /** A zone is declared. */
  add(zone: HeldZone): void {
    const parent = this.#options.parentOf(zone)
    if (parent === undefined) return
    this.#apply(zone, parent)
  }

  /** It goes, or its parent becomes another one. */
  remove(zone: HeldZone): void {
    const standing = this.#standing.get(zone)
    if (standing === undefined) return
    for (const name of standing.names.keys()) this.#options.put(standing.parent, name, undefined)
    this.#forget(zone, standing)
  }

  /** A name says something else. */
  changed(name: DomainName): void {
    for (const zone of this.#dependents.get(name) ?? []) {
      const standing = this.#standing.get(zone)
      if (standing !== undefined) this.#apply(zone, standing.parent)
    }
  }

  #apply(zone: HeldZone, parent: HeldZone): void {
    const before = this.#standing.get(zone)
    if (before !== undefined) this.#forget(zone, before)
    const now = this.#delegationOf(zone, parent)
    for (const name of before?.names.keys() ?? [])
      if (!now.names.has(name)) this.#options.put(parent, name, undefined)
    for (const [name, answer] of now.names) this.#options.put(parent, name, answer)
    this.#standing.set(zone, now)
    for (const name of [zone.origin, ...now.servers]) {
      const dependents = this.#dependents.get(name) ?? new Set()
      this.#dependents.set(name, dependents.add(zone))
    }
  }

  #forget(zone: HeldZone, { servers }: Delegation): void {
    this.#standing.delete(zone)
    for (const name of [zone.origin, ...servers]) {
      const dependents = this.#dependents.get(name)
      dependents?.delete(zone)
      if (dependents?.size === 0) this.#dependents.delete(name)
    }
  }

  #delegationOf(zone: HeldZone, parent: HeldZone): Delegation {
    const sets = canonicalSets(zone.get(zone.origin)).filter(
      ({ type }) => type === TYPE.NS || type === TYPE.DS,
    )
    const servers = serversIn(sets).filter((name) => isWithin(name, zone.origin) && name !== zone.origin)
    const glue = [zone.origin, ...servers].map(
      (name) => [name, addressesOf(this.#options.get(name))] as const,
    )
    const [, atOrigin = []] = glue[0] ?? []
    const isServer = serversIn(sets).includes(zone.origin)
    const names = new Map<DomainName, Answer>()
    if (sets.length > 0)
      names.set(zone.origin, { kind: 'records', sets: [...sets, ...(isServer ? atOrigin : [])] })
    for (const [name, addresses] of glue.slice(1))
      if (addresses.length > 0) names.set(name, { kind: 'records', sets: addresses })
    return { parent, names, servers }
  }
}

function serversIn(sets: readonly RecordSet[]): readonly DomainName[] {
  return sets.filter(({ type }) => type === TYPE.NS).flatMap(({ rdata }) => rdata.map(nameOfWire))
}

function addressesOf(answer: Answer | undefined): readonly RecordSet[] {
  return canonicalSets(answer).filter(({ type }) => type === TYPE.A || type === TYPE.AAAA)
}
