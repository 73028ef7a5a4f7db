import { divideSeats } from './quotas.ts'
import { assign, BUCKETS } from './rendezvous.ts'
import type { AnswerShard, Family, FamilyLists } from './types.ts'

const ALL_BUCKETS: readonly number[] = Array.from({ length: BUCKETS }, (_, bucket) => bucket)

/**
 * One address for each bucket: clusters have buckets by weight, within one of 64 of what it says; the addresses of a cluster share its
 * buckets evenly. Nothing where no cluster with a weight has an address of the family; where none has a weight at all, all are equal.
 */
export function weightedLists(shards: readonly AnswerShard[], family: Family): FamilyLists {
  const isWeighted = shards.some(({ weight }) => weight > 0)
  const taking = shards.filter((shard) => shard[family].length > 0 && (shard.weight > 0 || !isWeighted))
  if (taking.length === 0) return ALL_BUCKETS.map(() => [])
  const quotas = divideSeats(new Map(taking.map(({ key, weight }) => [key, weight])), BUCKETS)
  const owners = assign(ALL_BUCKETS, quotas)
  const given = new Map(
    taking.flatMap((shard) =>
      shareOf(
        ALL_BUCKETS.filter((bucket) => owners[bucket] === shard.key),
        shard[family],
      ),
    ),
  )
  return ALL_BUCKETS.map((bucket) => given.get(bucket) ?? [])
}

/** @returns by bucket, the one address that it is given */
function shareOf<T extends string>(
  buckets: readonly number[],
  addresses: readonly T[],
): readonly (readonly [number, readonly T[]])[] {
  const quotas = divideSeats(new Map(addresses.map((address) => [address, 1])), buckets.length)
  const owners = assign(buckets, quotas)
  return buckets.map((bucket, i) => [bucket, addresses.filter((address) => address === owners[i])])
}
