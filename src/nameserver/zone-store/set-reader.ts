import {
  FLAG_SELECTION,
  readU16,
  readU32,
  SEED_WORD,
  SELECTION_FLAGS,
  SELECTION_LISTS,
  SELECTION_MOST,
  SELECTION_OFFSETS,
  SELECTS_BY,
  SELECTS_BY_NETWORK,
  SELECTS_BY_TURN,
  SELECTS_IN_TURN,
  SELECTS_WIDE,
  SET_COUNT,
  SET_FLAGS,
  SET_HEADER_BYTES,
  SET_LENGTH,
  SET_SIZE,
  SET_TTL,
  SET_TYPE,
} from './layout.ts'
import { Ring } from './ring.ts'

/**
 * Walks over the records of one record set in shared memory: begin(), then next() until it says no; each time `at` and
 * `length` are the rdata's. Where the set has a selection, those records come that are this query's, in its order.
 */
export class SetReader {
  readonly #bytes: Uint8Array
  readonly #ring: Ring
  type = 0
  ttlSeconds = 0
  /** Records that next() will give. */
  count = 0
  at = 0
  length = 0
  /** Where the next set begins. */
  end = 0
  /** Clients of other networks may be given other records. */
  tailored = false
  #size = 0
  #data = 0
  #isSelected = false
  /** Where the indices of this query's list begin; 0: no list, a position is an index. */
  #list = 0
  #isWide = false
  #given = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#ring = new Ring(readU32(bytes, SEED_WORD << 2))
  }

  /** @returns the type of the set at `at` */
  static typeAt(bytes: Uint8Array, at: number): number {
    return readU16(bytes, at + SET_TYPE)
  }

  /** @returns where the set behind the one at `at` begins */
  static after(bytes: Uint8Array, at: number): number {
    return at + SET_HEADER_BYTES + readU16(bytes, at + SET_LENGTH)
  }

  /** Whether a query may be given none of the records of the set at `at`, as it is not in the list that is chosen for it. */
  static hasLists(bytes: Uint8Array, at: number): boolean {
    if ((bytes[at + SET_FLAGS]! & FLAG_SELECTION) === 0) return false
    const selection = at + SET_HEADER_BYTES + readU16(bytes, at + SET_COUNT) * (bytes[at + SET_SIZE]! | 0)
    return (bytes[selection + SELECTION_FLAGS]! & SELECTS_BY) !== 0
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
    this.tailored = false
    this.#isSelected = (bytes[at + SET_FLAGS]! & FLAG_SELECTION) !== 0
    if (this.#isSelected) this.#select(client)
  }

  next(): boolean {
    if (this.#given >= this.count) return false
    if (this.#size === 0) {
      this.at += this.length + 2
      if (this.#given === 0) this.at = this.#data + 2
      this.length = readU16(this.#bytes, this.at - 2)
    } else {
      const index = this.#isSelected ? this.#nextSelected() : this.#given
      this.at = this.#data + index * this.#size
      this.length = this.#size
    }
    this.#given += 1
    return true
  }

  #select(client: number): void {
    const bytes = this.#bytes
    const selection = this.#data + this.count * this.#size
    const flags = bytes[selection + SELECTION_FLAGS]! | 0
    const most = bytes[selection + SELECTION_MOST]! | 0
    const by = flags & SELECTS_BY
    const size = by === 0 ? this.count : this.#chooseList(selection, flags, client)
    if (by === 0) this.#list = 0
    const isInTurn = (flags & SELECTS_IN_TURN) !== 0 && by !== SELECTS_BY_TURN // a turn chooses one thing only
    this.count = isInTurn ? this.#ring.beginNext(size, most, selection) : this.#ring.beginFirst(size, most)
  }

  /** @returns how many indices the list has */
  #chooseList(selection: number, flags: number, client: number): number {
    const bytes = this.#bytes
    const by = flags & SELECTS_BY
    const lists = Math.max(1, readU16(bytes, selection + SELECTION_LISTS))
    let chosen = 0 // the place of whoever is in none that is known
    if (by === SELECTS_BY_TURN) {
      this.#ring.beginNext(lists, 1, selection)
      chosen = this.#ring.next()
    } else if (by === SELECTS_BY_NETWORK) {
      chosen = (client >>> 0) % lists
    }
    this.tailored = by !== SELECTS_BY_TURN
    this.#isWide = (flags & SELECTS_WIDE) !== 0
    const list = selection + readU16(bytes, selection + SELECTION_OFFSETS + 2 * chosen)
    this.#list = list + (this.#isWide ? 2 : 1)
    return this.#isWide ? readU16(bytes, list) : bytes[list]! | 0
  }

  #nextSelected(): number {
    const position = this.#ring.next()
    if (this.#list === 0) return position
    return this.#isWide
      ? readU16(this.#bytes, this.#list + 2 * position)
      : this.#bytes[this.#list + position]! | 0
  }
}
