import {
  BLOCK_FLAGS,
  BLOCK_GENERATION,
  BLOCK_NAME,
  BLOCK_NAME_LENGTH,
  BLOCK_SETS_LENGTH,
  DEPTHS_WORD,
  EMPTY,
  FLAG_SOA,
  FLAG_ZONE_SERVING,
  readU16,
  SEED_WORD,
  SLOT_SHIFT,
  TABLE_WORD,
  tableBase,
  tableMask,
  UNIT_SHIFT,
  ZONE_FLAGS,
} from './layout.ts'
import { NameKey } from './name-key.ts'
import { checkZoneMemory } from './zone-memory.ts'

export const NO_ZONE = -1
export const ZONE_NOT_READY = -2

/**
 * The reader's side of the protocol. find() leads to a block; whatever is then read from it holds only if unmoved() says
 * so afterwards, else it is read again from find() on. What is read in between may be anything: readers bound every
 * loop and write nowhere but into their own buffers. One per thread and purpose; allocates nothing.
 */
export class StoreCursor {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly key: NameKey
  readonly #units: number
  #table = 0
  #unitAt = 0
  #unit = 0
  #generation = 0

  constructor(memory: SharedArrayBuffer) {
    checkZoneMemory(memory)
    this.bytes = new Uint8Array(memory)
    this.words = new Int32Array(memory)
    this.key = new NameKey(this.words[SEED_WORD]!, this.words[SEED_WORD + 1]!) // the header has room
    this.#units = memory.byteLength >> UNIT_SHIFT
  }

  /** @returns the block of the key's name from `label` on; -1 when there is certainly none */
  find(label: number): number {
    for (;;) {
      const table = Atomics.load(this.words, TABLE_WORD)
      const block = this.#probe(table, label)
      if (block >= 0) return block
      if (block === -1 && Atomics.load(this.words, TABLE_WORD) === table) return -1
    }
  }

  /** True when the block that find() led to was whole, and the name's, all the time since. */
  unmoved(): boolean {
    return (
      Atomics.load(this.words, this.#unitAt) === this.#unit &&
      Atomics.load(this.words, (this.#unit << UNIT_SHIFT) >> 2) === this.#generation &&
      Atomics.load(this.words, TABLE_WORD) === this.#table
    )
  }

  /** @returns the label at which the origin of the key's zone begins; NO_ZONE; ZONE_NOT_READY when it cannot be answered from */
  zone(): number {
    const { labels } = this.key
    for (let depth = labels; depth >= 0; depth -= 1) {
      if ((Atomics.load(this.words, DEPTHS_WORD + (depth >> 5)) & (1 << (depth & 31))) === 0) continue
      const flags = this.#flags(labels - depth)
      if ((flags & ZONE_FLAGS) === 0) continue
      const ready = (flags & ZONE_FLAGS) === FLAG_ZONE_SERVING && (flags & FLAG_SOA) !== 0
      return ready ? labels - depth : ZONE_NOT_READY
    }
    return NO_ZONE
  }

  /** Where the record sets of a block begin. */
  setsAt(block: number): number {
    return block + BLOCK_NAME + this.bytes[block + BLOCK_NAME_LENGTH]!
  }

  /** Where the record sets of a block end. */
  setsEnd(block: number): number {
    return this.setsAt(block) + readU16(this.bytes, block + BLOCK_SETS_LENGTH)
  }

  #flags(label: number): number {
    for (;;) {
      const block = this.find(label)
      if (block < 0) return 0
      const flags = this.bytes[block + BLOCK_FLAGS]!
      if (this.unmoved()) return flags
    }
  }

  /** @returns the block; -1 when no slot has the name; -2 when a slot moved while it was compared */
  #probe(table: number, label: number): number {
    const { words } = this
    const base = tableBase(table)
    const mask = tableMask(table)
    const hash = this.key.hashAt(label)
    for (let i = hash & mask, probes = 0; probes <= mask; i = (i + 1) & mask, probes += 1) {
      const slot = base + (i << SLOT_SHIFT)
      const unit = Atomics.load(words, slot + 1)
      if (unit === EMPTY) return -1
      if (words[slot] !== hash || unit < 0 || unit >= this.#units) continue // a tombstone, or a table given up
      const block = unit << UNIT_SHIFT
      this.#table = table
      this.#unitAt = slot + 1
      this.#unit = unit
      this.#generation = Atomics.load(words, (block + BLOCK_GENERATION) >> 2)
      const same = this.key.isAt(label, this.bytes, words, block)
      if (this.#generation !== 0 && same) return block
      if (this.#generation === 0 || !this.unmoved()) return -2
    }
    return -1
  }
}
