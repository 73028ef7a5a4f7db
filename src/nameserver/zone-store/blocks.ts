import { BLOCK_CHILDREN, MAX_BLOCK_BYTES, PAGE_BYTES, PAGE_SHIFT, UNIT_SHIFT } from './layout.ts'
import type { Pages } from './pages.ts'

/** Retired blocks rest until so many others are retired: a reader in the middle of one has long left it when it is used again. */
export const RESTING_BLOCKS = 1024
const NONE = -1

/** Sizes in steps of 8 octets up to 256, then of an eighth; at most 12 % of a block is lost. */
const CLASS_BYTES: readonly number[] = classSizes()
/** By units needed: the class. */
const CLASS_OF_UNITS = Uint8Array.from({ length: (MAX_BLOCK_BYTES >> UNIT_SHIFT) + 1 }, (_, units) =>
  CLASS_BYTES.findIndex((size) => size >= units << UNIT_SHIFT),
)

function classSizes(): readonly number[] {
  const sizes: number[] = []
  for (let size = 16; size <= 256; size += 8) sizes.push(size)
  for (let step = 32; step < MAX_BLOCK_BYTES; step *= 2) {
    for (let size = step * 9; size <= step * 16 && size <= MAX_BLOCK_BYTES; size += step) sizes.push(size)
  }
  return sizes
}

/**
 * Blocks of shared memory, each page cut into blocks of one size. Pages that hold no block go back, so that neither
 * churn nor a change of sizes makes the memory grow. The links between free blocks lie in the blocks, in a word that
 * readers never look at.
 */
export class Blocks {
  readonly #pages: Pages
  readonly #words: Int32Array
  readonly #classOf: Uint8Array
  readonly #live: Uint16Array
  /** By page: offset of its first free block, NONE without. */
  readonly #free: Int32Array
  /** By page: offset of what was never handed out. */
  readonly #fresh: Uint32Array
  readonly #next: Int32Array
  readonly #previous: Int32Array
  /** By class: a page with room, NONE without. */
  readonly #roomy = new Int32Array(CLASS_BYTES.length).fill(NONE)
  /** By class: one empty page is kept, against closing and opening in turn. */
  readonly #spare = new Int32Array(CLASS_BYTES.length).fill(NONE)
  /** A ring of retired blocks, the oldest first. */
  readonly #resting: Uint32Array
  #restingNext = 0
  #restingCount = 0

  constructor(words: Int32Array, pages: Pages, restingBlocks: number = RESTING_BLOCKS) {
    const pageCount = words.length >> (PAGE_SHIFT - 2)
    this.#words = words
    this.#pages = pages
    this.#resting = new Uint32Array(restingBlocks)
    this.#classOf = new Uint8Array(pageCount)
    this.#live = new Uint16Array(pageCount)
    this.#free = new Int32Array(pageCount).fill(NONE)
    this.#fresh = new Uint32Array(pageCount)
    this.#next = new Int32Array(pageCount).fill(NONE)
    this.#previous = new Int32Array(pageCount).fill(NONE)
  }

  /** @returns the offset of a block of at least so many octets; -1 when the memory is full or `bytes` above MAX_BLOCK_BYTES */
  allocate(bytes: number): number {
    if (bytes > MAX_BLOCK_BYTES) return NONE
    const sizeClass = CLASS_OF_UNITS[(bytes + 7) >> UNIT_SHIFT]! // bytes <= MAX_BLOCK_BYTES
    let page = this.#roomy[sizeClass]!
    if (page === NONE) page = this.#open(sizeClass)
    if (page === NONE) {
      this.#reclaim()
      page = this.#roomy[sizeClass]!
      if (page === NONE) page = this.#open(sizeClass)
    }
    return page === NONE ? NONE : this.#take(page, CLASS_BYTES[sizeClass]!)
  }

  /** Give a block back, after a while. */
  retire(offset: number): void {
    const size = this.#resting.length
    if (this.#restingCount === size) this.release(this.#resting[this.#restingNext]!) // full: the oldest is where the next one goes
    else this.#restingCount += 1
    this.#resting[this.#restingNext] = offset
    this.#restingNext = (this.#restingNext + 1) % size
  }

  /** Give back, at once, a block that no slot ever led to. */
  release(offset: number): void {
    const page = offset >>> PAGE_SHIFT
    const wasFull = !this.#hasRoom(page)
    this.#words[(offset + BLOCK_CHILDREN) >> 2] = this.#free[page]!
    this.#free[page] = offset
    this.#live[page]! -= 1
    if (wasFull) this.#link(page)
    if (this.#live[page] !== 0) return
    const sizeClass = this.#classOf[page]!
    if (this.#spare[sizeClass] === NONE) this.#spare[sizeClass] = page
    else this.#close(page)
  }

  /** Full: end all rest (readers still notice a block used again too early, they only read again) and give up the spares. */
  #reclaim(): void {
    const size = this.#resting.length
    const first = this.#restingNext - this.#restingCount + size
    const count = this.#restingCount
    this.#restingCount = 0
    for (let i = 0; i < count; i += 1) this.release(this.#resting[(first + i) % size]!)
    for (const page of this.#spare) if (page !== NONE) this.#close(page)
    this.#spare.fill(NONE)
  }

  #open(sizeClass: number): number {
    const page = this.#pages.take(1)
    if (page === NONE) return NONE
    this.#classOf[page] = sizeClass
    this.#live[page] = 0
    this.#free[page] = NONE
    this.#fresh[page] = page << PAGE_SHIFT
    this.#link(page)
    return page
  }

  #close(page: number): void {
    this.#unlink(page)
    this.#pages.give(page, 1)
  }

  #take(page: number, size: number): number {
    let offset = this.#free[page]!
    if (offset === NONE) {
      offset = this.#fresh[page]!
      this.#fresh[page] = offset + size
    } else {
      this.#free[page] = this.#words[(offset + BLOCK_CHILDREN) >> 2]!
    }
    this.#live[page]! += 1
    const sizeClass = this.#classOf[page]!
    if (this.#spare[sizeClass] === page) this.#spare[sizeClass] = NONE
    if (!this.#hasRoom(page)) this.#unlink(page)
    return offset
  }

  #hasRoom(page: number): boolean {
    const size = CLASS_BYTES[this.#classOf[page]!]! // a page in use has a class
    return this.#free[page] !== NONE || this.#fresh[page]! + size <= (page + 1) * PAGE_BYTES
  }

  #link(page: number): void {
    const sizeClass = this.#classOf[page]!
    const head = this.#roomy[sizeClass]!
    this.#next[page] = head
    this.#previous[page] = NONE
    if (head !== NONE) this.#previous[head] = page
    this.#roomy[sizeClass] = page
  }

  #unlink(page: number): void {
    const next = this.#next[page]!
    const previous = this.#previous[page]!
    if (previous === NONE) this.#roomy[this.#classOf[page]!] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
    this.#next[page] = NONE
    this.#previous[page] = NONE
  }
}
