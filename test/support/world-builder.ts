import type { KubeObject } from '../../src/api/object.ts'
import { startClusterCloud, type ClusterCloud } from '../../src/sandbox/cloud/cluster-cloud.ts'
import { addressPlan } from '../../src/sandbox/cloud/network/address-plan.ts'
import {
  type LoadBalancer,
  loadBalancerId,
  type LoadBalancers,
} from '../../src/sandbox/cloud/network/load-balancers.ts'
import { manifestsOf } from '../../src/sandbox/world/manifests.ts'
import { BUILT_IN_KINDS, type ResourceKind } from '../../src/sandbox/resources.ts'
import { parseWorld, type World, type WorldInput } from '../../src/sandbox/world/world.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { FakeObjectAccess } from './fake-object-access.ts'
import { ManualClock } from './manual-clock.ts'

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

/** The cloud of one cluster over a fake API server, with the objects that a world puts there. */
export interface FakeCluster {
  readonly name: string
  readonly objects: FakeObjectAccess
  readonly cloud: ClusterCloud
  readonly clock: ManualClock
  readonly balancers: Map<string, LoadBalancer>
  readonly story: string[]
}

/** Start one member of a world without sockets and wait until its cloud is done. */
export async function startFakeCluster(input: Partial<WorldInput> = {}, index = 0): Promise<FakeCluster> {
  const made = world(input)
  const member = made.clusters[index]
  if (member === undefined) throw new Error(`the world has no cluster ${index}`)
  const clock = new ManualClock()
  const objects = new FakeObjectAccess(clock)
  for (const object of manifestsOf(made, new Map()).get(member.name) ?? [])
    objects.create(resourceOf(object), object)
  const balancers = new Map<string, LoadBalancer>()
  const story: string[] = []
  const cloud = startClusterCloud({
    cluster: member.name,
    objects,
    addresses: addressPlan(index, made.clusters.length),
    ipv6: member.ipv6,
    loadBalancers: balancersIn(balancers),
    clock,
    logger: silentLogger,
    story: (line) => story.push(line),
  })
  await cloud.settled()
  return { name: member.name, objects, cloud, clock, balancers, story }
}

function balancersIn(kept: Map<string, LoadBalancer>): LoadBalancers {
  return {
    put: (balancer) => void kept.set(loadBalancerId(balancer), balancer),
    remove: (id) => void kept.delete(id),
  }
}
