import type { KubeObject } from '../../api/object.ts'
import type { StoreEvent } from '../apiserver/types.ts'
import { SETTING_PREFIX } from '../settings.ts'
import { type CloudContext, type CloudKind, indexValue } from './context.ts'
import { releaseAddresses } from './network/lb-addresses.ts'
import { SERVICE_NAME_LABEL } from './network/endpoint-slices.ts'
import { controllerOf, selects, type SettingCarrier } from './shapes.ts'
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
      mark('Node', '', name)
      markEach('Pod', mirrors.pods.where(indexValue.unscheduled))
      if (event.type === 'DELETED')
        for (const pool of Object.values(context.addresses.nodes)) pool.release(name)
      if (event.type === 'DELETED' || metadataChanged(event)) {
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
      markSelf('Pod', event, mark)
      markOwner(event.object, mark)
      markServicesOf(context, event.object, mark)
      if (event.old !== undefined) markServicesOf(context, event.old, mark)
      if (event.type === 'DELETED') releasePod(context, event.object.metadata.uid ?? '')
    },
    service: (event) => {
      const { name } = event.object.metadata
      // given back at once, so that a Service made again under the same name is a new one
      if (event.type === 'DELETED')
        releaseAddresses(context, { kind: 'Service', namespace: namespaceOf(event.object), name })
      markSelf('Service', event, mark)
      markSelf('ServiceSlices', event, mark)
      if (event.type === 'DELETED') markSelf('ServiceBackends', event, mark)
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
      const { name } = event.object.metadata
      if (event.type === 'DELETED')
        releaseAddresses(context, { kind: 'Ingress', namespace: namespaceOf(event.object), name })
      markSelf('Ingress', event, mark)
    },
  }
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
