import type { ZoneRef, ZoneView } from '../../src/dns/lookup.ts'
import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { aSet } from '../../src/dns/rdata/a.ts'
import { aaaaSet } from '../../src/dns/rdata/aaaa.ts'
import { cnameSet } from '../../src/dns/rdata/cname.ts'
import type { Answer, NameChange, RecordSet } from '../../src/dns/records.ts'
import type { WireName } from '../../src/dns/wire/message.ts'
import { presentName } from '../../src/dns/wire/name.ts'
import type { ZoneState } from '../../src/nameserver/types.ts'

/**
 * Zones as two Maps, by the plainest reading of the rules: what the shared store is compared with. Selections are left
 * out: all addresses are given.
 */
export class MapView implements ZoneView {
  readonly #zones = new Map<string, ZoneState>()
  readonly #names = new Map<string, readonly RecordSet[]>()

  publish(changes: readonly NameChange[]): void {
    for (const { name, answer } of changes) {
      if (answer === undefined) this.#names.delete(name)
      else this.#names.set(name, setsOf(answer))
    }
  }

  setState(origin: string, state: ZoneState): void {
    const name = parseDomainName(origin)
    if (state === 'gone') this.#zones.delete(name)
    else this.#zones.set(name, state)
  }

  /** True when a zone with this origin was declared, in whatever state. */
  declares(origin: string): boolean {
    return this.#zones.has(origin)
  }

  zoneOf(name: WireName): ZoneRef | undefined {
    const text = presentName(name)
    const origins = [...this.#zones.keys()].filter((origin) => isAtOrBelow(text, origin))
    const origin = origins.sort((a, b) => b.length - a.length)[0]
    if (origin === undefined) return undefined
    const hasSoa = this.#names.get(origin)?.some((set) => set.type === 6) === true
    const state = this.#zones.get(origin)
    if (state === 'expired') return { ready: false, expired: true }
    const ready = state === 'serving' && hasSoa
    return ready ? { ready, origin: wireName(parseDomainName(origin)), layered: true } : { ready }
  }

  at(name: WireName): readonly RecordSet[] | undefined {
    const text = presentName(name)
    const own = this.#names.get(text)
    if (own !== undefined) return own
    const known = [...this.#names.keys(), ...this.#zones.keys()]
    return known.some((other) => isAtOrBelow(other, text)) ? [] : undefined
  }
}

function isAtOrBelow(name: string, above: string): boolean {
  return above === '.' || name === above || name.endsWith(`.${above}`)
}

/** What an answer says, as record sets. */
export function setsOf(answer: Answer): readonly RecordSet[] {
  switch (answer.kind) {
    case 'addresses':
      return [aSet(answer.a, answer.ttlSeconds), aaaaSet(answer.aaaa, answer.ttlSeconds)].filter(
        (set) => set.rdata.length > 0,
      )
    case 'alias':
      return [cnameSet(answer.target, answer.ttlSeconds)]
    case 'records':
      return answer.sets.filter((set) => set.rdata.length > 0)
  }
}
