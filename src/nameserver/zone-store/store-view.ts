import type { AskingNetwork, FoundSet, ZoneRef, ZoneView } from '../../dns/lookup.ts'
import type { WireName } from '../../dns/wire/message.ts'
import { parentName } from '../../dns/wire/name.ts'
import { networkOf } from '../client.ts'
import type { SetReader } from './set-reader.ts'
import { NO_ZONE, ZONE_EXPIRED, ZONE_NOT_READY, type StoreCursor } from './store-cursor.ts'

/** More sets than types exist at one name: only a block in the middle of being reused looks like it. */
const MAX_SETS = 0x1_0000 / 12

/** The zone store as dns/answer sees it: copies, made under the reading protocol. */
export class StoreView implements ZoneView {
  readonly #cursor: StoreCursor
  readonly #sets: SetReader
  /** Whose addresses are chosen where a set has a selection. */
  client = 0
  /** Hash of the origin of the first zone that was found since this was 0. */
  zoneHash = 0

  constructor(cursor: StoreCursor, sets: SetReader) {
    this.#cursor = cursor
    this.#sets = sets
  }

  /** @returns the hash of the origin of the zone that the name at `start` is in; 0 = none of ours, or no name */
  zoneHashAt(message: Uint8Array, start: number): number {
    if (this.#cursor.key.read(message, start, message.length) < 0) return 0
    return this.#cursor.zone() === NO_ZONE ? 0 : this.#cursor.zoneHash
  }

  zoneOf(name: WireName): ZoneRef | undefined {
    if (this.#cursor.key.read(name, 0, name.length) < 0) return undefined
    const zone = this.#cursor.zone()
    if (zone === NO_ZONE) return undefined
    if (this.zoneHash === 0) this.zoneHash = this.#cursor.zoneHash
    if (zone === ZONE_EXPIRED) return { ready: false, expired: true }
    return zone === ZONE_NOT_READY
      ? { ready: false }
      : { ready: true, origin: parentName(name, zone), layered: this.#cursor.layered }
  }

  at(name: WireName): readonly FoundSet[] | undefined {
    return this.#seenBy(this.client, name)
  }

  /** Addresses that are sent along, and what else is asked of this view itself, stay those for whoever asks (RFC 7871, 7.4). */
  forNetwork({ family, address }: AskingNetwork): ZoneView {
    const client = networkOf(address, family === 1 ? 4 : 16)
    return { zoneOf: (name) => this.zoneOf(name), at: (name) => this.#seenBy(client, name) }
  }

  #seenBy(client: number, name: WireName): readonly FoundSet[] | undefined {
    if (this.#cursor.key.read(name, 0, name.length) < 0) return undefined
    for (;;) {
      const block = this.#cursor.find(0)
      if (block < 0) return undefined
      const sets = this.#copies(block, client)
      if (this.#cursor.unmoved()) return sets
    }
  }

  #copies(block: number, client: number): readonly FoundSet[] {
    const sets = this.#sets
    const end = this.#cursor.setsEnd(block)
    const found: FoundSet[] = []
    for (let at = this.#cursor.setsAt(block); at < end && found.length < MAX_SETS; at = sets.end) {
      sets.begin(at, client)
      const { type, ttlSeconds, tailored } = sets
      const rdata: Uint8Array[] = []
      while (sets.next() && sets.at < end)
        rdata.push(this.#cursor.bytes.slice(sets.at, sets.at + sets.length))
      found.push(tailored ? { type, ttlSeconds, rdata, tailored } : { type, ttlSeconds, rdata })
    }
    return found
  }
}
