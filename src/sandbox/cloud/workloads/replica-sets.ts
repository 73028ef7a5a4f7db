import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../../api/object.ts'
import { PODS, REPLICA_SETS } from '../../resources.ts'
import { withoutSettings } from '../../settings.ts'
import { type CloudContext, indexValue } from '../context.ts'
import {
  conditionStatus,
  controlledBy,
  controllerOf,
  fitsSelector,
  type PodShape,
  type ReplicaSetShape,
} from '../shapes.ts'
import { adopt } from './adoption.ts'
import { withoutZeros } from './deployment-status.ts'
import { generatedName } from './names.ts'

/** Pods made or ended in one go; the events of these call for the rest. */
const PODS_PER_STEP = 200

/** Make or end Pods until a ReplicaSet has as many as it wants, and keep its status. A set whose Deployment is gone goes. */
export function reconcileReplicaSet(context: CloudContext, namespace: string, name: string): void {
  const set = context.mirrors.replicaSets.get(namespace, name)
  if (set?.metadata.uid === undefined) return
  if (ownerIsGone(context, set)) {
    context.objects.delete(REPLICA_SETS, namespace, name)
    return
  }
  releaseStrangers(context, set)
  if (set.metadata.deletionTimestamp === undefined)
    adopt(context, set, { resource: PODS, mirror: context.mirrors.pods })
  const moved = set.metadata.deletionTimestamp === undefined && keepCount(context, set)
  if (!moved) writeStatus(context, namespace, name) // else the Pods' own changes call for it
}

function ownerIsGone(context: CloudContext, set: ReplicaSetShape): boolean {
  const owner = controllerOf(set)
  if (owner?.kind !== 'Deployment') return false
  return context.mirrors.deployments.get(set.metadata.namespace ?? '', owner.name)?.metadata.uid !== owner.uid
}

/** A Pod whose labels no longer fit is let go: it lives on by itself, and another takes its place. */
function releaseStrangers(context: CloudContext, set: ReplicaSetShape): void {
  for (const pod of podsOfSet(context, set)) {
    if (fitsSelector(set.spec?.selector, pod.metadata.labels)) continue
    const ownerReferences = (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== set.metadata.uid)
    context.objects.update(PODS, { ...pod, metadata: { ...pod.metadata, ownerReferences } })
  }
}

/** Returns whether Pods were made or ended. */
function keepCount(context: CloudContext, set: ReplicaSetShape): boolean {
  const pods = podsOfSet(context, set).filter(isActive)
  const missing = (set.spec?.replicas ?? 1) - pods.length
  for (let made = 0; made < Math.min(missing, PODS_PER_STEP); made += 1) createPod(context, set)
  const excess = [...pods].sort(leastWanted).slice(0, Math.min(Math.max(0, -missing), PODS_PER_STEP))
  for (const pod of excess) context.objects.delete(PODS, pod.metadata.namespace ?? '', pod.metadata.name)
  return missing !== 0
}

function createPod(context: CloudContext, set: ReplicaSetShape): void {
  const namespace = set.metadata.namespace ?? ''
  const { metadata, spec } = set.spec?.template ?? {}
  const annotations = withoutSettings(metadata?.annotations)
  const seed = `${set.metadata.uid ?? ''}/${context.sequence()}`
  context.objects.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: generatedName(
        set.metadata.name,
        seed,
        (taken) => context.mirrors.pods.get(namespace, taken) !== undefined,
      ),
      generateName: `${set.metadata.name}-`,
      namespace,
      labels: withoutSettings(metadata?.labels),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controlledBy(set)],
    },
    spec: spec ?? {},
  })
}

/** Which Pod of a set goes first: without a Node, then not ready, then the youngest. */
function leastWanted(a: PodShape, b: PodShape): number {
  return (
    Number(a.spec?.nodeName !== undefined) - Number(b.spec?.nodeName !== undefined) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    newestFirst(a, b)
  )
}

function newestFirst(a: KubeObject, b: KubeObject): number {
  const left = a.metadata.creationTimestamp ?? ''
  const right = b.metadata.creationTimestamp ?? ''
  if (left !== right) return left < right ? 1 : -1
  return a.metadata.name < b.metadata.name ? 1 : -1
}

function writeStatus(context: CloudContext, namespace: string, name: string): void {
  const set = context.mirrors.replicaSets.get(namespace, name)
  if (set === undefined) return
  const pods = podsOfSet(context, set).filter(isActive)
  const ready = pods.filter(isReady).length
  const status = {
    replicas: pods.length,
    ...withoutZeros({
      fullyLabeledReplicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: set.metadata.generation ?? 0,
    }),
  }
  if (!isDeepStrictEqual(status, set.status ?? {}))
    context.objects.updateStatus(REPLICA_SETS, { ...set, status })
}

function podsOfSet(context: CloudContext, set: ReplicaSetShape): readonly PodShape[] {
  return context.mirrors.pods.where(indexValue.owner(set.metadata.uid ?? ''))
}

/** Counts for its ReplicaSet: not being deleted and not finished. */
function isActive(pod: PodShape): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status?.phase !== 'Failed' &&
    pod.status?.phase !== 'Succeeded'
  )
}

function isReady(pod: PodShape): boolean {
  return conditionStatus(pod.status?.conditions, 'Ready') === 'True'
}
