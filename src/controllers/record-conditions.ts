import type { ConditionSaid } from '../api/conditions.ts'
import type { Conflict } from '../core/discovery/types.ts'
import type { Described, StatusInput } from './status-input.ts'

/** Ready, Degraded, Conflict and DNSEndpointWritten of a record; the last one once it was tried. */
export function conditionsOf(described: Described): readonly ConditionSaid[] {
  const { input } = described
  const said = [readyOf(described), degradedOf(described), conflictOf(input), writtenOf(input)]
  return said
    .filter((condition) => condition !== undefined)
    .map((condition) => ({ ...condition, observedGeneration: input.generation }))
}

function readyOf({ input, record }: Described): ConditionSaid {
  const { complaint, conflicts, said } = input
  if (complaint !== undefined) return { type: 'Ready', status: 'False', ...complaint }
  if (conflicts.length > 0 && said.length === 0) {
    return { type: 'Ready', status: 'False', reason: 'Conflict', message: conflictMessage(conflicts) }
  }
  const { tier, reason, message } = record
  return { type: 'Ready', status: tier === 'fit' ? 'True' : 'False', reason, message }
}

function degradedOf({ input: { rejected }, record, shards }: Described): ConditionSaid {
  const { tier, clusters, message } = record
  if (tier === 'lastKnownGood') return { type: 'Degraded', status: 'True', reason: 'LastKnownGood', message }
  if (rejected.length > 0) {
    const words = rejected.map((name) => `${name.field}: ${name.message}`).join('; ')
    return { type: 'Degraded', status: 'True', reason: 'NameRejected', message: words }
  }
  if (clusters.Unknown > 0) {
    const names = shards.filter(({ summary }) => summary.state === 'Unknown').map(({ seen }) => seen.name)
    return {
      type: 'Degraded',
      status: 'True',
      reason: 'ClustersUnknown',
      message: `cannot be seen now, what was last known stays: ${names.join(', ')}; see the conditions of these KubeFedClusters`,
    }
  }
  return {
    type: 'Degraded',
    status: 'False',
    reason: 'AllKnown',
    message: 'every cluster can be seen; nothing to do',
  }
}

function conflictOf({ conflicts }: StatusInput): ConditionSaid {
  return conflicts.length === 0
    ? {
        type: 'Conflict',
        status: 'False',
        reason: 'NoConflict',
        message: 'no other record has one of its names; nothing to do',
      }
    : { type: 'Conflict', status: 'True', reason: 'NameTaken', message: conflictMessage(conflicts) }
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const shown = conflicts.slice(0, 5).map(({ name, winner }) => `${name.slice(0, -1)} belongs to ${winner}`)
  const more = conflicts.length > shown.length ? `, and ${conflicts.length - shown.length} more` : ''
  return `${shown.join(', ')}${more}; rename one of the two, or delete it`
}

function writtenOf({ written }: StatusInput): ConditionSaid | undefined {
  if (written === undefined) return undefined
  return written.ok
    ? {
        type: 'DNSEndpointWritten',
        status: 'True',
        reason: 'Written',
        message: 'the DNSEndpoint stands as planned; nothing to do',
      }
    : { type: 'DNSEndpointWritten', status: 'False', reason: written.reason, message: written.message }
}
