import type { Address } from '../../../dns/address.ts'

/** One load balancer of the simulated cloud. */
export interface LoadBalancer {
  readonly cluster: string
  /** `Service` or `Ingress`, namespace and name of what it serves. */
  readonly kind: 'Service' | 'Ingress'
  readonly namespace: string
  readonly name: string
  /** IPv4 first; never empty, never another live load balancer's. */
  readonly addresses: readonly Address[]
  /** Set when the load balancer shows a host name instead of its addresses; lower case, without the trailing dot. */
  readonly hostname?: string
  /** TCP ports. */
  readonly ports: readonly number[]
  /** It has a backend that can answer. */
  readonly ready: boolean
}

/** Where the clouds of a sandbox's clusters put their load balancers. */
export interface LoadBalancers {
  /** New, or changed. */
  put(balancer: LoadBalancer): void
  remove(id: string): void
}

/** Names a load balancer within a sandbox. */
export function loadBalancerId(
  balancer: Pick<LoadBalancer, 'cluster' | 'kind' | 'namespace' | 'name'>,
): string {
  return `${balancer.cluster}/${balancer.kind}/${balancer.namespace}/${balancer.name}`
}
