/** What a rotating name has, and how much of it one answer holds at the most (0: all). */
export interface RotationRule {
  readonly addresses: readonly string[]
  readonly most: number
}

/**
 * What is wrong with the answers to a name that were given one after the other, by the rule read plainly: an answer holds as many
 * addresses as it may, each once; in rounds of as many answers as there are addresses, each is first once and in equally many answers;
 * and no more different sets are given than there are addresses.
 * @param answers - the addresses of each, in their order
 */
export function rotationProblems(
  answers: readonly (readonly string[])[],
  { addresses, most }: RotationRule,
): readonly string[] {
  const count = addresses.length
  const given = most === 0 ? count : Math.min(most, count)
  const wrong = answers.filter(
    (answer) =>
      answer.length !== given ||
      new Set(answer).size !== given ||
      answer.some((address) => !addresses.includes(address)),
  )
  if (wrong.length > 0) return [`not ${given} of the addresses: ${wrong[0]?.join()}`]
  const offsets = addresses.map((_, offset) => offset) // where the first whole round begins is not known
  const unfair = offsets.map((offset) => firstUnfair(answers.slice(offset), addresses, given))
  const subsets = new Set(answers.map((answer) => answer.toSorted().join()))
  return [
    ...(unfair.every((problem) => problem !== undefined) ? unfair.slice(0, 1) : []),
    ...(subsets.size > count ? [`${subsets.size} different sets of ${count} addresses`] : []),
  ].filter((problem) => problem !== undefined)
}

function firstUnfair(
  answers: readonly (readonly string[])[],
  addresses: readonly string[],
  given: number,
): string | undefined {
  const count = addresses.length
  for (let at = 0; at + count <= answers.length; at += count) {
    const round = answers.slice(at, at + count)
    for (const address of addresses) {
      const first = round.filter((answer) => answer[0] === address).length
      const held = round.filter((answer) => answer.includes(address)).length
      if (first !== 1 || held !== given)
        return `${address} first ${first} times, held ${held} times of ${count}`
    }
  }
  return undefined
}
