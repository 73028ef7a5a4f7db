import { isWithin, type DomainName } from '../../dns/names.ts'
import type { NameChange } from '../../dns/records.ts'
import type { ZoneState, ZoneWriter } from '../types.ts'
import { ZoneStoreError } from '../zone-store/zone-writer.ts'
import { Delegations } from './delegations.ts'
import { HeldZone } from './held-zone.ts'
import { NameSlots } from './name-slots.ts'

/** What all zones say, kept for other servers. */
export class HeldZones {
  readonly #zones = new Map<DomainName, HeldZone>()
  /** Names in no zone: it may be declared later, or have gone. */
  readonly #homeless = new NameSlots()
  readonly #delegations: Delegations
  #changed: (zone: HeldZone) => void = () => {}

  constructor() {
    this.#delegations = new Delegations({
      parentOf: ({ origin }) => this.#around(origin),
      get: (name) => this.#zoneOf(name)?.get(name),
      put: (zone, name, answer) => this.#put(zone, name, answer),
    })
  }

  /** @param changed - called when a zone says something else, or may be asked about it: often, and before it is whole */
  watch(changed: (zone: HeldZone) => void): void {
    this.#changed = changed
  }

  zone(origin: DomainName): HeldZone | undefined {
    return this.#zones.get(origin)
  }

  /** For whoever publishes, in place of the store: what goes there is held too. A name that the store refuses is not. */
  writer(store: ZoneWriter): ZoneWriter {
    return {
      publish: (changes) => this.#publish(changes, store),
      setState: (origin, state) => {
        store.setState(origin, state)
        this.setState(origin, state)
      },
      usage: () => store.usage(),
    }
  }

  #publish(changes: readonly NameChange[], store: ZoneWriter): void {
    try {
      store.publish(changes)
    } catch (error) {
      if (!(error instanceof ZoneStoreError)) throw error
      const refused = new Set(error.names)
      this.hold(changes.filter(({ name }) => !refused.has(name)))
      throw error
    }
    this.hold(changes)
  }

  /** Declares a zone, moves its state, or lets it go. */
  setState(origin: DomainName, state: ZoneState): void {
    if (state === 'gone') return this.#remove(origin)
    const zone = this.#zones.get(origin) ?? this.#declare(origin)
    zone.state = state
    this.#changed(zone)
  }

  /** What names say from now on. */
  hold(changes: readonly NameChange[]): void {
    for (const { name, answer } of changes) {
      const zone = this.#zoneOf(name)
      if (zone === undefined) this.#homeless.set(name, answer)
      else this.#put(zone, name, answer)
      this.#delegations.changed(name)
    }
  }

  #put(zone: HeldZone, name: DomainName, answer: NameChange['answer']): void {
    if (zone.put(name, answer)) this.#changed(zone)
  }

  #declare(origin: DomainName): HeldZone {
    const outer = this.#around(origin)
    const below = this.#below(origin)
    for (const zone of below) this.#delegations.remove(zone)
    const zone = new HeldZone(origin)
    this.#zones.set(origin, zone)
    const names = outer === undefined ? this.#homeless.snapshot() : outer.snapshot()
    for (const [name, answer] of names) {
      if (!isWithin(name, origin)) continue
      if (outer === undefined) this.#homeless.set(name, undefined)
      else this.#put(outer, name, undefined)
      zone.put(name, answer)
    }
    names.close()
    for (const child of [zone, ...below]) this.#delegations.add(child)
    return zone
  }

  #remove(origin: DomainName): void {
    const zone = this.#zones.get(origin)
    if (zone === undefined) return
    const outer = this.#around(origin)
    const below = this.#below(origin)
    for (const child of [zone, ...below]) this.#delegations.remove(child)
    this.#zones.delete(origin)
    const names = zone.snapshot()
    for (const [name, answer] of names) {
      if (outer === undefined) this.#homeless.set(name, answer)
      else this.#put(outer, name, answer)
    }
    names.close()
    for (const child of below) this.#delegations.add(child)
    zone.state = 'gone'
    this.#changed(zone)
  }

  /** Zones whose delegations stand, or would stand, in this one. */
  #below(origin: DomainName): readonly HeldZone[] {
    const inside = [...this.#zones.values()].filter(
      (zone) => zone.origin !== origin && isWithin(zone.origin, origin),
    )
    return inside.filter((zone) => {
      const outer = this.#around(zone.origin)?.origin
      return outer === undefined || outer === origin || isWithin(origin, outer)
    })
  }

  /** The zone that would have a name if it were no zone of its own. */
  #around(origin: DomainName): HeldZone | undefined {
    return origin === '.' ? undefined : this.#zoneOf(above(origin))
  }

  /** The innermost zone that a name is in. */
  #zoneOf(name: DomainName): HeldZone | undefined {
    for (let at = name; ; at = above(at)) {
      const zone = this.#zones.get(at)
      if (zone !== undefined || at === '.') return zone
    }
  }
}

/** Every dot ends a label (names.ts). */
function above(name: DomainName): DomainName {
  const rest = name.slice(name.indexOf('.') + 1)
  return (rest === '' ? '.' : rest) as DomainName // a suffix of a name is one
}
