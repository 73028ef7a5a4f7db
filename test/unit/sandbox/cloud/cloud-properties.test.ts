import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../src/api/object.ts'
import { startClusterCloud } from '../../../../src/sandbox/cloud/cluster-cloud.ts'
import { addressPlan } from '../../../../src/sandbox/cloud/network/address-plan.ts'
import {
  conditionStatus,
  type EndpointSliceShape,
  type PodShape,
  selects,
  type ServiceShape,
} from '../../../../src/sandbox/cloud/shapes.ts'
import {
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  INGRESSES,
  PODS,
  REPLICA_SETS,
  SERVICES,
} from '../../../../src/sandbox/resources.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { BACKENDS, startTestCluster, type TestCluster } from '../../../support/world-builder.ts'

const name = fc.constantFrom('a', 'b', 'c')
const step = fc.oneof(
  fc.record({ act: fc.constant('deploy' as const), name, replicas: fc.nat(4), ready: fc.boolean() }),
  fc.record({ act: fc.constant('undeploy' as const), name }),
  fc.record({
    act: fc.constant('expose' as const),
    name,
    // a service may select the Pods of another name, of all, or of none
    app: fc.constantFrom('a', 'b', 'c', undefined),
    type: fc.constantFrom('LoadBalancer', 'ClusterIP'),
    dual: fc.boolean(),
    mode: fc.constantFrom('address', 'hostname', 'none'),
  }),
  fc.record({ act: fc.constant('unexpose' as const), name }),
  fc.record({ act: fc.constant('ingress' as const), name }),
  fc.record({ act: fc.constant('kill' as const), victim: fc.nat(10) }),
)
/** Whether the cloud catches up before the next step. */
const settles = fc.boolean()
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

describe('properties', () => {
  it.each(BACKENDS)(
    'over the %s: whatever users do, the settled cluster is right and a second cloud over it writes nothing',
    async (backend) => {
      expect.hasAssertions()
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(step, settles), { minLength: 2, maxLength: 25, size: 'max' }),
          async (steps) => {
            const cluster = await startTestCluster(backend)
            try {
              for (const [each, settle] of steps) {
                act(cluster, each)
                if (settle) await cluster.cloud.settled()
              }
              await cluster.cloud.settled()

              expectCounts(cluster)
              expectAddresses(cluster)
              expectSlices(cluster)
              await expectNothingToDo(cluster)
            } finally {
              cluster.cloud.close()
            }
          },
        ),
        { numRuns: 60 },
      )
    },
  )
})

function act(cluster: TestCluster, each: Step): void {
  const { objects } = cluster
  switch (each.act) {
    case 'deploy':
      return put(cluster, DEPLOYMENTS, {
        ...bare('apps/v1', 'Deployment', each.name),
        metadata: {
          ...bare('', '', each.name).metadata,
          annotations: { 'sandbox.waypost.dev/ready': String(each.ready) },
        },
        spec: {
          replicas: each.replicas,
          selector: { matchLabels: { app: each.name } },
          template: {
            metadata: { labels: { app: each.name, all: 'yes' } },
            spec: { containers: [{ name: 'c', image: 'i' }] },
          },
        },
      })
    case 'undeploy':
      return remove(cluster, DEPLOYMENTS, each.name)
    case 'expose':
      return put(cluster, SERVICES, {
        ...bare('v1', 'Service', each.name),
        metadata: {
          ...bare('', '', each.name).metadata,
          annotations: { 'sandbox.waypost.dev/load-balancer': each.mode },
        },
        spec: {
          type: each.type,
          selector: each.app === undefined ? { all: 'yes' } : { app: each.app },
          ports: [{ port: 80 }],
          ipFamilies: each.dual ? ['IPv4', 'IPv6'] : ['IPv4'],
        },
      })
    case 'unexpose':
      return remove(cluster, SERVICES, each.name)
    case 'ingress':
      return objects.get(INGRESSES, 'ns', each.name) === undefined
        ? put(cluster, INGRESSES, {
            ...bare('networking.k8s.io/v1', 'Ingress', each.name),
            spec: { defaultBackend: { service: { name: each.name, port: { number: 80 } } } },
          })
        : remove(cluster, INGRESSES, each.name)
    case 'kill': {
      const pods = objects.list(PODS)
      const victim = pods[each.victim % Math.max(1, pods.length)]
      if (victim !== undefined) objects.delete(PODS, 'ns', victim.metadata.name)
    }
  }
}

