import type { Address } from '../../../dns/address.ts'
import type { Targets } from '../types.ts'

export type Family = 'a' | 'aaaa'

/** One cluster's part of an answer. */
export interface AnswerShard extends Pick<Targets, Family> {
  /** The cluster: what clients keep to, and what has a weight. Distinct. */
  readonly key: string
  /** A whole number; 0 = never. */
  readonly weight: number
  readonly region?: string
  readonly zones: readonly string[]
}

/** Where clients are. */
export interface ClientPlace {
  readonly zone?: string
  /** Nearest first, their own included. */
  readonly regions: readonly string[]
}

/** Who is given which addresses of a name. */
export type SelectionPolicy =
  /** All the same ones, in turn. */
  | { readonly kind: 'all'; readonly maxAnswers: number }
  /** One address, as often as the weight of its cluster says; with affinity always the same to a client's network. */
  | { readonly kind: 'weighted'; readonly affinity: boolean }
  /** In an order of its own for a client's network, the same as long as the clusters are. */
  | { readonly kind: 'affinity'; readonly maxAnswers: number }
  /** Those of the client's zone, else of the nearest region that has any; all, where the client's place is not known. */
  | { readonly kind: 'proximity'; readonly maxAnswers: number; readonly places: readonly ClientPlace[] }

/** What each bucket of clients, or each place, is given of one family. */
export type FamilyLists = readonly (readonly Address[])[]
