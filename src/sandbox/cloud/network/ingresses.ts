import { isDeepStrictEqual } from 'node:util'
import { INGRESSES } from '../../resources.ts'
import { IP_FAMILIES_SETTING, settingOf } from '../../settings.ts'
import type { CloudContext } from '../context.ts'
import type { IngressShape, LoadBalancerIngress } from '../shapes.ts'
import type { IpFamily } from './address-plan.ts'
import { balancerMode, giveAddresses, hostnameOf, releaseAddresses } from './lb-addresses.ts'
import { loadBalancerId } from './load-balancers.ts'
import { hasReadyEndpoint } from './services.ts'

/** Give an Ingress a load balancer of its own, as a cloud's ingress controller does. */
export function reconcileIngress(context: CloudContext, namespace: string, name: string): void {
  const owner = { kind: 'Ingress', namespace, name } as const
  const ingress = context.mirrors.ingresses.get(namespace, name)
  const mode = ingress === undefined ? 'none' : balancerMode(ingress)
  if (ingress === undefined || mode === 'none') {
    const held = releaseAddresses(context, owner)
    context.loadBalancers.remove(loadBalancerId({ cluster: context.cluster, ...owner }))
    const host = hostnameOf(context.cluster, owner)
    const isOurs = (entry: LoadBalancerIngress) =>
      entry.hostname === host || held.some((address) => address === entry.ip)
    if (ingress !== undefined)
      writeEntries(
        context,
        ingress,
        entriesOf(ingress).filter((entry) => !isOurs(entry)),
      )
    return
  }
  const addresses = giveAddresses(context, owner, { families: familiesOf(context, ingress) })
  const hostname = hostnameOf(context.cluster, owner)
  writeEntries(context, ingress, mode === 'hostname' ? [{ hostname }] : addresses.map((ip) => ({ ip })))
  context.loadBalancers.put({
    cluster: context.cluster,
    ...owner,
    addresses,
    ...(mode === 'hostname' ? { hostname } : {}),
    ports: (ingress.spec?.tls ?? []).length > 0 ? [80, 443] : [80],
    ready: backendsOf(ingress).some((service) => hasReadyEndpoint(context, namespace, service)),
  })
}

function familiesOf(context: CloudContext, ingress: IngressShape): readonly IpFamily[] {
  const asked = settingOf(IP_FAMILIES_SETTING, [ingress.metadata])
    ?.split(',')
    .map((family) => family.trim())
  return asked === undefined
    ? context.families.slice(0, 1)
    : context.families.filter((family) => asked.includes(family))
}

/** Names of the Services an Ingress sends traffic to, distinct. */
export function backendsOf(ingress: IngressShape): readonly string[] {
  const backends = [
    ingress.spec?.defaultBackend,
    ...(ingress.spec?.rules ?? []).flatMap((rule) => (rule.http?.paths ?? []).map((path) => path.backend)),
  ]
  return [...new Set(backends.flatMap((backend) => backend?.service?.name ?? []))]
}

function entriesOf(ingress: IngressShape): readonly LoadBalancerIngress[] {
  return ingress.status?.loadBalancer?.ingress ?? []
}

function writeEntries(
  context: CloudContext,
  ingress: IngressShape,
  entries: readonly LoadBalancerIngress[],
): void {
  if (isDeepStrictEqual(entriesOf(ingress), entries)) return
  const loadBalancer = entries.length === 0 ? {} : { ingress: entries }
  context.objects.updateStatus(INGRESSES, { ...ingress, status: { ...ingress.status, loadBalancer } })
  const where = `cloud   ${context.cluster}: Ingress ${ingress.metadata.namespace ?? ''}/${ingress.metadata.name}`
  context.story(
    entries.length === 0
      ? `${where} lost its load balancer`
      : `${where} has load balancer ${entries.map((entry) => entry.hostname ?? entry.ip).join(', ')}`,
  )
}
