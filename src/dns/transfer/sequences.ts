import { TYPE } from '../protocol.ts'
import type { Answer, RecordSet } from '../records.ts'
import type { DomainName } from '../names.ts'
import { canonicalSets, differences, type OwnedSet } from './canonical.ts'

/** A name whose answer is another one than before. */
export interface ChangedName {
  readonly name: DomainName
  readonly before: Answer | undefined
  readonly after: Answer | undefined
}

/** From one version of a zone to a later one. */
export interface Increment {
  readonly oldSoa: RecordSet
  readonly newSoa: RecordSet
  /** Each name once. */
  readonly changes: Iterable<ChangedName>
}

/** What stands once at the begin and the end, or is the parent zone's to say (RFC 4035, 2.4), is no part of the content. */
function isContent(origin: DomainName, { name, set: { type } }: OwnedSet): boolean {
  return name !== origin || (type !== TYPE.SOA && type !== TYPE.DS)
}

/** A whole zone: SOA, everything else, SOA (RFC 5936, 2.2). */
export function* wholeZone(
  origin: DomainName,
  soa: RecordSet,
  contents: Iterable<readonly [DomainName, Answer]>,
): Generator<OwnedSet> {
  yield { name: origin, set: soa }
  for (const [name, answer] of contents) {
    for (const set of canonicalSets(answer)) {
      const owned = { name, set }
      if (isContent(origin, owned)) yield owned
    }
  }
  yield { name: origin, set: soa }
}

/** Changes, oldest first: the new SOA; for each increment old SOA, what goes, new SOA, what comes; the new SOA (RFC 1995, 4). */
export function* zoneChanges(
  origin: DomainName,
  soa: RecordSet,
  increments: Iterable<Increment>,
): Generator<OwnedSet> {
  yield { name: origin, set: soa }
  for (const { oldSoa, newSoa, changes } of increments) {
    yield { name: origin, set: oldSoa }
    yield* differing(origin, changes, 'removed')
    yield { name: origin, set: newSoa }
    yield* differing(origin, changes, 'added')
  }
  yield { name: origin, set: soa }
}

function* differing(
  origin: DomainName,
  changes: Iterable<ChangedName>,
  which: 'removed' | 'added',
): Generator<OwnedSet> {
  for (const { name, before, after } of changes) {
    for (const set of differences(canonicalSets(before), canonicalSets(after))[which]) {
      const owned = { name, set }
      if (isContent(origin, owned)) yield owned
    }
  }
}
