import type { World } from '../sandbox/world/world.ts'

/** Where a started sandbox can be reached. */
export interface ReadyPlaces {
  readonly world: World
  readonly dns: { readonly host: string; readonly port: number }
  readonly httpUrl: string
  readonly kubeconfigPath: string
}

/** The promised line that starts with `ready`, and the commands to try in this world. */
export function readyLines({ world, dns, httpUrl, kubeconfigPath }: ReadyPlaces): readonly string[] {
  const dig = `dig @${dns.host} -p ${dns.port}`
  return [
    `ready   DNS on ${dns.host}:${dns.port}, HTTP on ${httpUrl}, ${world.clusters.length} member clusters`,
    'try:',
    ...namesToAsk(world).map((name) => `  ${dig} ${name}`),
    `  export KUBECONFIG=${kubeconfigPath}`,
    '  kubectl --context host get servicednsrecords,domains,kubefedclusters,dnsendpoints -A',
    ...thingsToBreak(world, httpUrl).map((line) => `  ${line}`),
  ]
}

/** Global, zone and short name of the first service; the host of an Ingress where there is no service. */
function namesToAsk({ federation, domain, records, clusters }: World): readonly string[] {
  const record = records.find(({ hosts }) => hosts === undefined)
  if (federation === undefined || domain === undefined) return []
  if (record === undefined) return records.flatMap(({ hosts = [] }) => hosts).slice(0, 1)
  const base = [record.externalName ?? record.name, record.namespace, federation].join('.')
  const place = clusters.find(({ region, zones }) => region !== undefined && zones.length > 0)
  return [
    `${base}.svc.${domain}`,
    ...(place === undefined ? [] : [`${base}.svc.${place.zones[0]}.${place.region}.${domain}`]),
    base,
  ]
}

/** Commands after which an answer changes. */
function thingsToBreak({ services, clusters }: World, httpUrl: string): readonly string[] {
  const [service] = services
  const last = clusters.at(-1)
  if (service === undefined || last === undefined) return []
  return [
    `kubectl --context ${last.name} -n ${service.namespace} scale deployment ${service.name} --replicas=0`,
    `curl -X PUT -d '{"kind":"hang"}' ${httpUrl}/sandbox/clusters/${last.name}/fault   # and -X DELETE to mend it`,
  ]
}
