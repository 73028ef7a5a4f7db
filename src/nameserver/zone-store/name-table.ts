import {
  EMPTY,
  PAGE_SHIFT,
  SLOT_SHIFT,
  TABLE_WORD,
  tableBase,
  tableMask,
  tableWord,
  TOMBSTONE,
  UNIT_SHIFT,
} from './layout.ts'
import type { NameKey } from './name-key.ts'
import type { Pages } from './pages.ts'

/** 8192 slots fill one page. */
const MIN_SLOTS_LOG2 = PAGE_SHIFT - 3
/** Above this load probes get long; a table is rebuilt before. */
const MAX_LOAD = 0.8
/** A table just built is at most this full, so that the next rebuilding is far. */
const FRESH_LOAD = 0.5
/** Rebuilt tables are kept for so many further changes: a reader may still be probing. */
const RETIRED_CHANGES = 1024

/**
 * The writer's side of the index: open addressing, linear probing, a slot = hash and block. Slots never move within a
 * table, so that a name that is present is never missed; removed ones become tombstones until the table is rebuilt.
 */
export class NameTable {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #pages: Pages
  #first: number
  #slotsLog2 = MIN_SLOTS_LOG2
  #generation = 1
  #base = 0
  #mask = 0
  #live = 0
  #tombstones = 0
  #retired: { first: number; count: number; changes: number } | undefined

  constructor(words: Int32Array, bytes: Uint8Array, pages: Pages) {
    this.#words = words
    this.#bytes = bytes
    this.#pages = pages
    this.#first = pages.take(1) // the smallest memory has room for it
    this.#use(this.#first, MIN_SLOTS_LOG2)
  }

  /** @returns the slot of the name from `label` on, -1 when there is none */
  find(key: NameKey, label: number): number {
    const hash = key.hashAt(label)
    for (let i = hash & this.#mask, probes = 0; probes <= this.#mask; i = (i + 1) & this.#mask, probes += 1) {
      const slot = this.#base + (i << SLOT_SHIFT)
      const unit = this.#words[slot + 1]!
      if (unit === EMPTY) return -1
      if (unit === TOMBSTONE || this.#words[slot] !== hash) continue
      if (key.isAt(label, this.#bytes, this.#words, unit << UNIT_SHIFT)) return slot
    }
    return -1
  }

  block(slot: number): number {
    return this.#words[slot + 1]! << UNIT_SHIFT
  }

  /** Put a name that is not there. @returns false when the table is full and cannot grow */
  insert(hash: number, block: number): boolean {
    if (this.#live + this.#tombstones >= (this.#mask + 1) * MAX_LOAD && !this.#rebuild()) return false
    let i = hash & this.#mask
    while (this.#unitAt(i) !== EMPTY && this.#unitAt(i) !== TOMBSTONE) i = (i + 1) & this.#mask
    if (this.#unitAt(i) === TOMBSTONE) this.#tombstones -= 1
    const slot = this.#base + (i << SLOT_SHIFT)
    this.#words[slot] = hash
    Atomics.store(this.#words, slot + 1, block >> UNIT_SHIFT)
    this.#live += 1
    this.#forget()
    return true
  }

  replace(slot: number, block: number): void {
    Atomics.store(this.#words, slot + 1, block >> UNIT_SHIFT)
    this.#forget()
  }

  remove(slot: number): void {
    Atomics.store(this.#words, slot + 1, TOMBSTONE)
    this.#live -= 1
    this.#tombstones += 1
    this.#forget()
  }

  #unitAt(index: number): number {
    return this.#words[this.#base + (index << SLOT_SHIFT) + 1]!
  }

  /** Into a table of fitting size, then swapped in by one store. Full memory: go on in the old one while it has a free slot. */
  #rebuild(): boolean {
    let log2 = MIN_SLOTS_LOG2
    while ((1 << log2) * FRESH_LOAD < this.#live + 1) log2 += 1
    this.#release()
    const first = this.#pages.take(1 << (log2 - MIN_SLOTS_LOG2))
    if (first < 0) return this.#live + this.#tombstones < this.#mask
    const old = { first: this.#first, base: this.#base, slots: this.#mask + 1, log2: this.#slotsLog2 }
    this.#words.fill(0, first << (PAGE_SHIFT - 2), (first << (PAGE_SHIFT - 2)) + (2 << log2))
    this.#copy(old.base, old.slots, first, log2)
    this.#use(first, log2)
    this.#retired = { first: old.first, count: 1 << (old.log2 - MIN_SLOTS_LOG2), changes: RETIRED_CHANGES }
    return true
  }

  #copy(base: number, slots: number, first: number, log2: number): void {
    const words = this.#words
    const target = first << (PAGE_SHIFT - 2)
    const mask = (1 << log2) - 1
    for (let from = base; from < base + slots * 2; from += 2) {
      const unit = words[from + 1]!
      if (unit === EMPTY || unit === TOMBSTONE) continue
      let i = words[from]! & mask
      while (words[target + (i << SLOT_SHIFT) + 1] !== EMPTY) i = (i + 1) & mask
      words[target + (i << SLOT_SHIFT)] = words[from]!
      words[target + (i << SLOT_SHIFT) + 1] = unit
    }
  }

  #use(first: number, slotsLog2: number): void {
    this.#generation += 1
    const word = tableWord(first, slotsLog2, this.#generation)
    this.#first = first
    this.#slotsLog2 = slotsLog2
    this.#base = tableBase(word)
    this.#mask = tableMask(word)
    this.#tombstones = 0
    Atomics.store(this.#words, TABLE_WORD, word)
  }

  #forget(): void {
    if (this.#retired === undefined) return
    this.#retired.changes -= 1
    if (this.#retired.changes === 0) this.#release()
  }

  #release(): void {
    if (this.#retired === undefined) return
    this.#pages.give(this.#retired.first, this.#retired.count)
    this.#retired = undefined
  }
}
