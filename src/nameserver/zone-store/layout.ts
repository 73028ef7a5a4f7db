/**
 * Where things are in the shared memory of the zone store. Words are 32 bits, in the machine's order; the two- and
 * four-octet fields of record sets are in network order, as they go out.
 *
 * Page 0 holds the header. All other pages belong to the index table (a run of pages) or to blocks of one size.
 */

export const PAGE_SHIFT = 16
export const PAGE_BYTES = 1 << PAGE_SHIFT
/** Block addresses are kept in units of 8 octets. */
export const UNIT_SHIFT = 3
/** Every size of block takes a page of its own: less would hold next to nothing. */
export const MIN_RESERVED_BYTES = 16 * PAGE_BYTES
/** Byte offsets stay below 2^31: V8 keeps them as small integers. */
export const MAX_RESERVED_BYTES = 2 ** 31

// Header, by word.
export const MAGIC_WORD = 0
export const SEED_WORD = 1
/** The index table in use: see tableWord(). */
export const TABLE_WORD = 3
/** 128 bits: bit d is set while a zone is declared whose origin has d labels. */
export const DEPTHS_WORD = 4
export const MAGIC = 0x57504e31

// Index slot: two words, the name's hash and the block's unit.
export const SLOT_SHIFT = 1
export const EMPTY = 0
export const TOMBSTONE = -1

// Block. A generation of 0 means: being written. The child count is the writer's alone and moves in place.
export const BLOCK_GENERATION = 0
export const BLOCK_CHILDREN = 4
export const BLOCK_NAME_LENGTH = 8
export const BLOCK_FLAGS = 9
export const BLOCK_SETS_LENGTH = 10
export const BLOCK_NAME = 12
export const MAX_BLOCK_BYTES = PAGE_BYTES

/** The name was published; without it the block is an empty non-terminal or a bare zone declaration. */
export const FLAG_PUBLISHED = 1
export const FLAG_ZONE_LOADING = 2
export const FLAG_ZONE_SERVING = 4
export const FLAG_ZONE_EXPIRED = 6
export const ZONE_FLAGS = 6
/** The sets hold a SOA: without one a zone cannot deny anything and is not served. */
export const FLAG_SOA = 8
/** The sets hold NS: a delegation, where the name is not the origin of the zone asked. */
export const FLAG_NS = 16
/** The sets hold a DNAME, which speaks for all names below. */
export const FLAG_DNAME = 32

/**
 * The child count's topmost bit: at or below this name there is, or was, a delegation, a DNAME or a wildcard. Without it a name below
 * is looked up by itself; with it, the names above have a say. Set in place, and gone only with the block.
 */
export const LAYERED_BIT = 0x8000_0000 | 0
export const CHILDREN_MASK = 0x7fff_ffff

// Record set, behind the name: type, rdata size, flags, TTL, count, octets that follow. Then the rdata (each with a
// 16-bit length where size is 0), then the selection where flagged.
export const SET_TYPE = 0
export const SET_SIZE = 2
export const SET_FLAGS = 3
export const SET_TTL = 4
export const SET_COUNT = 8
export const SET_LENGTH = 10
export const SET_HEADER_BYTES = 12
export const FLAG_SELECTION = 1

// Selection: flags; how many addresses at the most (0: all). With lists: their number, then for each where it begins, counted from the
// selection's own begin; a list is a count and indices, of two octets each where wide, else of one.
export const SELECTION_FLAGS = 0
export const SELECTION_MOST = 1
export const SELECTION_HEADER_BYTES = 2
export const SELECTION_LISTS = 2
export const SELECTION_OFFSETS = 4
export const SELECTS_IN_TURN = 1
export const SELECTS_WIDE = 2
/** How one of the lists is taken; none of these bits: there are no lists, all addresses are meant. */
export const SELECTS_BY = 12
export const SELECTS_BY_TURN = 4
export const SELECTS_BY_NETWORK = 8
export const SELECTS_BY_PLACE = 12

const TABLE_PAGE_BITS = 15
const TABLE_SIZE_BITS = 5
const TABLE_GENERATION_BITS = 32 - TABLE_PAGE_BITS - TABLE_SIZE_BITS

/** First page, log2 of the slots and a generation, in one word, so that a table is swapped by one store. */
export function tableWord(firstPage: number, slotsLog2: number, generation: number): number {
  const wrapped = generation & ((1 << TABLE_GENERATION_BITS) - 1)
  return firstPage | (slotsLog2 << TABLE_PAGE_BITS) | (wrapped << (TABLE_PAGE_BITS + TABLE_SIZE_BITS))
}

/** The word where the table's slots begin. */
export function tableBase(word: number): number {
  return (word & ((1 << TABLE_PAGE_BITS) - 1)) << (PAGE_SHIFT - 2)
}

/** Slots of the table less one. */
export function tableMask(word: number): number {
  return (1 << ((word >>> TABLE_PAGE_BITS) & ((1 << TABLE_SIZE_BITS) - 1))) - 1
}

/** A 16-bit field in network order. */
export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]! // beyond the memory reads as 0, which bit operations accept
}

/** A 32-bit field in network order. */
export function readU32(bytes: Uint8Array, at: number): number {
  return ((readU16(bytes, at) << 16) | readU16(bytes, at + 2)) >>> 0
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value >>> 16)
  writeU16(bytes, at + 2, value)
}
