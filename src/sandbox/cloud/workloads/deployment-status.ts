import {
  type Condition,
  type DeploymentShape,
  kubeTime,
  nextCondition,
  type ReplicaSetShape,
} from '../shapes.ts'
import { podsOf } from './rollout.ts'

interface Totals {
  readonly desired: number
  readonly replicas: number
  readonly updated: number
  readonly ready: number
  readonly available: number
}

/**
 * status of a Deployment as kube-controller-manager writes it: zero counts left out, conditions Available and
 * Progressing with their times kept while they say the same.
 * @param sets - its ReplicaSets, the current one last
 */
export function deploymentStatus(
  deployment: DeploymentShape,
  sets: readonly ReplicaSetShape[],
  nowMs: number,
): Readonly<Record<string, unknown>> {
  const current = sets.at(-1)
  const totals: Totals = {
    desired: deployment.spec?.replicas ?? 1,
    replicas: total(sets, 'replicas'),
    updated: current?.status?.replicas ?? 0,
    ready: total(sets, 'readyReplicas'),
    available: total(sets, 'availableReplicas'),
  }
  const old = deployment.status?.conditions
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: totals.replicas,
      updatedReplicas: totals.updated,
      readyReplicas: totals.ready,
      availableReplicas: totals.available,
      unavailableReplicas: Math.max(0, totals.desired - totals.available),
    }),
    conditions: [
      timed(old, available(deployment, totals), nowMs),
      timed(old, progressing(current, totals, old), nowMs),
    ],
  }
}

function available(deployment: DeploymentShape, { desired, available }: Totals): Condition {
  const rolling = deployment.spec?.strategy?.rollingUpdate
  const tolerated =
    deployment.spec?.strategy?.type === 'Recreate' ? 0 : podsOf(rolling?.maxUnavailable, desired, 'down')
  return available >= desired - tolerated
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

/** Once a set is fully rolled out, scaling it does not make the Deployment progress again. */
function progressing(
  current: ReplicaSetShape | undefined,
  totals: Totals,
  old: readonly Condition[] | undefined,
): Condition {
  const name = current?.metadata.name ?? ''
  const done: Condition = {
    type: 'Progressing',
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `ReplicaSet "${name}" has successfully progressed.`,
  }
  const { desired, updated, replicas, available } = totals
  const complete = updated === desired && replicas === desired && available === desired
  const before = old?.find((condition) => condition.type === 'Progressing')
  const wasDone = before?.message === done.message && updated === replicas
  if (complete || wasDone) return done
  return { ...done, reason: 'ReplicaSetUpdated', message: `ReplicaSet "${name}" is progressing.` }
}

/** A Deployment's conditions carry the time of the last update as well. */
function timed(old: readonly Condition[] | undefined, wanted: Condition, nowMs: number): Condition {
  const before = old?.find((condition) => condition.type === wanted.type)
  const same = before?.status === wanted.status && before.message === wanted.message
  return {
    ...nextCondition(old, wanted, nowMs),
    lastUpdateTime: same ? (before.lastUpdateTime ?? kubeTime(nowMs)) : kubeTime(nowMs),
  }
}

function total(
  sets: readonly ReplicaSetShape[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas',
): number {
  return sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0)
}

/** Counts of zero are absent, as Go's omitempty leaves them. */
export function withoutZeros(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))
}
