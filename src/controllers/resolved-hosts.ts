import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import { compareAddresses, type Address } from '../dns/address.ts'
import type { DomainName } from '../dns/names.ts'
import type { HostResolver } from '../resolver/host-addresses.ts'

/** Facts of a load balancer: addresses, and host names that stand for addresses. */
interface BalancerFacts {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
  readonly hosts: readonly DomainName[]
}

/** Whose host names are kept resolved: one shard of one record. */
export interface HostUser {
  readonly kind: 'service' | 'ingress'
  readonly key: ObjectKey
  readonly cluster: ClusterIndex
}

/** Between gather and the resolver: host names of load balancers become addresses (DESIGN 5.1). */
export interface ResolvedHosts {
  /** These facts with the addresses of their host names added, as far as known; the facts themselves when they have none. */
  resolve<F extends BalancerFacts>(user: HostUser, facts: F): F
  /** The user has no host names any more. */
  release(user: HostUser): void
}

/** Users are told to the resolver by name only while they have hosts, which most never have. */
export function createResolvedHosts(resolver: Pick<HostResolver, 'retain' | 'addressesOf'>): ResolvedHosts {
  const users = new Set<string>()
  const release = (user: HostUser): void => {
    if (users.size === 0) return
    const name = hostUserName(user)
    if (users.delete(name)) resolver.retain(name, [])
  }
  return {
    release,
    resolve(user, facts) {
      if (facts.hosts.length === 0) {
        release(user)
        return facts
      }
      const name = hostUserName(user)
      users.add(name)
      resolver.retain(name, facts.hosts)
      const found = facts.hosts
        .map((host) => resolver.addressesOf(host))
        .filter((known) => known !== undefined)
      return {
        ...facts,
        a: union([facts.a, ...found.map((known) => known.a)]),
        aaaa: union([facts.aaaa, ...found.map((known) => known.aaaa)]),
      }
    },
  }
}

/** The name under which a user is known to the resolver. */
export function hostUserName({ kind, key, cluster }: HostUser): string {
  return [kind, String(cluster), key].join(' ')
}

/** The user of a name made by hostUserName(). */
export function parseHostUser(name: string): HostUser {
  const [kind, cluster, key] = name.split(' ')
  return { kind: kind as HostUser['kind'], key: key as ObjectKey, cluster: Number(cluster) as ClusterIndex } // made above
}

function union(lists: readonly (readonly Address[])[]): readonly Address[] {
  return [...new Set(lists.flat())].sort(compareAddresses)
}
