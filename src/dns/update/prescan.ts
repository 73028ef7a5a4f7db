import { nameOfWire, type DomainName } from '../names.ts'
import { CLASS, isMetaType, MAX_TTL_SECONDS, RCODE, TYPE } from '../protocol.ts'
import { rdataProblem } from '../rdata/rdata-problem.ts'
import { typeName } from '../rdata/type-names.ts'
import type { ResourceRecord } from '../wire/message.ts'
import { failed, type AskedChange, type UpdateFailure, type UpdateZone } from './types.ts'

/** A record of the update section, looked at: what it asks for, and with what data. */
export interface PlannedChange extends AskedChange {
  /** 0 but for `add`. */
  readonly ttlSeconds: number
  /** Empty for `remove-set` and `remove-name`. */
  readonly rdata: Uint8Array
}

/** What the update section asks for, or the first thing in it that cannot be (RFC 2136, 3.4.1). */
export function prescan(
  updates: readonly ResourceRecord[],
  zone: UpdateZone,
): readonly PlannedChange[] | UpdateFailure {
  const changes: PlannedChange[] = []
  for (const record of updates) {
    const name = nameOfWire(record.name)
    if (!zone.holds(name)) return failed(RCODE.NOTZONE, `${name} is not in the zone`)
    const problem = problemOf(record)
    if (problem !== undefined) return failed(RCODE.FORMERR, `${name} ${typeName(record.type)}: ${problem}`)
    changes.push(plannedChange(record, name))
  }
  return changes
}

function plannedChange(
  { class: klass, type, ttlSeconds, rdata }: ResourceRecord,
  name: DomainName,
): PlannedChange {
  if (klass === CLASS.IN) return { kind: 'add', name, type, ttlSeconds, rdata }
  if (klass === CLASS.NONE) return { kind: 'remove', name, type, ttlSeconds, rdata }
  return { kind: type === TYPE.ANY ? 'remove-name' : 'remove-set', name, type, ttlSeconds, rdata }
}

/** Data is judged octet by octet: whatever is stored here is served, transferred and written as text. */
function problemOf({ class: klass, type, ttlSeconds, rdata }: ResourceRecord): string | undefined {
  if (klass !== CLASS.IN && klass !== CLASS.ANY && klass !== CLASS.NONE) return 'class has no meaning here'
  if ((isMetaType(type) && !(klass === CLASS.ANY && type === TYPE.ANY)) || type === 0)
    return 'type is no data'
  if (klass !== CLASS.IN && ttlSeconds !== 0) return 'a removal has a TTL'
  if (klass === CLASS.ANY) return rdata.length > 0 ? 'the removal of a set has data' : undefined
  if (klass === CLASS.IN && ttlSeconds > MAX_TTL_SECONDS) return 'TTL has more than 31 bits'
  return rdataProblem(type, rdata)
}
