import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { ObjectAccess } from '../apiserver/types.ts'
import { DEPLOYMENTS, ENDPOINT_SLICES, INGRESSES, NODES, PODS, REPLICA_SETS, SERVICES } from '../resources.ts'
import type { CloudContext, CloudKind, CloudMirrors } from './context.ts'
import { eventMarks } from './event-marks.ts'
import { newMirrors } from './mirrors.ts'
import type { ClusterAddresses } from './network/address-plan.ts'
import { reconcileSlices } from './network/endpoint-slices.ts'
import { reconcileIngress } from './network/ingresses.ts'
import type { LoadBalancers } from './network/load-balancers.ts'
import { reconcileBackends, reconcileService } from './network/services.ts'
import { ReconcileLoop } from './reconcile-loop.ts'
import { reconcileDeployment } from './workloads/deployments.ts'
import { reconcileNode } from './workloads/nodes.ts'
import { reconcilePod } from './workloads/pods.ts'
import { reconcileReplicaSet } from './workloads/replica-sets.ts'

export interface ClusterCloudOptions {
  readonly cluster: string
  readonly objects: ObjectAccess
  readonly addresses: ClusterAddresses
  /** The cluster has IPv6 beside IPv4. */
  readonly ipv6: boolean
  readonly loadBalancers: LoadBalancers
  readonly clock: Clock
  readonly logger: Logger
  readonly story: (line: string) => void
}

/** The running cloud of one cluster. */
export interface ClusterCloud {
  /** Nothing is left to do but what waits for the clock. */
  readonly idle: boolean
  settled(): Promise<void>
  close(): void
}

/** Their order is the order of work: Pods before what counts them, so that each count is written once. */
const RECONCILERS: Readonly<
  Record<CloudKind, (context: CloudContext, namespace: string, name: string) => void>
> = {
  Node: reconcileNode,
  Pod: reconcilePod,
  ReplicaSet: reconcileReplicaSet,
  Deployment: reconcileDeployment,
  Service: reconcileService,
  ServiceSlices: reconcileSlices,
  ServiceBackends: reconcileBackends,
  Ingress: reconcileIngress,
}

const RANKS = Object.keys(RECONCILERS)

/**
 * Start what a cluster has besides its API server: deployment, replica set and endpoint slice controllers, a scheduler,
 * a kubelet for every Node, and a cloud that gives out load balancers. Driven by watches alone; a run over settled
 * objects writes nothing.
 */
export function startClusterCloud(options: ClusterCloudOptions): ClusterCloud {
  const mirrors = newMirrors()
  let sequence = 0
  const loop = new ReconcileLoop({
    clock: options.clock,
    logger: options.logger,
    reconcile: (key) => {
      const [kind, namespace, name] = key.split('/') as [CloudKind, string, string] // made by keyOf
      RECONCILERS[kind](context, namespace, name)
    },
    ranks: RANKS.length,
    rankOf: (key) => RANKS.indexOf(key.slice(0, key.indexOf('/'))),
  })
  const context: CloudContext = {
    ...options,
    families: options.ipv6 ? ['IPv4', 'IPv6'] : ['IPv4'],
    mirrors,
    sequence: () => (sequence += 1),
    again: (kind, object, delayMs) => loop.markAfter(keyOf(kind, object.namespace, object.name), delayMs),
  }
  follow(context, (kind, namespace, name) => loop.mark(keyOf(kind, namespace, name)))
  return {
    get idle() {
      return loop.idle
    },
    settled: () => loop.settled(),
    close() {
      loop.close()
      for (const mirror of Object.values(mirrors) as CloudMirrors[keyof CloudMirrors][]) mirror.stop()
    },
  }
}

function follow(
  context: CloudContext,
  mark: (kind: CloudKind, namespace: string, name: string) => void,
): void {
  const marks = eventMarks(context, mark)
  const { mirrors, objects } = context
  mirrors.nodes.start(objects, NODES, marks.node)
  mirrors.deployments.start(objects, DEPLOYMENTS, marks.deployment)
  mirrors.replicaSets.start(objects, REPLICA_SETS, marks.replicaSet)
  mirrors.services.start(objects, SERVICES, marks.service)
  mirrors.pods.start(objects, PODS, marks.pod)
  mirrors.endpointSlices.start(objects, ENDPOINT_SLICES, marks.endpointSlice)
  mirrors.ingresses.start(objects, INGRESSES, marks.ingress)
}

function keyOf(kind: CloudKind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`
}
