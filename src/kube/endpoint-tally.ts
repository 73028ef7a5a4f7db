import type { EndpointFacts } from '../api/facts.ts'
import type { SliceFacts } from './projections/endpoint-slice.ts'
import { Interner } from './projections/interner.ts'

/** Counts of one Service in one cluster, kept by address family; one instance for all that are equal. */
export interface Tally {
  readonly slices: number
  /** Ready, serving, terminating of family a; the same of aaaa; the same of others. */
  readonly counts: readonly number[]
  readonly facts: EndpointFacts
}

const FAMILIES = ['a', 'aaaa', 'other'] as const
const FIELDS = ['ready', 'serving', 'terminating'] as const
/** Distinct tallies kept; one that was forgotten is made again. */
const MAX_TALLIES = 20_000

const tallies = new Interner<Tally>(MAX_TALLIES)
const sums = new Interner<EndpointFacts>(MAX_TALLIES)

/** No slice. */
export const NOTHING: Tally = tallyOf(0, [0, 0, 0, 0, 0, 0, 0, 0, 0])

/** A tally with one slice put in (1) or taken out (-1). */
export function tallied(tally: Tally, slice: SliceFacts, sign: 1 | -1): Tally {
  const first = FAMILIES.indexOf(slice.family) * FIELDS.length
  const counts = [...tally.counts]
  for (const [i, field] of FIELDS.entries())
    counts[first + i] = (counts[first + i] ?? 0) + sign * slice[field]
  return tallyOf(tally.slices + sign, counts)
}

function tallyOf(slices: number, counts: readonly number[]): Tally {
  return tallies.get(`${slices}:${counts.join()}`, () => ({ slices, counts, facts: factsOf(counts) }))
}

/** An endpoint of a dual-stack Service is in slices of both families: the larger family counts, not the sum of both. */
function factsOf(counts: readonly number[]): EndpointFacts {
  const most = (field: number): number =>
    Math.max(...FAMILIES.map((_, family) => counts[family * FIELDS.length + field] ?? 0))
  const [ready, serving, terminating] = [most(0), most(1), most(2)]
  return sums.get(`${ready},${serving},${terminating}`, () => Object.freeze({ ready, serving, terminating }))
}
