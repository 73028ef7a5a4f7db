/** GA before beta before alpha, newer before older, as kubectl picks the preferred one. */
export function byVersionPriority(left: string, right: string): number {
  const a = rankOf(left)
  const b = rankOf(right)
  for (const [index, value] of a.entries()) {
    const difference = b[index]! - value // ranks have equal length
    if (difference !== 0) return difference
  }
  return left < right ? -1 : left > right ? 1 : 0
}

function rankOf(version: string): readonly [number, number, number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (match === null) return [0, 0, 0]
  const [, major, stage, minor] = match
  return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)]
}
