import { Blocks } from './blocks.ts'
import {
  BLOCK_CHILDREN,
  BLOCK_FLAGS,
  BLOCK_GENERATION,
  BLOCK_NAME,
  BLOCK_NAME_LENGTH,
  BLOCK_SETS_LENGTH,
  CHILDREN_MASK,
  LAYERED_BIT,
  MAX_BLOCK_BYTES,
  PAGE_BYTES,
  readU16,
  writeU16,
} from './layout.ts'
import type { NameKey } from './name-key.ts'
import { NameTable } from './name-table.ts'
import { Pages } from './pages.ts'

/** The record sets of one block, as compiled. */
export interface CompiledSets {
  readonly bytes: Uint8Array
  readonly length: number
}

export const NO_SETS: CompiledSets = { bytes: new Uint8Array(0), length: 0 }

/**
 * The writer's tree of names in shared memory: a block for every name and for every name above one, each counting the
 * names right below it. Whatever changes becomes a fresh block that is linked by one store; the old one is retired.
 */
export class NameTree {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #pages: Pages
  readonly #blocks: Blocks
  readonly #table: NameTable
  #generation = 0

  constructor(memory: SharedArrayBuffer, restingBlocks?: number) {
    this.#words = new Int32Array(memory)
    this.#bytes = new Uint8Array(memory)
    this.#pages = new Pages(1, Math.floor(memory.byteLength / PAGE_BYTES))
    this.#table = new NameTable(this.#words, this.#bytes, this.#pages)
    this.#blocks = new Blocks(this.#words, this.#pages, restingBlocks)
  }

  get usedBytes(): number {
    return this.#pages.used * PAGE_BYTES
  }

  /** @returns the slot of the key's name, -1 when there is none; good until the next change */
  find(key: NameKey): number {
    return this.#table.find(key, 0)
  }

  /** Flags of the name in this slot; 0 for slot -1. */
  flags(slot: number): number {
    return slot < 0 ? 0 : this.#bytes[this.#table.block(slot) + BLOCK_FLAGS]!
  }

