import { type CloudMirrors, indexValue } from './context.ts'
import { Mirror } from './mirror.ts'
import { SERVICE_NAME_LABEL } from './network/endpoint-slices.ts'
import { backendsOf } from './network/ingresses.ts'
import { controllerOf, type IngressShape, type PodShape, type ServiceShape } from './shapes.ts'
import type { KubeObject } from '../../api/object.ts'

/** Empty mirrors with the indexes that the controllers look things up by. */
export function newMirrors(): CloudMirrors {
  return {
    nodes: new Mirror(),
    deployments: new Mirror(),
    replicaSets: new Mirror(byOwner),
    pods: new Mirror(podIndex),
    services: new Mirror(serviceIndex),
    endpointSlices: new Mirror(sliceIndex),
    ingresses: new Mirror(ingressIndex),
  }
}

function byOwner(object: KubeObject): readonly string[] {
  const owner = controllerOf(object)
  return [
    owner === undefined ? indexValue.free(object.metadata.namespace ?? '') : indexValue.owner(owner.uid),
  ]
}

function podIndex(pod: PodShape): readonly string[] {
  const namespace = pod.metadata.namespace ?? ''
  const nodeName = pod.spec?.nodeName
  return [
    ...byOwner(pod),
    nodeName === undefined ? indexValue.unscheduled : indexValue.node(nodeName),
    ...Object.entries(pod.metadata.labels ?? {}).map(([name, value]) =>
      indexValue.label(namespace, name, value),
    ),
  ]
}

/** By the first pair of the selector: enough to find the few candidates for a Pod's labels. */
function serviceIndex(service: ServiceShape): readonly string[] {
  const first = Object.entries(service.spec?.selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))[0]
  return first === undefined ? [] : [indexValue.selector(service.metadata.namespace ?? '', ...first)]
}

function sliceIndex(slice: KubeObject): readonly string[] {
  const service = slice.metadata.labels?.[SERVICE_NAME_LABEL]
  return service === undefined ? [] : [indexValue.service(slice.metadata.namespace ?? '', service)]
}

function ingressIndex(ingress: IngressShape): readonly string[] {
  return backendsOf(ingress).map((service) => indexValue.backend(ingress.metadata.namespace ?? '', service))
}
