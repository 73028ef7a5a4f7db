import { isDeepStrictEqual } from 'node:util'
import { PODS } from '../../resources.ts'
import {
  READY_AFTER_SETTING,
  READY_SETTING,
  settingOf,
  settingSeconds,
  TERMINATION_SETTING,
} from '../../settings.ts'
import { type CloudContext, indexValue } from '../context.ts'
import { conditionStatus, controllerOf, type NodeShape, type PodShape } from '../shapes.ts'
import { podStatus } from './pod-status.ts'

/** Holds a deleted Pod while it goes on serving (`sandbox.waypost.dev/termination-seconds`). */
const TERMINATION_FINALIZER = 'sandbox.waypost.dev/termination'

/** Scheduler and kubelet for one Pod: bind it, run it, say whether it is ready, end it. */
export function reconcilePod(context: CloudContext, namespace: string, name: string): void {
  const pod = context.mirrors.pods.get(namespace, name)
  if (pod === undefined) return
  if (pod.metadata.deletionTimestamp !== undefined) return endWhenDue(context, pod)
  if (ownerIsGone(context, pod) || nodeIsGone(context, pod)) {
    context.objects.delete(PODS, namespace, name)
    return
  }
  const placed = withFinalizer(context, scheduled(context, pod))
  if (nodeOf(context, placed) !== undefined) run(context, placed)
}

/** Pods are given back their addresses as soon as they are gone. */
export function releasePod(context: CloudContext, uid: string): void {
  for (const family of context.families) context.addresses.pods[family].release(uid)
}

function endWhenDue(context: CloudContext, pod: PodShape): void {
  const seconds = settingSeconds(settingOf(TERMINATION_SETTING, carriers(context, pod)))
  const sinceMs = Date.parse(pod.metadata.deletionTimestamp ?? '')
  const waitMs = Number.isNaN(sinceMs) ? 0 : sinceMs + seconds * 1000 - context.clock.nowMs()
  if (waitMs > 0) return context.again('Pod', podKey(pod), waitMs)
  const finalizers = (pod.metadata.finalizers ?? []).filter((each) => each !== TERMINATION_FINALIZER)
  if (finalizers.length !== (pod.metadata.finalizers ?? []).length)
    context.objects.update(PODS, { ...pod, metadata: { ...pod.metadata, finalizers } })
  // without finalizers it is only the server's grace that keeps it, and nothing here needs that time
  else if (finalizers.length === 0) context.objects.delete(PODS, podKey(pod).namespace, pod.metadata.name)
}

function ownerIsGone(context: CloudContext, pod: PodShape): boolean {
  const owner = controllerOf(pod)
  if (owner?.kind !== 'ReplicaSet') return false
  return context.mirrors.replicaSets.get(podKey(pod).namespace, owner.name)?.metadata.uid !== owner.uid
}

/** The Node under a Pod that ran has gone. A Pod bound by hand to a Node that never was only waits for it. */
function nodeIsGone(context: CloudContext, pod: PodShape): boolean {
  return pod.status?.podIP !== undefined && nodeOf(context, pod) === undefined
}

function nodeOf(context: CloudContext, pod: PodShape): NodeShape | undefined {
  const name = pod.spec?.nodeName
  return name === undefined ? undefined : context.mirrors.nodes.get('', name)
}

/** The Pod bound to the Node with the fewest Pods, by name where equal; unchanged while no Node fits. */
function scheduled(context: CloudContext, pod: PodShape): PodShape {
  if (pod.spec?.nodeName !== undefined) return pod
  const wanted = Object.entries(pod.spec?.nodeSelector ?? {})
  let best: { readonly name: string; readonly pods: number } | undefined
  for (const node of context.mirrors.nodes.all()) {
    const name = node.metadata.name
    const fits =
      node.spec?.unschedulable !== true &&
      conditionStatus(node.status?.conditions, 'Ready') !== 'False' &&
      wanted.every(([label, value]) => node.metadata.labels?.[label] === value)
    if (!fits) continue
    const pods = context.mirrors.pods.count(indexValue.node(name))
    if (best === undefined || pods < best.pods || (pods === best.pods && name < best.name))
      best = { name, pods }
  }
  if (best === undefined) return pod
  return context.objects.update(PODS, { ...pod, spec: { ...pod.spec, nodeName: best.name } })
}

function withFinalizer(context: CloudContext, pod: PodShape): PodShape {
  const wanted = settingSeconds(settingOf(TERMINATION_SETTING, carriers(context, pod))) > 0
  const present = pod.metadata.finalizers ?? []
  if (wanted === present.includes(TERMINATION_FINALIZER)) return pod
  const finalizers = wanted
    ? [...present, TERMINATION_FINALIZER]
    : present.filter((each) => each !== TERMINATION_FINALIZER)
  return context.objects.update(PODS, { ...pod, metadata: { ...pod.metadata, finalizers } })
}

function run(context: CloudContext, pod: PodShape): void {
  const nodeName = pod.spec?.nodeName ?? ''
  const uid = pod.metadata.uid ?? ''
  const nowMs = context.clock.nowMs()
  const fit = isFit(context, pod)
  const waitMs = fit ? readinessWaitMs(context, pod) : 0
  if (waitMs > 0) context.again('Pod', podKey(pod), waitMs)
  const status = podStatus(pod, {
    podIps: context.families.flatMap((family) => context.addresses.pods[family].take(uid) ?? []),
    hostIps: context.families.flatMap((family) => context.addresses.nodes[family].take(nodeName) ?? []),
    ready: fit && waitMs <= 0,
    nowMs,
  })
  if (!isDeepStrictEqual(status, pod.status ?? {})) context.objects.updateStatus(PODS, { ...pod, status })
}

function isFit(context: CloudContext, pod: PodShape): boolean {
  return (
    settingOf(READY_SETTING, carriers(context, pod)) !== 'false' &&
    settingOf(READY_SETTING, [nodeOf(context, pod)?.metadata]) !== 'false'
  )
}

/** How long until the Pod may be ready for the first time; a Pod that is ready stays so. */
function readinessWaitMs(context: CloudContext, pod: PodShape): number {
  if (conditionStatus(pod.status?.conditions, 'Ready') === 'True') return 0
  const nowMs = context.clock.nowMs()
  const startedMs = Date.parse(pod.status?.startTime ?? '') || nowMs
  return startedMs + settingSeconds(settingOf(READY_AFTER_SETTING, carriers(context, pod))) * 1000 - nowMs
}

/** Whose metadata may bend a Pod, strongest first: its own, its Deployment's Pod template, its Deployment. */
function carriers(context: CloudContext, pod: PodShape): readonly Parameters<typeof settingOf>[1][number][] {
  const namespace = podKey(pod).namespace
  const setName = controllerOf(pod)?.name
  const set = setName === undefined ? undefined : context.mirrors.replicaSets.get(namespace, setName)
  const owner = set === undefined ? undefined : controllerOf(set)
  const deployment =
    owner?.kind === 'Deployment' ? context.mirrors.deployments.get(namespace, owner.name) : undefined
  return [pod.metadata, deployment?.spec?.template?.metadata, deployment?.metadata]
}

function podKey(pod: PodShape): { readonly namespace: string; readonly name: string } {
  return { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
}
