import type { ClusterIngressDNS, IngressDNSStatus, ServiceDNSStatus } from '../api/dns-status.ts'
import type { ClusterIndex } from '../api/keys.ts'
import type { ToldRecord, ToldShard } from '../core/discovery/memory.ts'
import { tryDomainName, type DomainName } from '../dns/names.ts'
import { compareAddresses, familyOf, tryAddress, type Address } from '../dns/address.ts'

/**
 * What a status tells of the decisions before this process (DESIGN 5.12): read once, at start, never again.
 * Clusters that are no members any more are left out. Addresses that host names stood for are kept until those have been
 * looked up anew.
 */
export function toldBy(
  status: ServiceDNSStatus | IngressDNSStatus | undefined,
  indexOf: (cluster: string) => ClusterIndex | undefined,
): ToldRecord {
  const entries: readonly ClusterIngressDNS[] = status?.dns ?? []
  return {
    shards: entries.flatMap((entry) => toldShard(entry, indexOf(entry.cluster)) ?? []),
    carried: namesCarried(status),
    onceFit: entries.some((entry) => entry.published === true) || (status?.lastGood?.length ?? 0) > 0,
  }
}

/** Names that carried addresses, or had: they keep their type outside (DESIGN 5.5). */
function namesCarried(status: ServiceDNSStatus | IngressDNSStatus | undefined): readonly DomainName[] {
  const carried = (status?.answers ?? []).filter(
    (answer) => answer.type !== 'CNAME' || answer.carried === true,
  )
  return [...new Set(carried.flatMap(({ name }) => tryDomainName(name) ?? []))]
}

function toldShard(entry: ClusterIngressDNS, cluster: ClusterIndex | undefined): ToldShard | undefined {
  if (cluster === undefined || entry.state === undefined) return undefined
  const addresses = (entry.loadBalancer?.ingress ?? [])
    .map(({ ip = '' }) => tryAddress(ip))
    .filter((address): address is Address => address !== undefined)
    .sort(compareAddresses)
  const { state, lastKnown } = entry
  return {
    cluster,
    state,
    lastKnown,
    sinceSeconds: Math.floor((Date.parse(entry.since ?? '') || 0) / 1000),
    ...(addresses.length === 0
      ? {}
      : {
          targets: {
            a: addresses.filter((address) => familyOf(address) === 'a'),
            aaaa: addresses.filter((address) => familyOf(address) === 'aaaa'),
          },
        }),
  }
}