function bare(apiVersion: string, kind: string, objectName: string): KubeObject {
  return { apiVersion, kind, metadata: { name: objectName, namespace: 'ns' } }
}

function put({ objects }: TestCluster, resource: typeof SERVICES, object: KubeObject): void {
  const old = objects.get(resource, 'ns', object.metadata.name)
  if (old === undefined) objects.create(resource, object)
  else objects.update(resource, { ...old, ...object, metadata: { ...old.metadata, ...object.metadata } })
}

function remove({ objects }: TestCluster, resource: typeof SERVICES, objectName: string): void {
  if (objects.get(resource, 'ns', objectName) !== undefined) objects.delete(resource, 'ns', objectName)
}

/** As many Pods as each Deployment wants, and none without one. */
function expectCounts({ objects }: TestCluster): void {
  const wanted = objects.list(DEPLOYMENTS).map((deployment) => {
    const { replicas } = deployment['spec'] as { replicas: number }
    return [deployment.metadata.name, replicas] as const
  })
  const counts = wanted.map(([app]) => [
    app,
    objects.list(PODS).filter((pod) => pod.metadata.labels?.['app'] === app).length,
  ])

  expect(counts).toEqual(wanted)
  expect(objects.list(PODS)).toHaveLength(wanted.reduce((sum, [, replicas]) => sum + replicas, 0))
  expect(objects.list(REPLICA_SETS)).toHaveLength(wanted.length)
}

/** No address has two owners; each load balancer that shows addresses shows the ones it is known by. */
function expectAddresses({ objects, balancers, name: cluster }: TestCluster): void {
  const all = [...balancers.values()].flatMap(({ addresses }) => addresses)
  expect(new Set(all).size).toBe(all.length)
  const pods = objects.list(PODS).flatMap((pod: PodShape) => pod.status?.podIPs?.map(({ ip }) => ip) ?? [])
  expect(new Set(pods).size).toBe(pods.length)
  for (const kind of ['Service', 'Ingress'] as const)
    for (const object of objects.list(kind === 'Service' ? SERVICES : INGRESSES) as readonly ServiceShape[]) {
      const shown = (object.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname)
      const known = balancers.get(`${cluster}/${kind}/ns/${object.metadata.name}`)
      expect(shown).toEqual(known?.hostname === undefined ? (known?.addresses ?? []) : [known.hostname])
    }
}

/** Every Pod with an address is in exactly one slice of each family of each Service that selects it, and nowhere else. */
function expectSlices({ objects, balancers, name: cluster }: TestCluster): void {
  const slices: readonly EndpointSliceShape[] = objects.list(ENDPOINT_SLICES)
  let expected = 0
  for (const service of objects.list(SERVICES) as readonly ServiceShape[]) {
    const pods = (objects.list(PODS) as readonly PodShape[]).filter((pod) =>
      selects(service.spec?.selector, pod.metadata.labels),
    )
    const ready = pods.filter((pod) => conditionStatus(pod.status?.conditions, 'Ready') === 'True')
    for (const family of service.spec?.ipFamilies ?? []) {
      const own = slices.filter(
        (slice) =>
          slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name &&
          slice.addressType === family,
      )
      const endpoints = own.flatMap((slice) => slice.endpoints ?? [])
      expect(endpoints.map(({ targetRef }) => targetRef?.name ?? '').toSorted()).toEqual(
        pods.map((pod) => pod.metadata.name).toSorted(),
      )
      expect(endpoints.filter(({ conditions }) => conditions?.ready === true)).toHaveLength(ready.length)
      expected += own.length
    }
    const balancer = balancers.get(`${cluster}/Service/ns/${service.metadata.name}`)
    expect(balancer?.ready ?? ready.length > 0).toBe(ready.length > 0)
  }
  expect(slices).toHaveLength(expected)
}

/** A cloud that starts over these objects, with no memory of its own, finds nothing to change. */
async function expectNothingToDo(cluster: TestCluster): Promise<void> {
  cluster.cloud.close()
  const before = cluster.changes.length
  const again = startClusterCloud({
    cluster: cluster.name,
    objects: cluster.objects,
    addresses: addressPlan(0, 1),
    ipv6: true,
    loadBalancers: { put: () => {}, remove: () => {} },
    clock: cluster.clock,
    logger: silentLogger,
    story: () => {},
  })
  await again.settled()
  again.close()

  expect(cluster.changes.slice(before)).toEqual([])
}