  /** A copy of the record sets in this slot; none for slot -1. */
  sets(slot: number): CompiledSets {
    if (slot < 0) return NO_SETS
    const block = this.#table.block(slot)
    const at = this.#setsAt(block)
    const length = readU16(this.#bytes, block + BLOCK_SETS_LENGTH)
    return { bytes: this.#bytes.slice(at, at + length), length }
  }

  /** True when the name in this slot has exactly these record sets. */
  says(slot: number, sets: CompiledSets): boolean {
    const block = this.#table.block(slot)
    if (readU16(this.#bytes, block + BLOCK_SETS_LENGTH) !== sets.length) return false
    const at = this.#setsAt(block)
    for (let i = 0; i < sets.length; i += 1) if (this.#bytes[at + i] !== sets.bytes[i]) return false
    return true
  }

  /** Change what a name says, or add it. `slot` is from find(). @returns false when there is no room; nothing changed then */
  put(key: NameKey, slot: number, sets: CompiledSets, flags: number): boolean {
    const old = slot < 0 ? -1 : this.#table.block(slot)
    const block = this.#fresh(key, 0, sets, flags)
    if (block < 0) return false
    if (old < 0) return this.#link(key, block)
    this.#words[(block + BLOCK_CHILDREN) >> 2] = this.#words[(old + BLOCK_CHILDREN) >> 2]!
    this.#table.replace(slot, block)
    this.#blocks.retire(old)
    return true
  }

  /** Take away all that a name says, and the name with it unless names below it need it or `flags` are left. Never fails. */
  clear(key: NameKey, slot: number, flags: number): void {
    const block = this.#table.block(slot)
    if (flags === 0 && this.#children(block) === 0) this.#drop(key, 0, slot)
    else if (!this.put(key, slot, NO_SETS, flags)) this.#clearInPlace(block, flags)
  }

  /** Have readers ask the names above, for every name below the key's name from `from` on, or below one above that. */
  markLayered(key: NameKey, from: number): void {
    for (let label = from; label < key.labels; label += 1) {
      const slot = this.#table.find(key, label)
      if (slot < 0) continue
      const word = (this.#table.block(slot) + BLOCK_CHILDREN) >> 2
      Atomics.store(this.#words, word, this.#words[word]! | LAYERED_BIT) // the writer's alone to change
    }
  }

  #children(block: number): number {
    return this.#words[(block + BLOCK_CHILDREN) >> 2]! & CHILDREN_MASK
  }

  /** Parents first, so that a name never exists below one that does not (RFC 8020, 2). */
  #link(key: NameKey, block: number): boolean {
    if (this.#addParents(key) && this.#table.insert(key.hashAt(0), block)) {
      this.#countChild(key, 1, 1)
      return true
    }
    this.#blocks.release(block)
    this.#prune(key, 1)
    return false
  }

  #addParents(key: NameKey): boolean {
    let label = 1
    while (label < key.labels && this.#table.find(key, label) < 0) label += 1
    for (label -= 1; label >= 1; label -= 1) {
      const block = this.#fresh(key, label, NO_SETS, 0)
      if (block < 0) return false
      if (!this.#table.insert(key.hashAt(label), block)) {
        this.#blocks.release(block)
        return false
      }
      this.#countChild(key, label + 1, 1)
    }
    return true
  }

  /**
   * A block for the key's name from `label` on, whole but not linked. The root is layered from the start: it is marked by nobody, as it
   * may be declared after what lies below it.
   * @returns its offset, -1 when there is no room
   */
  #fresh(key: NameKey, label: number, sets: CompiledSets, flags: number): number {
    const start = key.starts[label]!
    const nameLength = key.length - start
    const size = BLOCK_NAME + nameLength + sets.length
    const block = size > MAX_BLOCK_BYTES ? -1 : this.#blocks.allocate(size)
    if (block < 0) return -1
    const bytes = this.#bytes
    this.#beginWriting(block)
    this.#words[(block + BLOCK_CHILDREN) >> 2] = label === key.labels ? LAYERED_BIT : 0
    bytes[block + BLOCK_NAME_LENGTH] = nameLength
    bytes[block + BLOCK_FLAGS] = flags
    writeU16(bytes, block + BLOCK_SETS_LENGTH, sets.length)
    let at = block + BLOCK_NAME
    for (let i = 0; i < nameLength; i += 1) bytes[at + i] = key.bytes[start + i]!
    at += nameLength
    for (let i = 0; i < sets.length; i += 1) bytes[at + i] = sets.bytes[i]!
    Atomics.store(this.#words, (block + BLOCK_GENERATION) >> 2, this.#nextGeneration())
    return block
  }

  /** Remove the names from `label` up that say nothing and have nothing below. */
  #prune(key: NameKey, label: number): void {
    for (let at = label; at < key.labels; at += 1) {
      const slot = this.#table.find(key, at)
      if (slot < 0) continue
      const block = this.#table.block(slot)
      const needed = this.#bytes[block + BLOCK_FLAGS] !== 0 || this.#children(block) !== 0
      if (needed) return
      this.#unlink(key, at, slot)
    }
  }

  #drop(key: NameKey, label: number, slot: number): void {
    this.#unlink(key, label, slot)
    this.#prune(key, label + 1)
  }

  #unlink(key: NameKey, label: number, slot: number): void {
    const block = this.#table.block(slot)
    this.#table.remove(slot)
    this.#blocks.retire(block)
    this.#countChild(key, label + 1, -1)
  }

  /** Without room for a fresh block the sets are cut off where they are; under generation 0 readers wait. */
  #clearInPlace(block: number, flags: number): void {
    this.#beginWriting(block)
    this.#bytes[block + BLOCK_FLAGS] = flags
    writeU16(this.#bytes, block + BLOCK_SETS_LENGTH, 0)
    Atomics.store(this.#words, (block + BLOCK_GENERATION) >> 2, this.#nextGeneration())
  }

  /**
   * Generation 0, seen by all before anything that is written next: an atomic store holds back what stands before it, the load behind
   * it what follows (Arm ARM, B2.3).
   */
  #beginWriting(block: number): void {
    const at = (block + BLOCK_GENERATION) >> 2
    Atomics.store(this.#words, at, 0)
    Atomics.load(this.#words, at)
  }

  #countChild(key: NameKey, parent: number, by: 1 | -1): void {
    if (parent >= key.labels) return // the root is found by its zone or not at all: its children are not counted
    const slot = this.#table.find(key, parent)
    if (slot >= 0) this.#words[(this.#table.block(slot) + BLOCK_CHILDREN) >> 2]! += by
  }

  #setsAt(block: number): number {
    return block + BLOCK_NAME + this.#bytes[block + BLOCK_NAME_LENGTH]!
  }

  /** Never 0, and never the same twice in 2^32 changes. */
  #nextGeneration(): number {
    this.#generation = (this.#generation + 1) | 0
    if (this.#generation === 0) this.#generation = 1
    return this.#generation
  }
}
