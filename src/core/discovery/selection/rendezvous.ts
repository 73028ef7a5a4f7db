/** Networks of clients are told apart by so many buckets. */
export const BUCKETS = 64

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const GOLDEN = 0x9e3779b9

/**
 * How much a bucket is drawn to a key (rendezvous hashing, Thaler and Ravishankar, 1998): it goes to the one with the highest score,
 * so that a key that leaves moves its own buckets only, each to the one that was second.
 * @returns for a bucket, 32 bits
 */
export function scoreOf(key: string): (bucket: number) => number {
  let hash = FNV_OFFSET
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME)
  return (bucket) => mixed(hash ^ Math.imul(bucket + 1, GOLDEN))
}

/**
 * For each bucket the keys in the order in which it is drawn to them.
 * @param keys - distinct, in any order
 */
export function rankings<K extends string>(keys: readonly K[]): readonly (readonly K[])[] {
  const scored = keys.map((key) => ({ key, scoreAt: scoreOf(key) }))
  return Array.from({ length: BUCKETS }, (_, bucket) =>
    scored
      .map(({ key, scoreAt }) => ({ key, score: scoreAt(bucket) }))
      .sort((left, right) => right.score - left.score || compare(left.key, right.key))
      .map(({ key }) => key),
  )
}

/**
 * Give each bucket to a key, to each key as many as its quota says: of all pairs the strongest first.
 * @param quotas - by key; together as many as there are buckets
 * @returns the key of each bucket, in the order of `buckets`
 */
export function assign(
  buckets: readonly number[],
  quotas: ReadonlyMap<string, number>,
): readonly (string | undefined)[] {
  const left = new Map(quotas)
  const given = new Map<number, string>()
  const pairs = [...quotas.keys()].flatMap((key) => {
    const scoreAt = scoreOf(key)
    return buckets.map((bucket) => ({ bucket, key, score: scoreAt(bucket) }))
  })
  pairs.sort((a, b) => b.score - a.score || a.bucket - b.bucket || compare(a.key, b.key))
  for (const { bucket, key } of pairs) {
    const quota = left.get(key) ?? 0
    if (quota === 0 || given.has(bucket)) continue
    left.set(key, quota - 1)
    given.set(bucket, key)
  }
  return buckets.map((bucket) => given.get(bucket))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** A bijection of 32 bits in which every bit depends on every bit. */
function mixed(value: number): number {
  let mix = value
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}
