import type { Address } from './address.ts'
import type { DomainName } from './names.ts'
import { MAX_TTL_SECONDS } from './protocol.ts'

/** One RRset of any type: rdata in wire form, names in it uncompressed. */
export interface RecordSet {
  readonly type: number
  readonly ttlSeconds: number
  readonly rdata: readonly Uint8Array[]
}

/**
 * Which addresses of a name one response carries, and in which order; compiled with the name, so that a packet costs at
 * most one look-up.
 */
export interface Selection {
  /** At most so many addresses of a family; 0 = all. */
  readonly most: number
  /** Each comes first equally often, and where not all are given, each is given equally often. False: in the order given. */
  readonly rotate: boolean
  /** Absent: all addresses, the same for everyone. */
  readonly variants?: Variants
}

/** Lists of addresses, of which a query gets one. */
export interface Variants {
  /** Which one: the next in turn; that of the client's network; that of the client's place (the first, for one not known). */
  readonly by: 'turn' | 'network' | 'place'
  /**
   * Never none. An index counts through `a`, then on through `aaaa`. A list may leave addresses out, and one that leaves out a
   * family says that the name has none of it. Equal lists may be one object.
   */
  readonly lists: readonly Uint16Array[]
}

/** All that one name says; frozen, shared, compared by sameAnswer(). */
export type Answer =
  | {
      readonly kind: 'addresses'
      readonly ttlSeconds: number
      /** Sorted, distinct. Both may be empty: the name exists and has nothing to say (NODATA). */
      readonly a: readonly Address[]
      readonly aaaa: readonly Address[]
      readonly select?: Selection
    }
  | {
      readonly kind: 'alias'
      readonly ttlSeconds: number
      readonly target: DomainName
      /** What outputs write that may not change a name's type (DESIGN 5.5). */
      readonly instead?: { readonly a: readonly Address[]; readonly aaaa: readonly Address[] }
    }
  | {
      readonly kind: 'records'
      readonly sets: readonly RecordSet[]
      /** Of the A and AAAA sets. */
      readonly select?: Selection
    }

/** A name that stands for another. */
export type Alias = Extract<Answer, { readonly kind: 'alias' }>

/** A changed name. No answer: withdrawn. Urgent: a dead target leaves. */
export interface NameChange {
  readonly name: DomainName
  readonly answer?: Answer
  readonly urgent: boolean
}

/** Deep equality of what two answers say. */
export function sameAnswer(left: Answer | undefined, right: Answer | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined) return false
  if (left.kind === 'addresses') {
    return (
      right.kind === 'addresses' &&
      left.ttlSeconds === right.ttlSeconds &&
      sameList(left.a, right.a) &&
      sameList(left.aaaa, right.aaaa) &&
      sameSelection(left.select, right.select)
    )
  }
  if (left.kind === 'alias') {
    return (
      right.kind === 'alias' &&
      left.ttlSeconds === right.ttlSeconds &&
      left.target === right.target &&
      sameList(left.instead?.a, right.instead?.a) &&
      sameList(left.instead?.aaaa, right.instead?.aaaa)
    )
  }
  return (
    right.kind === 'records' &&
    left.sets.length === right.sets.length &&
    left.sets.every((set, i) => sameSet(set, right.sets[i])) &&
    sameSelection(left.select, right.select)
  )
}

function sameSet(left: RecordSet, right: RecordSet | undefined): boolean {
  return (
    right !== undefined &&
    left.type === right.type &&
    left.ttlSeconds === right.ttlSeconds &&
    left.rdata.length === right.rdata.length &&
    left.rdata.every((bytes, i) => sameNumbers(bytes, right.rdata[i]))
  )
}

/** A TTL as it is served: 31 bits (RFC 2181, 8). */
export function servedTtl(seconds: number): number {
  return Math.min(Math.max(Math.trunc(seconds), 0), MAX_TTL_SECONDS)
}

/** Deep equality of two selections. */
export function sameSelection(left: Selection | undefined, right: Selection | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined) return false
  return (
    left.most === right.most && left.rotate === right.rotate && sameVariants(left.variants, right.variants)
  )
}

function sameVariants(left: Variants | undefined, right: Variants | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined) return false
  return (
    left.by === right.by &&
    left.lists.length === right.lists.length &&
    left.lists.every((list, i) => sameNumbers(list, right.lists[i]))
  )
}

function sameList(left: readonly string[] | undefined, right: readonly string[] | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined || left.length !== right.length) return false
  return left.every((value, i) => value === right[i])
}

function sameNumbers<T extends Uint8Array | Uint16Array>(left: T, right: T | undefined): boolean {
  if (left === right) return true
  return right !== undefined && left.length === right.length && left.every((value, i) => value === right[i])
}
