import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../../api/object.ts'
import { ENDPOINT_SLICES } from '../../resources.ts'
import { type CloudContext, indexValue } from '../context.ts'
import {
  controlledBy,
  type EndpointSliceShape,
  type PodShape,
  selects,
  type ServiceShape,
} from '../shapes.ts'
import { generatedName } from '../workloads/names.ts'
import type { IpFamily } from './address-plan.ts'
import { planSlices, type SliceContent } from './slice-plan.ts'

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by'
/** As the real controller signs; slices of other makers are left alone. */
const MANAGER = 'endpointslice-controller.k8s.io'
const ZONE_LABEL = 'topology.kubernetes.io/zone'

/** Bring a Service's EndpointSlices up to date; a Service that is gone, or selects nothing by itself, has none of ours. */
export function reconcileSlices(context: CloudContext, namespace: string, name: string): void {
  const service = context.mirrors.services.get(namespace, name)
  const existing = context.mirrors.endpointSlices.where(indexValue.service(namespace, name)).filter(isOurs)
  if (service === undefined || !hasEndpoints(service)) {
    for (const slice of existing) removeSlice(context, slice)
    return
  }
  const plan = planSlices({
    spec: service.spec ?? {},
    families: familiesOf(context, service),
    pods: podsBehind(context, service),
    existing: existing.filter((slice) => ownedBy(slice, service)),
    zoneOf: (node) => context.mirrors.nodes.get('', node)?.metadata.labels?.[ZONE_LABEL],
  })
  for (const content of plan.create) createSlice(context, service, content)
  for (const { slice, content } of plan.keep) keepSlice(context, slice, withContent(slice, service, content))
  for (const slice of [...plan.delete, ...existing.filter((each) => !ownedBy(each, service))])
    removeSlice(context, slice)
}

/** Families in which a Service has endpoints. */
export function familiesOf(context: CloudContext, service: ServiceShape): readonly IpFamily[] {
  const asked = (service.spec?.ipFamilies ?? []) as readonly IpFamily[]
  const usable = asked.filter((family) => context.families.includes(family))
  return asked.length === 0 ? context.families.slice(0, 1) : usable
}

/** The Pods that a Service selects, found by the rarest of its labels. */
function podsBehind(context: CloudContext, service: ServiceShape): readonly PodShape[] {
  const namespace = service.metadata.namespace ?? ''
  const rarest = Object.entries(service.spec?.selector ?? {})
    .map(([name, value]) => indexValue.label(namespace, name, value))
    .sort((a, b) => context.mirrors.pods.count(a) - context.mirrors.pods.count(b))[0]
  if (rarest === undefined) return []
  return context.mirrors.pods
    .where(rarest)
    .filter((pod) => selects(service.spec?.selector, pod.metadata.labels))
}

function hasEndpoints(service: ServiceShape): boolean {
  return service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0
}

function isOurs(slice: EndpointSliceShape): boolean {
  return slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER
}

function ownedBy(slice: EndpointSliceShape, service: ServiceShape): boolean {
  return slice.metadata.ownerReferences?.some((owner) => owner.uid === service.metadata.uid) === true
}

function createSlice(context: CloudContext, service: ServiceShape, content: SliceContent): void {
  const namespace = service.metadata.namespace ?? ''
  const name = generatedName(
    service.metadata.name,
    `${service.metadata.uid ?? ''}/${context.sequence()}`,
    (taken) => context.mirrors.endpointSlices.get(namespace, taken) !== undefined,
  )
  const bare: KubeObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      generateName: `${service.metadata.name}-`,
      namespace,
      ownerReferences: [controlledBy(service)],
    },
  }
  context.objects.create(ENDPOINT_SLICES, withContent(bare, service, content))
}

function keepSlice(context: CloudContext, slice: EndpointSliceShape, wanted: EndpointSliceShape): void {
  const same =
    isDeepStrictEqual(slice.metadata.labels, wanted.metadata.labels) &&
    isDeepStrictEqual(slice.endpoints ?? [], wanted.endpoints ?? []) &&
    isDeepStrictEqual(slice.ports ?? [], wanted.ports ?? [])
  if (!same) context.objects.update(ENDPOINT_SLICES, wanted)
}

/** Empty lists are null, as Go writes them. */
function withContent(slice: KubeObject, service: ServiceShape, content: SliceContent): EndpointSliceShape {
  const labels = {
    ...service.metadata.labels,
    [MANAGED_BY_LABEL]: MANAGER,
    [SERVICE_NAME_LABEL]: service.metadata.name,
    ...(service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
  }
  return {
    ...slice,
    metadata: { ...slice.metadata, labels },
    addressType: content.addressType,
    endpoints: content.endpoints.length === 0 ? null : content.endpoints,
    ports: content.ports.length === 0 ? null : content.ports,
  }
}

function removeSlice(context: CloudContext, slice: EndpointSliceShape): void {
  if (slice.metadata.deletionTimestamp !== undefined) return
  context.objects.delete(ENDPOINT_SLICES, slice.metadata.namespace ?? '', slice.metadata.name)
}
