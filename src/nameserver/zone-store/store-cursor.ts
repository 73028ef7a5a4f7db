import {
  BLOCK_CHILDREN,
  BLOCK_FLAGS,
  BLOCK_GENERATION,
  BLOCK_NAME,
  BLOCK_NAME_LENGTH,
  BLOCK_SETS_LENGTH,
  DEPTHS_WORD,
  EMPTY,
  FLAG_DNAME,
  FLAG_NS,
  FLAG_SOA,
  FLAG_ZONE_EXPIRED,
  FLAG_ZONE_SERVING,
  LAYERED_BIT,
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

const ABSENT = -1
const MOVED = -2

/**
 * Whether the processor does a thread's loads in the order of the program (x86: Intel SDM 3A, 9.2.2). There plain loads do, a seventh of the
 * time of Atomics.load(), which V8 calls; elsewhere each load of the protocol is an atomic one.
 */
const LOADS_IN_ORDER = process.arch === 'x64' || process.arch === 'ia32'

export const NO_ZONE = -1
export const ZONE_NOT_READY = -2
export const ZONE_EXPIRED = -3

/**
 * The reader's side of the protocol. find() leads to a block; whatever is then read from it holds only if unmoved()
 * says so afterwards, else it is read again from find() on. What is read in between may be anything: readers bound every loop
 * and write nowhere but into their own buffers. One per thread and purpose; allocates nothing.
 */
export class StoreCursor {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly key: NameKey
  /** Of the hashes of names. */
  readonly seed: readonly [number, number]
  /** Of the zone found last: names above the one asked for may have a say. */
  layered = false
  /** Of the zone found last, ready or not: the hash of its origin. */
  zoneHash = 0
  readonly #units: number
  /** Of this thread alone: stored to where loads must not be done later than they stand. */
  readonly #fence = new Int32Array(1)
  #table = 0
  #slot = 0
  #unit = 0
  #block = 0
  #generation = 0

  constructor(memory: SharedArrayBuffer) {
    checkZoneMemory(memory)
    this.bytes = new Uint8Array(memory)
    this.words = new Int32Array(memory)
    this.seed = [this.words[SEED_WORD]!, this.words[SEED_WORD + 1]!] // the header has room
    this.key = new NameKey(...this.seed)
    this.#units = memory.byteLength >> UNIT_SHIFT
  }

  /** Of the block that find() led to last: never that of another content. */
  get generation(): number {
    return this.#generation
  }

  /** @returns the block of the key's name from `label` on; -1 when there is certainly none */
  find(label: number): number {
    for (;;) {
      const table = load(this.words, TABLE_WORD)
      const block = this.#probe(table, label)
      if (block >= 0) return block
      this.#finishLoads()
      if (block === ABSENT && Atomics.load(this.words, TABLE_WORD) === table) return ABSENT
    }
  }

  /**
   * True when the block that find() led to was the name's all the time since. The generation alone would not do: the page
   * may have been cut anew for blocks of another size, which overlap the old ones and leave its word as it was. Nor would
   * the slot without the table: the slots of a table given up move no more. The first load is atomic everywhere: no compiler takes
   * what was read before it for what is read after it.
   */
  unmoved(): boolean {
    this.#finishLoads()
    return (
      Atomics.load(this.words, this.#slot) === this.#unit &&
      load(this.words, this.#block >> 2) === this.#generation &&
      load(this.words, TABLE_WORD) === this.#table
    )
  }

  /**
   * What has been loaded so far was loaded before what is loaded next. An atomic load alone does not say so: it holds back what comes
   * behind it, not what stands before it. A store does, and an atomic load waits for it (Arm ARM, B2.3: store-release, load-acquire).
   */
  #finishLoads(): void {
    if (!LOADS_IN_ORDER) Atomics.store(this.#fence, 0, 0)
  }

  /** @returns the label at which the origin of the key's zone begins; NO_ZONE; ZONE_NOT_READY or ZONE_EXPIRED when it cannot be answered from */
  zone(): number {
    const { labels } = this.key
    for (let depth = this.#zoneDepth(labels); depth >= 0; depth = this.#zoneDepth(depth - 1)) {
      const flags = this.#flags(labels - depth, true)
      if (flags < 0 || (flags & ZONE_FLAGS) === 0) continue
      this.zoneHash = this.words[this.#slot - 1]! // the slot's first word
      if ((flags & ZONE_FLAGS) === FLAG_ZONE_EXPIRED) return ZONE_EXPIRED
      const ready = (flags & ZONE_FLAGS) === FLAG_ZONE_SERVING && (flags & FLAG_SOA) !== 0
      return ready ? labels - depth : ZONE_NOT_READY
    }
    return NO_ZONE
  }

  /** @returns the greatest number of labels, `most` or less, that some zone's origin has; -1 when there is none */
  #zoneDepth(most: number): number {
    for (let depth = most; depth >= 0; depth = (depth & ~31) - 1) {
      const upTo = 0xffff_ffff >>> (31 - (depth & 31))
      const found = load(this.words, DEPTHS_WORD + (depth >> 5)) & upTo
      if (found !== 0) return (depth & ~31) + 31 - Math.clz32(found)
    }
    return -1
  }

  /** Where the record sets of a block begin. */
  setsAt(block: number): number {
    return block + BLOCK_NAME + this.bytes[block + BLOCK_NAME_LENGTH]!
  }

  /** Where the record sets of a block end. */
  setsEnd(block: number): number {
    return this.setsAt(block) + readU16(this.bytes, block + BLOCK_SETS_LENGTH)
  }

  /**
   * True when the key's name and each one above it, up to the zone's origin at `zone`, exist and none is a delegation or has a DNAME:
   * what is at the name itself is then all there is to say.
   */
  isPlain(zone: number): boolean {
    for (let label = 0; label <= zone; label += 1) {
      const flags = this.#flags(label, false)
      const isCut = label < zone && (flags & FLAG_NS) !== 0
      if (flags < 0 || isCut || (flags & FLAG_DNAME) !== 0) return false
    }
    return true
  }

  /** @returns the flags of the name from `label` on; -1 where there is none */
  #flags(label: number, ofZone: boolean): number {
    for (;;) {
      const block = this.find(label)
      if (block < 0) return -1
      const flags = this.bytes[block + BLOCK_FLAGS]!
      if (ofZone) this.layered = (this.words[(block + BLOCK_CHILDREN) >> 2]! & LAYERED_BIT) !== 0
      if (this.unmoved()) return flags
    }
  }

  /** @returns the block, ABSENT when no slot has the name, MOVED when a slot changed while it was compared */
  #probe(table: number, label: number): number {
    const { words } = this
    const base = tableBase(table)
    const mask = tableMask(table)
    const hash = this.key.hashAt(label)
    for (let i = hash & mask, probes = 0; probes <= mask; i = (i + 1) & mask, probes += 1) {
      const slot = base + (i << SLOT_SHIFT)
      const unit = load(words, slot + 1)
      if (unit === EMPTY) return ABSENT
      if (words[slot] !== hash || unit < 0 || unit >= this.#units) continue // a tombstone, or a table given up
      const block = unit << UNIT_SHIFT
      this.#table = table
      this.#slot = slot + 1
      this.#unit = unit
      this.#block = block
      this.#generation = load(words, (block + BLOCK_GENERATION) >> 2)
      if (this.#generation === 0) return MOVED
      if (this.key.isAt(label, this.bytes, words, block)) return block
      if (!this.unmoved()) return MOVED // compared with something else
    }
    return ABSENT
  }
}

/** A word that another thread writes, read before whatever is read next. */
function load(words: Int32Array, at: number): number {
  return LOADS_IN_ORDER ? words[at]! : Atomics.load(words, at)
}
