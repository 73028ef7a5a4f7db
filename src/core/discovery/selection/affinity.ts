import { rankings } from './rendezvous.ts'
import type { AnswerShard, Family, FamilyLists } from './types.ts'

/** Of a list that each bucket has for itself no more is kept: a client that fails so often has no use for the rest. */
const LONGEST = 16

/**
 * For each bucket the clusters in the order in which it is drawn to them, each with all its addresses: a cluster that leaves moves the
 * buckets that had it first, each to its second, and no others. A and AAAA lead to one cluster where that has both.
 * @param maxAnswers - 0 = all, but 16 at the most
 */
export function affinityLists(
  shards: readonly AnswerShard[],
  family: Family,
  maxAnswers: number,
): FamilyLists {
  const longest = maxAnswers === 0 ? LONGEST : Math.min(maxAnswers, LONGEST)
  const byKey = new Map(shards.map((shard) => [shard.key, rankings(shard[family])]))
  return rankings([...byKey.keys()]).map((keys, bucket) => {
    const addresses = keys.flatMap((key) => byKey.get(key)?.[bucket] ?? [])
    return [...new Set(addresses)].slice(0, longest)
  })
}
