import type { EndpointFacts } from '../api/facts.ts'
import { objectKey, ownerKey, type ClusterIndex } from '../api/keys.ts'
import { ingressDNSSettings } from '../api/ingress-dns-record.ts'
import { serviceDNSSettings } from '../api/service-dns-record.ts'
import { ttlSecondsOf } from '../api/ttl.ts'
import { decide } from '../core/discovery/decide.ts'
import { decideHosts } from '../core/discovery/ingress.ts'
import { emptyHostsMemory, emptyMemory } from '../core/discovery/memory.ts'
import { rankOf } from '../core/discovery/rank.ts'
import { dnsSpecOf } from '../core/discovery/records.ts'
import { planTopology } from '../core/discovery/topology.ts'
import type { Ledger, Shard, Topology } from '../core/discovery/types.ts'
import type { Address } from '../dns/address.ts'
import { parseDomainName } from '../dns/names.ts'
import { addressPlan, type ClusterAddresses } from '../sandbox/cloud/network/address-plan.ts'
import type { World, WorldIngress, WorldRecord, WorldService } from '../sandbox/world/world.ts'

/** Put all that a world's records say into a ledger: the same decisions as from live clusters, with all of them in sight. */
export function publishWorld(world: World, ledger: Ledger): void {
  const { federation, domain } = world
  const pools = world.clusters.map((_, index) => addressPlan(index, world.clusters.length))
  if (federation === undefined || domain === undefined) return
  const topology = planTopology({
    federation,
    domain: parseDomainName(domain),
    clusters: world.clusters.map(({ region, zones }, index) => ({
      index: index as ClusterIndex, // the order of the world
      zones,
      ...(region === undefined ? {} : { region }),
    })),
  })
  for (const record of world.records) {
    if (record.hosts === undefined) publishService(record, { world, topology, pools, ledger })
    else publishIngress(record, { world, topology, pools, ledger })
  }
}

interface Context {
  readonly world: World
  readonly topology: Topology
  readonly pools: readonly ClusterAddresses[]
  readonly ledger: Ledger
}

const ROUTING = { whenAllUnhealthy: 'LastKnownGood' } as const

function publishService(record: WorldRecord, { world, topology, pools, ledger }: Context): void {
  const { namespace, name, domainRef, hosts: _, ...spec } = record
  if (domainRef !== undefined && domainRef !== topology.federation) return
  const key = objectKey(namespace, name)
  const settings = serviceDNSSettings({
    metadata: { name, namespace },
    spec: { ...spec, domainRef: topology.federation },
  })
  const service = world.services.find((other) => objectKey(other.namespace, other.name) === key)
  const nameClass = settings.hasExternalName ? 'external' : 'canonical'
  const decision = decide(
    {
      owner: ownerKey('ServiceDNSRecord', key),
      spec: dnsSpecOf({ settings, namespace, domain: topology.domain, aliasAs: 'Stable' }).spec,
      topology,
      dirty: 'all',
      nowMs: 0,
      shard: (cluster) => serviceShard(service, world.clusters[cluster]?.name, pools[cluster]),
    },
    emptyMemory(topology),
  )
  ledger.put(
    { key: ownerKey('ServiceDNSRecord', key), rank: rankOf({ nameClass, creationTimestamp: '', key }) },
    decision.changes,
  )
}

function publishIngress(record: WorldRecord, { world, pools, ledger }: Context): void {
  const { namespace, name, hosts = [], recordTTL } = record
  const key = objectKey(namespace, name)
  const owner = ownerKey('IngressDNSRecord', key)
  const settings = ingressDNSSettings({ metadata: { name, namespace }, spec: { hosts: [...hosts] } })
  const ingress = world.ingresses.find((other) => objectKey(other.namespace, other.name) === key)
  const decision = decideHosts(
    {
      owner,
      hosts: settings.hosts.map(parseDomainName),
      ttlSeconds: ttlSecondsOf(recordTTL, undefined),
      routing: ROUTING,
      members: world.clusters.map((_, index) => index as ClusterIndex), // the order of the world
      dirty: 'all',
      nowMs: 0,
      shard(cluster) {
        const at = world.clusters[cluster]?.name
        const facts = balancerFacts(ingress, at, pools[cluster])
        if (facts === undefined) return { kind: 'absent' }
        const backends = world.services.filter((service) => isBehind(ingress, service, at)).map(endpointsOf)
        return { kind: 'present', ingress: { ...facts, backends: [] }, backends }
      },
    },
    emptyHostsMemory(),
  )
  ledger.put(
    { key: owner, rank: rankOf({ nameClass: 'open', creationTimestamp: '', key }) },
    decision.changes,
  )
}

function serviceShard(
  service: WorldService | undefined,
  cluster: string | undefined,
  pools: ClusterAddresses | undefined,
): Shard {
  if (service?.type !== 'LoadBalancer' || service.loadBalancer === 'none') return { kind: 'absent' }
  const facts = balancerFacts(service, cluster, pools)
  if (facts === undefined) return { kind: 'absent' }
  return { kind: 'present', service: { ...facts, clusterIps: [] }, endpoints: endpointsOf(service) }
}

function endpointsOf(service: WorldService): EndpointFacts {
  const ready = service.ready ? service.replicas : 0
  return { ready, serving: ready, terminating: 0 }
}

/** Whether this Service is there, and the one that the Ingress sends its requests to. */
function isBehind(
  ingress: WorldIngress | undefined,
  { namespace, name, clusters }: WorldService,
  cluster: string | undefined,
): boolean {
  if (ingress === undefined || cluster === undefined) return false
  return namespace === ingress.namespace && name === ingress.service && clusters.includes(cluster)
}

/** Addresses from the same ranges, and in the same order, as the sandbox's clouds give them. */
function balancerFacts(
  object: WorldService | WorldIngress | undefined,
  cluster: string | undefined,
  pools: ClusterAddresses | undefined,
) {
  if (
    object === undefined ||
    cluster === undefined ||
    pools === undefined ||
    !object.clusters.includes(cluster)
  )
    return undefined
  const owner = `${'hosts' in object ? 'Ingress' : 'Service'}/${object.namespace}/${object.name}`
  const take = (family: 'IPv4' | 'IPv6'): readonly Address[] => {
    if (!(object.ipFamilies ?? ['IPv4']).includes(family)) return []
    const address = pools.loadBalancers[family].take(owner)
    return address === undefined ? [] : [address]
  }
  return { a: take('IPv4'), aaaa: take('IPv6'), hosts: [], deleting: false }
}
