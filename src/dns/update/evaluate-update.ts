import { isTooMuchAtName, isTooMuchForMessage } from '../content-limits.ts'
import { type DomainName, nameOfWire } from '../names.ts'
import { CLASS, RCODE, TYPE } from '../protocol.ts'
import type { Message } from '../wire/message.ts'
import { applyChanges } from './apply-changes.ts'
import { unmetPrerequisite } from './prerequisites.ts'
import { prescan } from './prescan.ts'
import { failed, type UpdateOutcome, type UpdatePolicy, type UpdateZone } from './types.ts'
import { ZoneDraft } from './zone-draft.ts'

/** The zones that updates can be for, and who may make which. */
export interface UpdateContext {
  /** @returns undefined: we are not authoritative for a zone of this origin */
  zone(origin: DomainName): UpdateZone | undefined
  readonly policy: UpdatePolicy
}

/**
 * What comes of an UPDATE message (RFC 2136, 3). Pure, and bounded by the octets of the message and of the sets it names.
 * Who may update at all is looked at before the prerequisites, so that nobody else learns from them what is in the zone.
 * @param message - decoded; opcode UPDATE: its questions are the zone section, answers the prerequisites, authority the updates
 */
export function evaluateUpdate(
  { questions, answers, authority }: Pick<Message, 'questions' | 'answers' | 'authority'>,
  { zone: zoneAt, policy }: UpdateContext,
): UpdateOutcome {
  const [named, second] = questions
  if (named === undefined || second !== undefined || named.type !== TYPE.SOA)
    return failed(RCODE.FORMERR, 'the zone section is not one SOA')
  const origin = nameOfWire(named.name)
  const zone = named.class === CLASS.IN ? zoneAt(origin) : undefined
  if (zone === undefined) return failed(RCODE.NOTAUTH, `${origin} is not a zone of this server`)
  const refusal = policy.deniesZone(origin)
  if (refusal !== undefined) return failed(RCODE.REFUSED, refusal)
  const unmet = unmetPrerequisite(answers, zone)
  if (unmet !== undefined) return unmet
  const changes = prescan(authority, zone)
  if ('rcode' in changes) return changes
  for (const change of changes) {
    const denial = policy.deniesChange(change, zone)
    if (denial !== undefined) return failed(RCODE.REFUSED, denial)
  }
  const draft = new ZoneDraft(zone)
  applyChanges(changes, origin, draft)
  const contents = draft.changes()
  const tooMuch = contents.find(
    ({ name, sets }) => isTooMuchAtName(name, sets) || sets.some(isTooMuchForMessage),
  )
  if (tooMuch !== undefined)
    return failed(RCODE.REFUSED, `the records of ${tooMuch.name} would be too many to serve`)
  return { kind: 'changes', origin, changes: contents }
}
