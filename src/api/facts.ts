import type { Address } from '../dns/address.ts'
import type { DomainName } from '../dns/names.ts'

/** What is kept of a member's Service. Address lists are sorted and distinct. */
export interface ServiceFacts {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
  /** Load balancers that gave a host name instead of an address. */
  readonly hosts: readonly DomainName[]
  readonly clusterIps: readonly Address[]
  readonly deleting: boolean
}

/** What is kept of a member's Ingress: its load balancer and the Services behind it, `<name>` in its own namespace, sorted. */
export interface IngressFacts {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
  readonly hosts: readonly DomainName[]
  readonly backends: readonly string[]
  readonly deleting: boolean
}

/** Endpoints summed over the EndpointSlices of a Service (`kubernetes.io/service-name`) of one address family, that with more of them: an endpoint of a dual-stack Service counts once. */
export interface EndpointFacts {
  readonly ready: number
  readonly serving: number
  readonly terminating: number
}

/** What is kept of a member's Node, for region and zones. */
export interface NodeFacts {
  readonly region?: string
  readonly zone?: string
}

/** What is kept of one of our own outputs: drift is a digest that differs. */
export interface OutputFacts {
  readonly resourceVersion: string
  readonly digest: string
}
