import type { DomainName } from '../names.ts'
import { sameAnswer, type RecordSet } from '../records.ts'
import { membersOf, rdataKey } from './rdata-key.ts'
import type { NameContent, UpdateZone } from './types.ts'

interface DraftSet {
  ttlSeconds: number
  readonly members: Map<string, Uint8Array>
}

/** A zone with changes on top that nobody sees yet. Each record costs the same, however many are at its name. */
export class ZoneDraft {
  readonly #zone: UpdateZone
  readonly #names = new Map<DomainName, Map<number, DraftSet>>()

  constructor(zone: UpdateZone) {
    this.#zone = zone
  }

  types(name: DomainName): IterableIterator<number> {
    return this.#at(name).keys()
  }

  has(name: DomainName, type: number): boolean {
    return this.#at(name).has(type)
  }

  /** How many records the set has. */
  count(name: DomainName, type: number): number {
    return this.#at(name).get(type)?.members.size ?? 0
  }

  first(name: DomainName, type: number): Uint8Array | undefined {
    return this.#at(name).get(type)?.members.values().next().value
  }

  holds(name: DomainName, type: number, rdata: Uint8Array): boolean {
    return this.#at(name).get(type)?.members.has(rdataKey(type, rdata)) ?? false
  }

  /** Add a record, or replace the one that is the same; the whole set takes its TTL (RFC 2181, 5.2). */
  add(name: DomainName, { type, ttlSeconds, rdata }: Added): void {
    const sets = this.#at(name)
    const set = sets.get(type)
    const key = rdataKey(type, rdata)
    if (set === undefined) {
      sets.set(type, { ttlSeconds, members: new Map([[key, rdata]]) })
      return
    }
    set.ttlSeconds = ttlSeconds
    set.members.set(key, rdata)
  }

  /** Make the set this one record. */
  replace(name: DomainName, { type, ttlSeconds, rdata }: Added): void {
    this.#at(name).set(type, { ttlSeconds, members: new Map([[rdataKey(type, rdata), rdata]]) })
  }

  remove(name: DomainName, type: number, rdata: Uint8Array): void {
    const set = this.#at(name).get(type)
    if (set?.members.delete(rdataKey(type, rdata)) === true && set.members.size === 0)
      this.removeSet(name, type)
  }

  removeSet(name: DomainName, type: number): void {
    this.#at(name).delete(type)
  }

  /** Names that say something else than before, in the order in which they were touched. */
  changes(): readonly NameContent[] {
    return [...this.#names].flatMap(([name, draft]) => {
      const sets = setsOf(draft)
      const before = setsOf(draftOf(this.#zone.at(name)))
      const isSame = sameAnswer({ kind: 'records', sets: before }, { kind: 'records', sets })
      return isSame ? [] : [{ name, sets }]
    })
  }

  #at(name: DomainName): Map<number, DraftSet> {
    const draft = this.#names.get(name)
    if (draft !== undefined) return draft
    const copied = draftOf(this.#zone.at(name))
    this.#names.set(name, copied)
    return copied
  }
}

interface Added {
  readonly type: number
  readonly ttlSeconds: number
  readonly rdata: Uint8Array
}

function draftOf(sets: readonly RecordSet[]): Map<number, DraftSet> {
  const held = sets.filter(({ rdata }) => rdata.length > 0)
  return new Map(held.map((set) => [set.type, { ttlSeconds: set.ttlSeconds, members: membersOf(set) }]))
}

/** Ordered, sets by type and records by their keys: what is removed and added again is no change. */
function setsOf(draft: ReadonlyMap<number, DraftSet>): readonly RecordSet[] {
  return [...draft]
    .sort(([left], [right]) => left - right)
    .map(([type, { ttlSeconds, members }]) => {
      const sorted = [...members].sort(([left], [right]) => (left < right ? -1 : 1))
      return { type, ttlSeconds, rdata: sorted.map(([, rdata]) => rdata) }
    })
}
