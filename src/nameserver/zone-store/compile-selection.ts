import type { Selection, Variants } from '../../dns/records.ts'
import {
  SELECTION_FLAGS,
  SELECTION_HEADER_BYTES,
  SELECTION_LISTS,
  SELECTION_MOST,
  SELECTION_OFFSETS,
  SELECTS_BY_NETWORK,
  SELECTS_BY_PLACE,
  SELECTS_BY_TURN,
  SELECTS_IN_TURN,
  SELECTS_WIDE,
  writeU16,
} from './layout.ts'

/** The records of a set in a selection's lists: so many, from the index `first` on. */
export interface SetIndices {
  readonly first: number
  readonly count: number
}

const MAX_OCTET = 255
const GOLDEN_SHARE = 0.618_034
const BY = { turn: SELECTS_BY_TURN, network: SELECTS_BY_NETWORK, place: SELECTS_BY_PLACE } as const
const HEADERS: readonly Uint8Array[] = Array.from({ length: 2 * (MAX_OCTET + 1) }, (_, at) =>
  header(at & 1, at >> 1),
)

/**
 * Compile what a selection says of one set of addresses (layout.ts).
 * @returns octets to stand behind its records, stored as inRingOrder() says; undefined: all of them are given, in their order
 */
export function compileSelection(select: Selection, set: SetIndices): Uint8Array | undefined {
  const variants = variantsOf(select)
  if (variants !== undefined) return compileVariants(select, variants, set)
  const most = mostOf(select)
  if (set.count === 1 || (!select.rotate && !isCut(set.count, most))) return undefined
  return HEADERS[2 * most + (select.rotate ? SELECTS_IN_TURN : 0)]
}

/** How many records of a set one answer holds at the most. */
export function mostGiven(select: Selection, count: number): number {
  const most = mostOf(select)
  return isCut(count, most) ? most : count
}

/**
 * Records in the order in which they are stored: as they are, or, where an answer holds a window of their ring only, so that those that
 * stand next to each other, as the ones of a cluster do, come apart.
 */
export function inRingOrder<T>(records: readonly T[], select: Selection | undefined): readonly T[] {
  if (select?.rotate !== true || variantsOf(select) !== undefined) return records
  return isCut(records.length, mostOf(select)) ? spread(records) : records
}

function compileVariants(select: Selection, { by, lists }: Variants, set: SetIndices): Uint8Array {
  const most = mostOf(select)
  const rotates = select.rotate && by !== 'turn'
  const isWide = set.count > MAX_OCTET
  const packed = new PackedLists(SELECTION_OFFSETS + 2 * lists.length, isWide)
  const known = new Map<Uint16Array, number>() // planners give one object where lists are equal
  for (const list of lists) {
    if (!known.has(list)) known.set(list, packed.add(ownIndices(list, set, { most, rotates })))
  }
  const bytes = new Uint8Array(packed.end)
  bytes.set(header(BY[by] | (rotates ? SELECTS_IN_TURN : 0) | (isWide ? SELECTS_WIDE : 0), most))
  writeU16(bytes, SELECTION_LISTS, lists.length)
  for (const [i, list] of lists.entries()) writeU16(bytes, SELECTION_OFFSETS + 2 * i, known.get(list) ?? 0) // all are
  packed.write(bytes)
  return bytes
}

/** Lists of indices, equal ones once. */
class PackedLists {
  readonly #width: 1 | 2
  readonly #lists = new Map<string, { readonly offset: number; readonly indices: readonly number[] }>()
  end: number

  constructor(start: number, isWide: boolean) {
    this.end = start
    this.#width = isWide ? 2 : 1
  }

  /** @returns where the list begins */
  add(indices: readonly number[]): number {
    const key = indices.join()
    const known = this.#lists.get(key)
    if (known !== undefined) return known.offset
    const offset = this.end
    this.#lists.set(key, { offset, indices })
    this.end += this.#width * (1 + indices.length)
    return offset
  }

  write(bytes: Uint8Array): void {
    for (const { offset, indices } of this.#lists.values()) {
      for (const [i, value] of [indices.length, ...indices].entries()) {
        if (this.#width === 2) writeU16(bytes, offset + 2 * i, value)
        else bytes[offset + i] = value
      }
    }
  }
}

/** The indices of a list that are this set's, each once, counted from its first record; only so many as can be given. */
function ownIndices(
  list: Uint16Array,
  { first, count }: SetIndices,
  { most, rotates }: { readonly most: number; readonly rotates: boolean },
): readonly number[] {
  const own = [...new Set(list)]
    .filter((index) => index >= first && index < first + count)
    .map((index) => index - first)
  if (!isCut(own.length, most)) return own
  return rotates ? spread(own) : own.slice(0, most)
}

function header(flags: number, most: number): Uint8Array {
  const bytes = new Uint8Array(SELECTION_HEADER_BYTES)
  bytes[SELECTION_FLAGS] = flags
  bytes[SELECTION_MOST] = most
  return bytes
}

/** Without lists there is nothing to choose. */
function variantsOf({ variants }: Selection): Variants | undefined {
  return variants === undefined || variants.lists.length === 0 ? undefined : variants
}

function mostOf({ most }: Selection): number {
  return Math.min(most, MAX_OCTET)
}

function isCut(count: number, most: number): boolean {
  return most > 0 && most < count
}

/** In steps of the golden ratio: any that stand next to each other came from far apart. */
function spread<T>(items: readonly T[]): readonly T[] {
  const step = spreadStep(items.length)
  return items.map((_, i) => items[(i * step) % items.length]!) // within bounds
}

/** The number nearest to the golden share of a count that comes to each of so many places. */
function spreadStep(count: number): number {
  const share = count * GOLDEN_SHARE
  for (let away = 0; away < count; away += 1) {
    const near = [Math.round(share) - away, Math.round(share) + away]
    const step = near.find((one) => one > 0 && commonDivisor(one, count) === 1)
    if (step !== undefined) return step
  }
  return 1
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right)
}
