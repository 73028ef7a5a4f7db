import { isDeepStrictEqual } from 'node:util'
import type { Address } from '../../../dns/address.ts'
import { SERVICES } from '../../resources.ts'
import { type CloudContext, indexValue } from '../context.ts'
import type { LoadBalancerIngress, ServiceShape } from '../shapes.ts'
import { familiesOf } from './endpoint-slices.ts'
import { balancerMode, giveAddresses, heldAddresses, hostnameOf, releaseAddresses } from './lb-addresses.ts'
import { loadBalancerId } from './load-balancers.ts'

/** Give a Service its load balancer, or take it away; ClusterIPs and node ports are the API server's own work. */
export function reconcileService(context: CloudContext, namespace: string, name: string): void {
  const owner = { kind: 'Service', namespace, name } as const
  const service = context.mirrors.services.get(namespace, name)
  const mode = service?.spec?.type === 'LoadBalancer' ? balancerMode(service) : 'none'
  if (service === undefined || mode === 'none') {
    const held = releaseAddresses(context, owner)
    if (service !== undefined) clearStatus(context, service, held)
    reconcileBackends(context, namespace, name)
    return
  }
  const addresses = giveAddresses(context, owner, {
    families: familiesOf(context, service),
    ...(service.spec?.loadBalancerIP === undefined ? {} : { wanted: service.spec.loadBalancerIP }),
  })
  const ingress: readonly LoadBalancerIngress[] =
    mode === 'hostname'
      ? [{ hostname: hostnameOf(context.cluster, owner) }]
      : addresses.map((ip) => ({ ip, ipMode: 'VIP' }))
  writeIngress(context, service, addresses.length === 0 ? [] : ingress)
  reconcileBackends(context, namespace, name)
}

/** Tell the load balancer whether anything behind it can answer. */
export function reconcileBackends(context: CloudContext, namespace: string, name: string): void {
  const owner = { kind: 'Service', namespace, name } as const
  const service = context.mirrors.services.get(namespace, name)
  const addresses = heldAddresses(context, owner)
  if (service === undefined || addresses.length === 0) {
    context.loadBalancers.remove(loadBalancerId({ cluster: context.cluster, ...owner }))
    return
  }
  context.loadBalancers.put({
    cluster: context.cluster,
    ...owner,
    addresses,
    ...(balancerMode(service) === 'hostname' ? { hostname: hostnameOf(context.cluster, owner) } : {}),
    ports: (service.spec?.ports ?? [])
      .filter((port) => (port.protocol ?? 'TCP') === 'TCP')
      .map((port) => port.port),
    ready: hasReadyEndpoint(context, namespace, name),
  })
}

/** Any slice of the Service, whoever made it, has an endpoint that is ready; absent `ready` means ready. */
export function hasReadyEndpoint(context: CloudContext, namespace: string, name: string): boolean {
  const slices = context.mirrors.endpointSlices.where(indexValue.service(namespace, name))
  return slices.some((slice) =>
    (slice.endpoints ?? []).some((endpoint) => endpoint.conditions?.ready !== false),
  )
}

/**
 * Take our entries out of the status. A Service that is no load balancer has none at all; in one that opted out
 * (`none`, or another loadBalancerClass) somebody else may have written entries, which stay.
 */
function clearStatus(context: CloudContext, service: ServiceShape, held: readonly Address[]): void {
  const host = hostnameOf(context.cluster, {
    kind: 'Service',
    namespace: service.metadata.namespace ?? '',
    name: service.metadata.name,
  })
  const isOurs = (entry: LoadBalancerIngress) =>
    entry.hostname === host || held.some((address) => address === entry.ip)
  const kept =
    service.spec?.type === 'LoadBalancer'
      ? (service.status?.loadBalancer?.ingress ?? []).filter((entry) => !isOurs(entry))
      : []
  writeIngress(context, service, kept)
}

function writeIngress(
  context: CloudContext,
  service: ServiceShape,
  ingress: readonly LoadBalancerIngress[],
): void {
  const before = service.status?.loadBalancer?.ingress ?? []
  if (isDeepStrictEqual(before, ingress)) return
  const loadBalancer = ingress.length === 0 ? {} : { ingress }
  context.objects.updateStatus(SERVICES, { ...service, status: { ...service.status, loadBalancer } })
  const where = `cloud   ${context.cluster}: Service ${service.metadata.namespace ?? ''}/${service.metadata.name}`
  context.story(
    ingress.length === 0
      ? `${where} lost its load balancer`
      : `${where} has load balancer ${ingress.map((entry) => entry.hostname ?? entry.ip).join(', ')}`,
  )
}
