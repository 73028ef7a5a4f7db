import { isOfZoneFile } from '../../api/domain.ts'
import type { Condition, ConditionSaid } from '../../api/conditions.ts'
import { findCondition, MAX_LINES_SHOWN, shownLines } from '../../api/conditions.ts'
import type { Conflict, Ledger } from '../../core/discovery/types.ts'
import { TYPE } from '../../dns/protocol.ts'
import { typeName } from '../../dns/rdata/type-names.ts'
import type { Answer, RecordSet } from '../../dns/records.ts'
import { canonicalSets } from '../../dns/transfer/canonical.ts'
import type { StaticDataState } from './static-data-book.ts'

const TYPE_NAME = 'ZoneFile'

export interface ZoneFileFacts {
  /** What is wrong with the Domain as it is asked for; none where it can be used. */
  readonly rejected: readonly string[]
  /** Of what is in force; undefined: there is no static data. */
  readonly state: StaticDataState | undefined
  /** Names of it that others have. */
  readonly conflicts: readonly Conflict[]
  readonly get: Ledger['get']
  /** As they stand. */
  readonly before: readonly Condition[] | undefined
}

/** What a Domain tells of its static data; nothing where it has none and had none. */
export function zoneFileCondition(facts: ZoneFileFacts): readonly ConditionSaid[] {
  const said = saidOf(facts)
  return said === undefined ? [] : [{ type: TYPE_NAME, ...said }]
}

type Said = Pick<ConditionSaid, 'status' | 'reason' | 'message'>

function saidOf({ rejected, state, conflicts, get, before }: ZoneFileFacts): Said | undefined {
  const broken = rejected.filter(isOfZoneFile)
  if (broken.length > 0) {
    const stays = state === undefined ? '' : '; what was published before stays'
    return {
      status: 'False',
      reason: 'RecordsInvalid',
      message: `${broken.join('; ')}: correct these lines${stays}`,
    }
  }
  if (state === undefined) {
    if (findCondition(before, TYPE_NAME) === undefined) return undefined
    return { status: 'True', reason: 'Published', message: 'zoneFile is not set; nothing to do' }
  }
  const taken = conflicts.flatMap((conflict) => takenName(conflict, state, get(conflict.name)?.answer) ?? [])
  const hints = hintsOf(state)
  if (state.problems.length > 0) {
    const message = `not published, all else is: ${shownLines([...state.problems, ...taken])}; correct these records${hints}`
    return { status: 'False', reason: 'RecordsInvalid', message }
  }
  if (taken.length > 0) {
    const message = `not published, all else is: ${shownLines(taken)}; remove these names, here or there${hints}`
    return { status: 'False', reason: 'Conflict', message }
  }
  const names = state.names === 1 ? '1 name of zoneFile is' : `${state.names} names of zoneFile are`
  return { status: 'True', reason: 'Published', message: `${names} published; nothing to do${hints}` }
}

/** Whose a name is; undefined: a server of the zone, of which the text says nothing else than the Domain. */
function takenName(
  { name, winner }: Conflict,
  state: StaticDataState,
  standing: Answer | undefined,
): string | undefined {
  const shownName = name.slice(0, -1)
  if (!winner.startsWith('Zone/')) return `${shownName} belongs to ${winner}`
  if (isAmong(state.at(name), canonicalSets(standing))) return undefined
  return `${shownName} is a server of the zone: its addresses, and no other records, are those in nameServers`
}

/** Whether all records of the first sets, whatever their TTL, are in the second ones. */
function isAmong(sets: readonly RecordSet[], others: readonly RecordSet[]): boolean {
  return sets.every(({ type, rdata }) => {
    const known = others.find((other) => other.type === type)?.rdata ?? []
    return rdata.every((octets) => known.some((other) => Buffer.compare(octets, other) === 0))
  })
}

/** What nobody has to do anything about, but may want to know. */
function hintsOf({ leftOut, warnings, origin }: StaticDataState): string {
  const hints = warnings.map(({ line, message }) => `line ${line}: ${message}`)
  const left = [TYPE.SOA, TYPE.NS].flatMap((type) => linesOf(type, leftOut))
  const about =
    left.length === 0
      ? ''
      : `; left out, since the Domain says them: ${left.join(' and ')} of ${origin.slice(0, -1)} itself`
  return `${about}${hints.length === 0 ? '' : `; note ${shownLines(hints)}`}`
}

function linesOf(type: number, leftOut: StaticDataState['leftOut']): readonly string[] {
  const lines = leftOut.filter((record) => record.type === type).map(({ line }) => line)
  if (lines.length === 0) return []
  const numbers = lines.slice(0, MAX_LINES_SHOWN).join(', ')
  const more = lines.length > MAX_LINES_SHOWN ? ' and more' : ''
  return [`${typeName(type)} (${lines.length === 1 ? 'line' : 'lines'} ${numbers}${more})`]
}
