/**
 * Divide seats by weight: everyone gets the share of their weight, rounded down or up (so that no share is off by a whole seat). What
 * is left after rounding down goes first to those who have nothing yet, then to the largest remainders.
 * @param weights - by key, whole numbers from 0; all of them 0 means that all are equal
 * @returns seats by key, only of those who have any; together all of them
 */
export function divideSeats(
  weights: ReadonlyMap<string, number>,
  seats: number,
): ReadonlyMap<string, number> {
  const asked = [...weights].filter(([, weight]) => weight > 0)
  const shares = asked.length > 0 ? asked : [...weights.keys()].map((key): [string, number] => [key, 1])
  const total = shares.reduce((sum, [, weight]) => sum + weight, 0)
  const parts = shares.map(([key, weight]) => ({
    key,
    whole: Math.floor((seats * weight) / total),
    rest: (seats * weight) % total,
  }))
  const extra = seats - parts.reduce((sum, { whole }) => sum + whole, 0)
  const order = parts
    .filter(({ rest }) => rest > 0)
    .sort((a, b) => Number(a.whole > 0) - Number(b.whole > 0) || b.rest - a.rest || (a.key < b.key ? -1 : 1))
  const favoured = new Set(order.slice(0, extra).map(({ key }) => key))
  const given = parts.map(({ key, whole }) => [key, whole + (favoured.has(key) ? 1 : 0)] as const)
  return new Map(given.filter(([, count]) => count > 0))
}
