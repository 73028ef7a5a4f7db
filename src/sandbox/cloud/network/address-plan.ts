import { AddressPool, type AddressRange, rangeFrom } from './address-pool.ts'

export type IpFamily = 'IPv4' | 'IPv6'

/** The pools of one cluster. */
export interface ClusterAddresses {
  readonly loadBalancers: Readonly<Record<IpFamily, AddressPool>>
  /** Where the API server takes ClusterIPs from, as CIDR blocks. */
  readonly services: { readonly ipv4: string; readonly ipv6: string }
  readonly pods: Readonly<Record<IpFamily, AddressPool>>
  readonly nodes: Readonly<Record<IpFamily, AddressPool>>
}

/** Addresses for documentation (RFC 5737); network and broadcast addresses are left out. */
const DOCUMENTATION = ['192.0.2.1', '198.51.100.1', '203.0.113.1']
const DOCUMENTATION_SIZE = 254
/** For benchmarks (RFC 2544): not routed in the Internet. */
const BENCHMARKING = rangeFrom('198.18.0.0', 2 ** 17)
/** Reserved (RFC 1112, 4): no host can use one, so none is ever reached by mistake. */
const RESERVED = rangeFrom('240.0.0.0', 2 ** 27)
/** Below one cluster's prefix; more is never asked for. */
const IPV6_POOL_SIZE = 2 ** 32

/**
 * Who has which addresses, so that no two clusters ever share a load balancer's:
 * load balancers take their cluster's even share of the documentation ranges (with three clusters one /24 each), then
 * of 198.18.0.0/15, then of 240.0.0.0/5; in IPv6 2001:db8:<cluster>::/64. Inside a cluster Services have
 * 10.(96 + cluster mod 16).0.0/16 and fd00:96:<cluster>::/112, Pods 10.244.0.0/14 and fd00:244:<cluster>::/64, Nodes
 * 172.(16 + cluster mod 16).0.0/16 and fd00:172:<cluster>::/64; those may repeat between clusters, as in real life.
 * @param index - of the cluster in its world, from 0
 * @param clusters - in the world
 */
export function addressPlan(index: number, clusters: number): ClusterAddresses {
  const cluster = (index + 1).toString(16)
  const sixteenth = index % 16
  return {
    loadBalancers: {
      IPv4: new AddressPool([
        ...documentationShare(index, clusters),
        share(BENCHMARKING, index, clusters),
        share(RESERVED, index, clusters),
      ]),
      IPv6: ipv6Pool(`2001:db8:${cluster}::1`),
    },
    services: { ipv4: `10.${96 + sixteenth}.0.0/16`, ipv6: `fd00:96:${cluster}::/112` },
    pods: {
      IPv4: new AddressPool([rangeFrom('10.244.0.10', 2 ** 18 - 11)]),
      IPv6: ipv6Pool(`fd00:244:${cluster}::10`),
    },
    nodes: {
      IPv4: new AddressPool([rangeFrom(`172.${16 + sixteenth}.0.10`, 2 ** 16 - 11)]),
      IPv6: ipv6Pool(`fd00:172:${cluster}::10`),
    },
  }
}

function ipv6Pool(first: string): AddressPool {
  return new AddressPool([rangeFrom(first, IPV6_POOL_SIZE)])
}

function share(range: AddressRange, index: number, clusters: number): AddressRange {
  const size = range.size / BigInt(clusters)
  return { ...range, first: range.first + size * BigInt(index), size }
}

/** An even cut out of the three ranges laid end to end; it may begin in one and end in the next. */
function documentationShare(index: number, clusters: number): readonly AddressRange[] {
  const size = Math.floor((DOCUMENTATION.length * DOCUMENTATION_SIZE) / clusters)
  const from = size * index
  return DOCUMENTATION.flatMap((first, number) => {
    const start = Math.max(from, number * DOCUMENTATION_SIZE)
    const end = Math.min(from + size, (number + 1) * DOCUMENTATION_SIZE)
    if (end <= start) return []
    const whole = rangeFrom(first, DOCUMENTATION_SIZE)
    return [
      {
        ...whole,
        first: whole.first + BigInt(start - number * DOCUMENTATION_SIZE),
        size: BigInt(end - start),
      },
    ]
  })
}
