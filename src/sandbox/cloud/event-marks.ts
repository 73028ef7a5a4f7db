import type { KubeObject } from '../../api/object.ts'
import type { StoreEvent } from '../apiserver/types.ts'
import { SETTING_PREFIX } from '../settings.ts'
import { type CloudContext, type CloudKind, indexValue } from './context.ts'
import { adoptAddresses, releaseAddresses } from './network/lb-addresses.ts'
import { SERVICE_NAME_LABEL } from './network/endpoint-slices.ts'
import {
  controllerOf,
  type NodeShape,
  type PodShape,
  selects,
  type ServiceShape,
  type SettingCarrier,
} from './shapes.ts'
import { releasePod } from './workloads/pods.ts'

type Mark = (kind: CloudKind, namespace: string, name: string) => void
type Listener = (event: StoreEvent) => void

/** Which keys each event calls for: the object itself and whatever is derived from it. */
export function eventMarks(
  context: CloudContext,
  mark: Mark,
): Readonly<
  Record<'node' | 'deployment' | 'replicaSet' | 'pod' | 'service' | 'endpointSlice' | 'ingress', Listener>
> {
  const { mirrors } = context
  const markEach = (kind: CloudKind, objects: Iterable<KubeObject>) => {
    for (const object of objects) mark(kind, namespaceOf(object), object.metadata.name)
  }
  return {
    node: (event) => {
      const { name } = event.object.metadata
      if (event.type === 'ADDED') adoptNode(context, event.object)
      mark('Node', '', name)
      markEach('Pod', mirrors.pods.where(indexValue.unscheduled))
      if (event.type === 'DELETED')
        for (const pool of Object.values(context.addresses.nodes)) pool.release(name)
      if (event.type !== 'MODIFIED' || metadataChanged(event)) {
        const pods = mirrors.pods.where(indexValue.node(name))
        markEach('Pod', pods)
        for (const pod of pods) markServicesOf(context, pod, mark)
      }
    },
    deployment: (event) => {
      markSelf('Deployment', event, mark)
      if (event.type === 'MODIFIED' && settingsText(event.object) === settingsText(event.old)) return
      for (const set of mirrors.replicaSets.where(indexValue.owner(event.object.metadata.uid ?? ''))) {
        markEach('ReplicaSet', [set])
        markEach('Pod', mirrors.pods.where(indexValue.owner(set.metadata.uid ?? '')))
      }
    },
    replicaSet: (event) => {
      markSelf('ReplicaSet', event, mark)
      markOwner(event.object, mark)
      if (event.type === 'DELETED')
        markEach('Pod', mirrors.pods.where(indexValue.owner(event.object.metadata.uid ?? '')))
    },
    pod: (event) => {
      if (event.type === 'ADDED') adoptPod(context, event.object)
      markSelf('Pod', event, mark)
      markOwner(event.object, mark)
      markServicesOf(context, event.object, mark)
      if (event.old !== undefined) markServicesOf(context, event.old, mark)
      if (event.type === 'DELETED') releasePod(context, event.object.metadata.uid ?? '')
    },
    service: (event) => {
      keepAddresses(context, 'Service', event)
      markSelf('Service', event, mark)
      markSelf('ServiceSlices', event, mark)
    },
    endpointSlice: (event) => {
      for (const slice of event.old === undefined ? [event.object] : [event.object, event.old]) {
        const service = slice.metadata.labels?.[SERVICE_NAME_LABEL]
        if (service === undefined) continue
        mark('ServiceSlices', namespaceOf(slice), service)
        mark('ServiceBackends', namespaceOf(slice), service)
        markEach('Ingress', mirrors.ingresses.where(indexValue.backend(namespaceOf(slice), service)))
      }
    },
    ingress: (event) => {
      keepAddresses(context, 'Ingress', event)
      markSelf('Ingress', event, mark)
    },
  }
}

/** Given back at once, so that an object made again under the same name is a new one. */
function keepAddresses(
  context: CloudContext,
  kind: 'Service' | 'Ingress',
  { type, object }: { readonly type: string; readonly object: Pick<ServiceShape, 'metadata' | 'status'> },
): void {
  const owner = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name }
  if (type === 'ADDED') adoptAddresses(context, owner, object.status?.loadBalancer?.ingress)
  if (type === 'DELETED') releaseAddresses(context, owner)
}

function markSelf(kind: CloudKind, { object }: StoreEvent, mark: Mark): void {
  mark(kind, namespaceOf(object), object.metadata.name)
}

function markOwner(object: KubeObject, mark: Mark): void {
  const owner = controllerOf(object)
  if (owner?.kind === 'Deployment' || owner?.kind === 'ReplicaSet')
    mark(owner.kind, namespaceOf(object), owner.name)
}

/** The Services that select a Pod: for each label those whose selector begins with it, then the whole selector. */
function markServicesOf(context: CloudContext, pod: KubeObject, mark: Mark): void {
  const namespace = namespaceOf(pod)
  for (const [name, value] of Object.entries(pod.metadata.labels ?? {})) {
    const candidates = context.mirrors.services.where(indexValue.selector(namespace, name, value))
    for (const service of candidates)
      if (selects(service.spec?.selector, pod.metadata.labels))
        mark('ServiceSlices', namespace, service.metadata.name)
  }
}

function adoptPod(context: CloudContext, pod: PodShape): void {
  for (const { ip } of pod.status?.podIPs ?? [])
    context.addresses.pods[ip.includes(':') ? 'IPv6' : 'IPv4'].adopt(pod.metadata.uid ?? '', ip)
}

function adoptNode(context: CloudContext, node: NodeShape): void {
  for (const { type, address } of node.status?.addresses ?? [])
    if (type === 'InternalIP')
      context.addresses.nodes[address.includes(':') ? 'IPv6' : 'IPv4'].adopt(node.metadata.name, address)
}

function metadataChanged({ object, old }: StoreEvent): boolean {
  return (
    old !== undefined &&
    (JSON.stringify(object.metadata.labels) !== JSON.stringify(old.metadata.labels) ||
      settingsText(object) !== settingsText(old))
  )
}

/** The sandbox's own annotations and labels on an object and its Pod template, as text to compare. */
function settingsText(object: SettingCarrier | undefined): string {
  const template = object?.spec?.template?.metadata
  return [object?.metadata, template]
    .flatMap((metadata) => [metadata?.annotations, metadata?.labels])
    .flatMap((entries) => Object.entries(entries ?? {}).filter(([name]) => name.startsWith(SETTING_PREFIX)))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}

function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? ''
}
