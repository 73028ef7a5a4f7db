import type { Reply } from '../../../support/dns-reply.ts'

/** What two servers are compared by. */
export interface Compared {
  readonly rcode: string
  readonly flags: string
  readonly answer: readonly string[]
  readonly authority: readonly string[]
  readonly additional?: readonly string[]
}

/** Where one of them has its own way, and why ours is right as well. */
export interface KnownDifference {
  readonly server: 'nsd' | 'knot'
  readonly why: string
  /** Where the rule stands. */
  readonly source: string
  readonly is: (ours: Compared, theirs: Compared) => boolean
}

export const KNOWN: readonly KnownDifference[] = [
  {
    server: 'knot',
    why: 'a DNAME that leads below itself has no end: Knot follows it five times, NSD and we once',
    source: 'RFC 6672, 5.1',
    is: (ours, theirs) =>
      ours.rcode === theirs.rcode &&
      ours.answer.some((line) => line.includes(' DNAME ')) &&
      ours.answer.every((line) => theirs.answer.includes(line)),
  },
  {
    server: 'knot',
    why: 'DS at the origin of a zone is for the zone above to say: NSD and we deny it, Knot says what stands there',
    source: 'RFC 4035, 3.1.4.1',
    is: (ours, theirs) => ours.answer.length === 0 && theirs.answer.every((line) => / DS /.test(line)),
  },
]

/**
 * What has to agree: additional data is a courtesy but in a referral, the order within a section means nothing, and of a truncated response
 * nothing counts but that it is one (RFC 2181, 9).
 */
export function comparable(reply: Reply | undefined): Compared {
  if (reply === undefined) return { rcode: 'no answer', flags: '', answer: [], authority: [] }
  const { rcode, flags, answer = [], authority = [], additional = [] } = reply
  if (flags.includes('tc')) return { rcode, flags, answer: [], authority: [] }
  const isReferral = !flags.includes('aa') && rcode === 'NOERROR'
  return {
    ...{ rcode, flags, answer: answer.toSorted(), authority: authority.toSorted() },
    ...(isReferral ? { additional: additional.toSorted() } : {}),
  }
}

/** One question that two servers answer differently. */
export interface Difference {
  readonly ask: string
  readonly ours: Compared
  readonly theirs: Compared
  readonly known: KnownDifference | undefined
}

/** Every question of which they do not say the same. */
export function differencesBetween(
  server: KnownDifference['server'],
  asks: readonly string[],
  {
    ours,
    theirs,
  }: { readonly ours: readonly (Reply | undefined)[]; readonly theirs: readonly (Reply | undefined)[] },
): readonly Difference[] {
  return asks.flatMap((ask, index) => {
    const pair = { ours: comparable(ours[index]), theirs: comparable(theirs[index]) }
    if (JSON.stringify(pair.ours) === JSON.stringify(pair.theirs)) return []
    const known = KNOWN.find((each) => each.server === server && each.is(pair.ours, pair.theirs))
    return [{ ask, ...pair, known }]
  })
}

/** A difference for a person: the question, both answers, and where the rule stands. */
export function rowOf(server: string, { ask, ours, theirs, known }: Difference): string {
  const said = ({ rcode, flags, answer, authority }: Compared): string =>
    [rcode, flags, ...answer, ...authority].filter((part) => part !== '').join(' | ')
  const why = known === undefined ? 'no known reason' : `${known.source}: ${known.why}`
  return `${ask}\n  ours:  ${said(ours)}\n  ${server}: ${said(theirs)}\n  ${why}\n`
}
