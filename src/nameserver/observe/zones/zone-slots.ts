import type { DomainName } from '../../../dns/names.ts'
import { NameKey } from '../../zone-store/name-key.ts'
import { SEED_WORD } from '../../zone-store/layout.ts'
import { FIRST_ZONE_SLOT, MAX_ZONES, NO_ZONE_SLOT, OTHER_ZONES_SLOT } from '../cells.ts'

/** Twice the zones, so that a search is short. */
const ENTRIES = 256
/** Octets of the table: pairs of a zone's hash and its slot. */
export const ZONE_TABLE_BYTES = ENTRIES * 2 * Int32Array.BYTES_PER_ELEMENT

/** Which slot a zone is counted in, by the hash of its origin: what a reader knows of the zone it answered from. */
export class ZoneTable {
  readonly #entries: Int32Array

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#entries = new Int32Array(memory, offset, ENTRIES * 2)
  }

  /** @param hash - 0: no zone */
  slotOf(hash: number): number {
    if (hash === 0) return NO_ZONE_SLOT
    const entries = this.#entries
    for (
      let i = hash & (ENTRIES - 1), probes = 0;
      probes < ENTRIES;
      i = (i + 1) & (ENTRIES - 1), probes += 1
    ) {
      const found = entries[i << 1]! // i < ENTRIES
      if (found === hash) return entries[(i << 1) + 1]!
      if (found === 0) return OTHER_ZONES_SLOT
    }
    return OTHER_ZONES_SLOT
  }

  /** The one writer's. The slot is there before the hash by which readers find it. */
  add(hash: number, slot: number): void {
    let i = hash & (ENTRIES - 1)
    while (this.#entries[i << 1] !== 0) i = (i + 1) & (ENTRIES - 1) // slots are fewer than entries
    Atomics.store(this.#entries, (i << 1) + 1, slot)
    Atomics.store(this.#entries, i << 1, hash)
  }
}

/**
 * The zones that have a slot, in the order in which they were declared: MAX_ZONES of them, each for as long as the process runs,
 * so that no count ever goes back or over to another zone. Those that come later share one.
 */
export class ZoneSlots {
  readonly #table: ZoneTable
  readonly #key: NameKey
  readonly #slots = new Map<DomainName, number>()

  /** @param zone - the zone store: its seed makes the hashes */
  constructor(table: ZoneTable, zone: SharedArrayBuffer) {
    this.#table = table
    const words = new Int32Array(zone, 0, SEED_WORD + 2)
    this.#key = new NameKey(words[SEED_WORD]!, words[SEED_WORD + 1]!) // the header has room
  }

  /** Zones with a slot of their own. */
  get slots(): ReadonlyMap<DomainName, number> {
    return this.#slots
  }

  declare(origin: DomainName): void {
    if (this.#slots.has(origin) || this.#slots.size === MAX_ZONES) return
    const slot = FIRST_ZONE_SLOT + this.#slots.size
    this.#key.set(origin)
    const hash = this.#key.hashAt(0)
    if (this.#table.slotOf(hash) !== OTHER_ZONES_SLOT) return // by chance that of another zone, or no zone's: once in 2^25
    this.#slots.set(origin, slot)
    this.#table.add(hash, slot)
  }
}
