import { DEFAULT_MAX_ANSWERS } from '../../api/domain.ts'
import { inTurn } from '../../core/discovery/selection/plan-selection.ts'
import { TYPE } from '../../dns/protocol.ts'
import { sameSelection, type Answer, type RecordSet, type Selection } from '../../dns/records.ts'

/** Which addresses the answers of a zone hold, and in which order, where a name says nothing of its own about it (DESIGN 5.13). */
export interface AnswerOrder {
  /** Of names that a federation publishes. */
  readonly addresses: Selection
  /** Of names with records of any type, as master files have them; absent: all, in their order. */
  readonly records?: Selection
}

/**
 * The order in a zone.
 * @param recordsInTurn - master files are turned too: nobody expects that who did not ask for it (NSD and Knot have it off too)
 */
export function orderOf(
  zone: { readonly maxAnswers?: number } | undefined,
  recordsInTurn: boolean,
): AnswerOrder {
  const addresses = inTurn(zone?.maxAnswers ?? DEFAULT_MAX_ANSWERS)
  return recordsInTurn ? { addresses, records: inTurn(0) } : { addresses }
}

export function sameOrder(left: AnswerOrder, right: AnswerOrder): boolean {
  return sameSelection(left.addresses, right.addresses) && sameSelection(left.records, right.records)
}

/** Whether the order of a zone makes a difference to this answer. */
export function isOrdered(answer: Answer): boolean {
  switch (answer.kind) {
    case 'addresses':
      return answer.select === undefined && (answer.a.length > 1 || answer.aaaa.length > 1)
    case 'alias':
      return false
    case 'records':
      return answer.select === undefined && answer.sets.some(isMultiple)
  }
}

/** The answer as it is stored. */
export function inOrder(answer: Answer, { addresses, records }: AnswerOrder): Answer {
  if (answer.kind === 'alias' || !isOrdered(answer)) return answer
  if (answer.kind === 'addresses') return { ...answer, select: addresses }
  return records === undefined ? answer : { kind: 'records', sets: answer.sets, select: records }
}

function isMultiple({ type, rdata }: RecordSet): boolean {
  return rdata.length > 1 && (type === TYPE.A || type === TYPE.AAAA)
}
