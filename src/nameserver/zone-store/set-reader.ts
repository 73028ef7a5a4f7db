import {
  BY_BUCKET,
  BY_ROTATION,
  FLAG_SELECTION,
  readU16,
  readU32,
  SELECTION_BY,
  SELECTION_HEADER_BYTES,
  SELECTION_LISTS,
  SELECTION_STRIDE,
  SET_COUNT,
  SET_FLAGS,
  SET_HEADER_BYTES,
  SET_LENGTH,
  SET_SIZE,
  SET_TTL,
  SET_TYPE,
} from './layout.ts'

/** 2^32 divided by the golden ratio: steps of it visit all 32-bit numbers, evenly from the start. */
const GOLDEN = 0x9e3779b9

/** A bijection of 32 bits in which every bit depends on every bit. */
function mixed(value: number): number {
  let mix = value
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}

/**
 * Walks over the records of one record set in shared memory: begin(), then next() until it says no; each time `at` and
 * `length` are the rdata's. Addresses come in the order of the list that is this query's, if the set has a selection.
 */
export class SetReader {
  readonly #bytes: Uint8Array
  /**
   * Moves with every query that meets a rotating set. It is mixed before it chooses: a plain counter, shared by all names,
   * would give the A and the AAAA query of one client different lists for ever.
   */
  #turn = 0
  type = 0
  ttlSeconds = 0
  /** Records that next() will give. */
  count = 0
  at = 0
  length = 0
  /** Where the next set begins. */
  end = 0
  #size = 0
  #data = 0
  #list = 0
  #given = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @returns the type of the set at `at` */
  static typeAt(bytes: Uint8Array, at: number): number {
    return readU16(bytes, at + SET_TYPE)
  }

  /** @returns where the set behind the one at `at` begins */
  static after(bytes: Uint8Array, at: number): number {
    return at + SET_HEADER_BYTES + readU16(bytes, at + SET_LENGTH)
  }

  /** @param client - a number that stays the same for a client's network */
  begin(at: number, client: number): void {
    const bytes = this.#bytes
    this.type = readU16(bytes, at + SET_TYPE)
    this.ttlSeconds = readU32(bytes, at + SET_TTL)
    this.count = readU16(bytes, at + SET_COUNT)
    this.end = SetReader.after(bytes, at)
    this.#size = bytes[at + SET_SIZE]! | 0 // beyond the memory, where only a block being reused can point, all reads as 0
    this.#data = at + SET_HEADER_BYTES
    this.at = this.#data
    this.length = 0
    this.#given = 0
    this.#list = (bytes[at + SET_FLAGS]! & FLAG_SELECTION) === 0 ? 0 : this.#choose(client)
    if (this.#list > 0) this.count = bytes[this.#list]! | 0
  }

  next(): boolean {
    if (this.#given >= this.count) return false
    if (this.#size === 0) {
      this.at += this.length + 2
      if (this.#given === 0) this.at = this.#data + 2
      this.length = readU16(this.#bytes, this.at - 2)
    } else {
      const index = this.#list > 0 ? this.#bytes[this.#list + 1 + this.#given]! | 0 : this.#given
      this.at = this.#data + index * this.#size
      this.length = this.#size
    }
    this.#given += 1
    return true
  }

  #choose(client: number): number {
    const selection = this.#data + this.count * this.#size
    const lists = Math.max(1, this.#bytes[selection + SELECTION_LISTS]! | 0)
    const by = this.#bytes[selection + SELECTION_BY]
    let list = 0
    if (by === BY_ROTATION) {
      this.#turn = (this.#turn + GOLDEN) | 0
      list = mixed(this.#turn) % lists
    } else if (by === BY_BUCKET) {
      list = (client >>> 0) % lists
    }
    return selection + SELECTION_HEADER_BYTES + list * readU16(this.#bytes, selection + SELECTION_STRIDE)
  }
}
