import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../../api/object.ts'
import { DEPLOYMENTS, REPLICA_SETS } from '../../resources.ts'
import { withoutSettings } from '../../settings.ts'
import { type CloudContext, indexValue } from '../context.ts'
import { controlledBy, type DeploymentShape, type PodTemplate, type ReplicaSetShape } from '../shapes.ts'
import { adopt } from './adoption.ts'
import { deploymentStatus } from './deployment-status.ts'
import { templateHash } from './names.ts'
import { nextRolloutStep, podsOf, type RolloutSet } from './rollout.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const HASH_LABEL = 'pod-template-hash'

/** Bring a Deployment's ReplicaSets one step nearer to its spec, and its status up to date. */
export function reconcileDeployment(context: CloudContext, namespace: string, name: string): void {
  const deployment = context.mirrors.deployments.get(namespace, name)
  if (deployment?.metadata.uid === undefined || deployment.metadata.deletionTimestamp !== undefined) return
  adopt(context, deployment, { resource: REPLICA_SETS, mirror: context.mirrors.replicaSets })
  const owned = ownedSets(context, deployment.metadata.uid)
  const current = currentSet(context, deployment, owned)
  const old = owned.filter((set) => set.metadata.name !== current?.metadata.name)
  const moved = current !== undefined && applyStep(context, deployment, { current, old })
  if (current !== undefined) {
    dropHistory(context, deployment, old)
    keepRevision(context, deployment, current)
  }
  if (!moved) writeStatus(context, namespace, name) // else the sets' own changes call for it
}

function ownedSets(context: CloudContext, uid: string): readonly ReplicaSetShape[] {
  return context.mirrors.replicaSets
    .where(indexValue.owner(uid))
    .filter((set) => set.metadata.deletionTimestamp === undefined)
    .sort((a, b) => revisionOf(a) - revisionOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** The set of the present template, a draft without uid when there is none; undefined while a paused Deployment has no set yet. */
function currentSet(
  context: CloudContext,
  deployment: DeploymentShape,
  owned: readonly ReplicaSetShape[],
): ReplicaSetShape | undefined {
  const template = plainTemplate(deployment.spec?.template)
  const hash = templateHash(template)
  const setName = `${deployment.metadata.name}-${hash}`
  const found = owned.find((set) => set.metadata.name === setName)
  const newest = owned.at(-1)
  if (found === undefined && deployment.spec?.paused === true) return newest
  const revision = found === newest ? revisionOf(found) : revisionOf(newest) + 1
  if (found !== undefined) return withRevision(context, found, Math.max(revision, 1))
  return draftSet(deployment, template, { hash, revision })
}

function draftSet(
  deployment: DeploymentShape,
  template: PodTemplate,
  { hash, revision }: { readonly hash: string; readonly revision: number },
): ReplicaSetShape {
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [controlledBy(deployment)],
    },
    spec: {
      replicas: 0,
      selector: {
        ...deployment.spec?.selector,
        matchLabels: { ...deployment.spec?.selector?.matchLabels, [HASH_LABEL]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** The template without what only bends the sandbox: such an annotation changes Pods in place and rolls nothing. */
function plainTemplate(template: PodTemplate | undefined): PodTemplate {
  const annotations = withoutSettings(template?.metadata?.annotations)
  const { annotations: _bent, ...metadata } = template?.metadata ?? {}
  return {
    ...template,
    metadata: {
      ...metadata,
      labels: withoutSettings(template?.metadata?.labels),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  }
}

/** Make and scale sets by one step of the rollout. Returns whether anything was written. */
function applyStep(
  context: CloudContext,
  deployment: DeploymentShape,
  sets: { readonly current: ReplicaSetShape; readonly old: readonly ReplicaSetShape[] },
): boolean {
  const desired = deployment.spec?.replicas ?? 1
  const rolling = deployment.spec?.strategy?.rollingUpdate
  const maxSurge = podsOf(rolling?.maxSurge, desired, 'up')
  const maxUnavailable = podsOf(rolling?.maxUnavailable, desired, 'down')
  const step = nextRolloutStep({
    desired,
    strategy: deployment.spec?.strategy?.type === 'Recreate' ? 'Recreate' : 'RollingUpdate',
    maxSurge,
    maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable, // else nothing could ever move
    current: rolloutSet(sets.current),
    old: sets.old.map(rolloutSet),
    oldPods: sets.old.reduce(
      (count, set) => count + context.mirrors.pods.count(indexValue.owner(set.metadata.uid ?? '')),
      0,
    ),
  })
  const isDraft = sets.current.metadata.uid === undefined
  for (const set of [sets.current, ...sets.old]) {
    const replicas = step.get(set.metadata.name)
    const scaled = { ...set, spec: { ...set.spec, replicas: replicas ?? 0 } }
    if (set === sets.current && isDraft) context.objects.create(REPLICA_SETS, scaled)
    else if (replicas !== undefined) context.objects.update(REPLICA_SETS, scaled)
  }
  return isDraft || step.size > 0
}

function rolloutSet(set: ReplicaSetShape): RolloutSet {
  const replicas = set.spec?.replicas ?? 0
  return {
    name: set.metadata.name,
    replicas,
    available: Math.min(replicas, set.status?.availableReplicas ?? 0),
  }
}

/** Empty old sets beyond `revisionHistoryLimit` (10) go, oldest first. */
function dropHistory(
  context: CloudContext,
  deployment: DeploymentShape,
  old: readonly ReplicaSetShape[],
): void {
  const empty = old.filter((set) => (set.spec?.replicas ?? 0) === 0 && (set.status?.replicas ?? 0) === 0)
  const excess = empty.length - (deployment.spec?.revisionHistoryLimit ?? 10)
  for (const set of empty.slice(0, Math.max(0, excess)))
    context.objects.delete(REPLICA_SETS, set.metadata.namespace ?? '', set.metadata.name)
}

function keepRevision(context: CloudContext, deployment: DeploymentShape, current: ReplicaSetShape): void {
  const revision = String(revisionOf(current))
  if (deployment.metadata.annotations?.[REVISION] === revision) return
  context.objects.update(DEPLOYMENTS, annotated(deployment, revision))
}

function withRevision(context: CloudContext, set: ReplicaSetShape, revision: number): ReplicaSetShape {
  if (revisionOf(set) === revision) return set
  return context.objects.update(REPLICA_SETS, annotated(set, String(revision)))
}

function annotated<T extends KubeObject>(object: T, revision: string): T {
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [REVISION]: revision } },
  }
}

function revisionOf(set: KubeObject | undefined): number {
  return Number(set?.metadata.annotations?.[REVISION] ?? 0)
}

function writeStatus(context: CloudContext, namespace: string, name: string): void {
  const deployment = context.mirrors.deployments.get(namespace, name)
  if (deployment?.metadata.uid === undefined) return
  const sets = ownedSets(context, deployment.metadata.uid)
  const status = deploymentStatus(deployment, sets, context.clock.nowMs())
  if (!isDeepStrictEqual(status, deployment.status ?? {}))
    context.objects.updateStatus(DEPLOYMENTS, { ...deployment, status })
}
