import type { Address } from './address.ts'
import type { DomainName } from './names.ts'

/** One RRset of any type: rdata in wire form, names in it uncompressed. */
export interface RecordSet {
  readonly type: number
  readonly ttlSeconds: number
  readonly rdata: readonly Uint8Array[]
}

/**
 * What may be chosen among the addresses of an answer, compiled to lists of indices so that the packet path only indexes.
 * An index counts through `a`, then on through `aaaa`. One list is taken for a query; of it at most `pick` addresses of
 * a family are given, in the list's order (0 = all of them). A list may leave addresses out. No list = all addresses.
 * The list is the next one in turn (`rotation`), the one of the client's bucket (`bucket`), or the first (`locality`,
 * until client subnets have a map).
 */
export interface Selection {
  readonly pick: number
  readonly lists: readonly Uint8Array[]
  readonly by: 'rotation' | 'bucket' | 'locality'
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
  | { readonly kind: 'records'; readonly sets: readonly RecordSet[] }

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
    left.sets.every((set, i) => sameSet(set, right.sets[i]))
  )
}

function sameSet(left: RecordSet, right: RecordSet | undefined): boolean {
  return (
    right !== undefined &&
    left.type === right.type &&
    left.ttlSeconds === right.ttlSeconds &&
    left.rdata.length === right.rdata.length &&
    left.rdata.every((bytes, i) => sameBytes(bytes, right.rdata[i]))
  )
}

function sameSelection(left: Selection | undefined, right: Selection | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined) return false
  return (
    left.pick === right.pick &&
    left.by === right.by &&
    left.lists.length === right.lists.length &&
    left.lists.every((list, i) => sameBytes(list, right.lists[i]))
  )
}

function sameList(left: readonly string[] | undefined, right: readonly string[] | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined || left.length !== right.length) return false
  return left.every((value, i) => value === right[i])
}

function sameBytes(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && left.length === right.length && left.every((byte, i) => byte === right[i])
}
