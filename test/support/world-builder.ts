import type { KubeObject } from '../../src/api/object.ts'
import { startClusterCloud, type ClusterCloud } from '../../src/sandbox/cloud/cluster-cloud.ts'
import { addressPlan } from '../../src/sandbox/cloud/network/address-plan.ts'
import {
  type LoadBalancer,
  loadBalancerId,
  type LoadBalancers,
} from '../../src/sandbox/cloud/network/load-balancers.ts'
import { manifestsOf } from '../../src/sandbox/world/manifests.ts'
import type { ObjectAccess } from '../../src/sandbox/apiserver/types.ts'
import { objectAccess } from '../../src/sandbox/apiserver/access.ts'
import { newCluster } from '../../src/sandbox/apiserver/new-cluster.ts'
import {
  BUILT_IN_KINDS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  INGRESSES,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  type ResourceKind,
  SERVICES,
} from '../../src/sandbox/resources.ts'
import { parseWorld, type World, type WorldInput } from '../../src/sandbox/world/world.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { FakeObjectAccess } from './fake-object-access.ts'
import { ManualClock } from './manual-clock.ts'

const WATCHED = [NODES, PODS, SERVICES, DEPLOYMENTS, REPLICA_SETS, INGRESSES, ENDPOINT_SLICES]

/** A world with only what a test cares about. */
export function world(input: Partial<WorldInput> = {}): World {
  return parseWorld({ clusters: [{ name: 'east', region: 'r1', zones: ['z1', 'z2'] }], ...input })
}

/** The resource of an object of a built-in kind. */
export function resourceOf(object: KubeObject): ResourceKind {
  const found = BUILT_IN_KINDS.find((resource) => resource.kind === object.kind)
  if (found === undefined) throw new Error(`no built-in kind: ${object.kind}`)
  return found
}

/** What a simulated cloud can be run over without sockets: a fake of few lines, or the API server double itself. */
export const BACKENDS = ['fake', 'double'] as const
export type Backend = (typeof BACKENDS)[number]

/** The cloud of one cluster, with the objects that a world puts there. */
export interface TestCluster {
  readonly name: string
  readonly objects: ObjectAccess
  readonly cloud: ClusterCloud
  readonly clock: ManualClock
  readonly balancers: Map<string, LoadBalancer>
  readonly story: string[]
  /** Every change of a stored object, one line each: `MODIFIED Pod ns/name`. */
  readonly changes: string[]
}

/** Start the first member of a world and wait until its cloud is done. */
export async function startTestCluster(
  backend: Backend,
  input: Partial<WorldInput> = {},
): Promise<TestCluster> {
  const made = world(input)
  const member = made.clusters[0]! // a world has one at least
  const clock = new ManualClock()
  const objects =
    backend === 'fake'
      ? new FakeObjectAccess(clock)
      : objectAccess(newCluster({ name: member.name, clock }), silentLogger)
  const changes: string[] = []
  for (const object of manifestsOf(made, new Map()).get(member.name) ?? [])
    objects.create(resourceOf(object), object)
  if (objects.get(NAMESPACES, '', 'ns') === undefined)
    objects.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } })
  for (const resource of WATCHED)
    objects.watch(resource, ({ type, object: { kind, metadata } }) =>
      changes.push(`${type} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
    )
  const balancers = new Map<string, LoadBalancer>()
  const story: string[] = []
  const cloud = startClusterCloud({
    cluster: member.name,
    objects,
    addresses: addressPlan(0, made.clusters.length),
    ipv6: member.ipv6,
    loadBalancers: balancersIn(balancers),
    clock,
    logger: silentLogger,
    story: (line) => story.push(line),
  })
  await cloud.settled()
  return { name: member.name, objects, cloud, clock, balancers, story, changes }
}

function balancersIn(kept: Map<string, LoadBalancer>): LoadBalancers {
  return {
    put: (balancer) => void kept.set(loadBalancerId(balancer), balancer),
    remove: (id) => void kept.delete(id),
  }
}
