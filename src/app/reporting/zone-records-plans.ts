import { shownLines, withConditions, type ConditionSaid } from '../../api/conditions.ts'
import { ownerKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import { zoneRecordsKind } from '../../api/zone-records.ts'
import { invalid, statusOf } from '../../controllers/ports.ts'
import type { Conflict } from '../../core/discovery/types.ts'
import { HOST } from '../control-plane/host-cluster.ts'
import type { ObjectState } from '../updates/zone-records-book.ts'
import { identityOf, moment, type KindPlans, type RecordPlansOptions } from './plan-parts.ts'

const { definition } = zoneRecordsKind

/** ZoneRecords objects tell how many names they have, and what of them is not published; parts of large zones tell nothing. */
export function zoneRecordsPlans(options: RecordPlansOptions): KindPlans {
  const { host, discovery, zoneRecords } = options
  return {
    definition,
    status(key, standing) {
      const object = host.zoneRecords.get(key, HOST)
      const state = zoneRecords.state(key)
      if (object === undefined || (object.kind === 'ok' && state === undefined)) return undefined
      const { metadata } = object
      const before = standing ?? statusOf(object)
      const { generation, now } = moment(options, metadata)
      const owner = ownerOf(key)
      const conflicts = discovery.ledger.conflicts(owner)
      const ready = object.kind === 'rejected' ? unreadable(object.problems) : readyOf(state, conflicts)
      const said = { type: 'Ready', ...ready, observedGeneration: generation }
      return {
        ...identityOf(definition),
        metadata,
        before,
        now: {
          observedGeneration: generation,
          names: discovery.ledger.owned(owner).length,
          conditions: withConditions(before?.conditions ?? [], [said], now),
        },
      }
    },
    endpoint: () => undefined,
  }
}

type Said = Pick<ConditionSaid, 'status' | 'reason' | 'message'>

function readyOf(state: ObjectState | undefined, conflicts: readonly Conflict[]): Said {
  if (state?.isOutside === true) {
    const message = `no Domain has the zone ${state.zone.slice(0, -1)}: create one with this domain, or correct spec.zone`
    return { status: 'False', reason: 'NoDomain', message }
  }
  const problems = state?.problems ?? []
  if (problems.length > 0) {
    const message = `not published, all else is: ${shownLines(problems)}; correct these records`
    return { status: 'False', reason: 'RecordsInvalid', message }
  }
  if (conflicts.length > 0) {
    const taken = conflicts.map(({ name, winner }) => `${name.slice(0, -1)} belongs to ${winner}`)
    const message = `not published, all else is: ${shownLines(taken)}; remove these names, here or there`
    return { status: 'False', reason: 'Conflict', message }
  }
  return { status: 'True', reason: 'Published', message: 'every record is published; nothing to do' }
}

function unreadable(problems: readonly string[]): Said {
  const { reason, message } = invalid(problems)
  return { status: 'False', reason, message: `${message}; what was published before stays` }
}

function ownerOf(key: ObjectKey): OwnerKey {
  return ownerKey(definition.kind, key)
}
