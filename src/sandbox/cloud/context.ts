import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { ObjectAccess } from '../apiserver/types.ts'
import type { Mirror } from './mirror.ts'
import type { ClusterAddresses, IpFamily } from './network/address-plan.ts'
import type {
  DeploymentShape,
  EndpointSliceShape,
  IngressShape,
  NodeShape,
  PodShape,
  ReplicaSetShape,
  ServiceShape,
} from './shapes.ts'
import type { LoadBalancers } from './network/load-balancers.ts'

/** What each controller of one cluster's cloud works with. Reads go to the mirrors, writes to `objects`. */
export interface CloudContext {
  readonly cluster: string
  /** First the one that a Service gets by itself. */
  readonly families: readonly IpFamily[]
  readonly objects: ObjectAccess
  readonly clock: Clock
  readonly logger: Logger
  /** One readable line for a person, for each thing that users watch for. */
  readonly story: (line: string) => void
  readonly addresses: ClusterAddresses
  /** A number that no earlier call gave: seeds of generated names. */
  readonly sequence: () => number
  readonly loadBalancers: LoadBalancers
  readonly mirrors: CloudMirrors
  /** Look at an object again after a while. */
  readonly again: (
    kind: CloudKind,
    object: { readonly namespace: string; readonly name: string },
    delayMs: number,
  ) => void
}

export interface CloudMirrors {
  readonly nodes: Mirror<NodeShape>
  readonly deployments: Mirror<DeploymentShape>
  readonly replicaSets: Mirror<ReplicaSetShape>
  readonly pods: Mirror<PodShape>
  readonly services: Mirror<ServiceShape>
  readonly endpointSlices: Mirror<EndpointSliceShape>
  readonly ingresses: Mirror<IngressShape>
}

/** What the cloud reconciles: a kind's own object, or something derived from it. */
export type CloudKind =
  | 'Node'
  | 'Deployment'
  | 'ReplicaSet'
  | 'Pod'
  | 'Service'
  | 'ServiceSlices'
  | 'ServiceBackends'
  | 'Ingress'

/** Index values of the mirrors. */
export const indexValue = {
  owner: (uid: string) => `owner:${uid}`,
  /** Objects that nobody manages. */
  free: (namespace: string) => `free:${namespace}`,
  node: (name: string) => `node:${name}`,
  unscheduled: 'unscheduled',
  backend: (namespace: string, service: string) => `backend:${namespace}/${service}`,
  selector: (namespace: string, name: string, value: string) => `selector:${namespace}/${name}=${value}`,
  label: (namespace: string, name: string, value: string) => `label:${namespace}/${name}=${value}`,
  service: (namespace: string, name: string) => `service:${namespace}/${name}`,
} as const
