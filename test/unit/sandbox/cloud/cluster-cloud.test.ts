import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../src/api/object.ts'
import type { Condition, PodTemplate } from '../../../../src/sandbox/cloud/shapes.ts'
import {
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  INGRESSES,
  NODES,
  PODS,
  REPLICA_SETS,
  type ResourceKind,
  SERVICES,
} from '../../../../src/sandbox/resources.ts'
import type { WorldInput } from '../../../../src/sandbox/world/world.ts'
import { BACKENDS, startTestCluster, type TestCluster } from '../../../support/world-builder.ts'

interface Slice extends KubeObject {
  readonly addressType: string
  readonly endpoints:
    | readonly {
        readonly addresses: readonly string[]
        readonly conditions: {
          readonly ready: boolean
          readonly serving: boolean
          readonly terminating: boolean
        }
        readonly zone?: string
        readonly nodeName?: string
        readonly targetRef?: { readonly name: string }
      }[]
    | null
}

const web = { namespace: 'ns', name: 'web' }
const started: TestCluster[] = []

afterEach(() => {
  for (const cluster of started.splice(0)) cluster.cloud.close()
})

describe.each(BACKENDS)('over the %s', (backend) => {
  async function start(input: Partial<WorldInput> = { services: [web] }): Promise<TestCluster> {
    const cluster = await startTestCluster(backend, input)
    started.push(cluster)
    return cluster
  }

  describe('work', () => {
    it('a change costs the writes it needs and no more', async () => {
      const cluster = await start()
      const from = (act: () => void) => async () => {
        const before = cluster.changes.length
        act()
        await cluster.cloud.settled()
        return cluster.changes.slice(before).map((line) => line.replace(/ ns\/.*/, ''))
      }
      const toNothing = from(() => change(cluster, DEPLOYMENTS, 'web', { replicas: 0 }))
      const back = from(() => change(cluster, DEPLOYMENTS, 'web', { replicas: 1 }))

      expect(await toNothing()).toEqual([
        'MODIFIED Deployment',
        'MODIFIED ReplicaSet', // spec
        'DELETED Pod',
        'DELETED Pod',
        'MODIFIED ReplicaSet', // status
        'MODIFIED Deployment', // status
        'MODIFIED EndpointSlice',
      ])
      expect(await back()).toEqual([
        'MODIFIED Deployment',
        'MODIFIED ReplicaSet',
        'ADDED Pod',
        'MODIFIED Pod', // bound
        'MODIFIED Pod', // running and ready
        'MODIFIED ReplicaSet',
        'MODIFIED Deployment',
        'MODIFIED EndpointSlice',
      ])
    })
  })

  describe('deployments', () => {
    it('get ready Pods, spread over the Nodes, and a status as the real controller writes it', async () => {
      const { objects } = await start({ services: [{ ...web, replicas: 4 }] })

      const pods = objects.list(PODS, 'ns')
      expect(pods.map((pod) => String(spec(pod)['nodeName'])).toSorted()).toEqual([
        'east-node-1',
        'east-node-1',
        'east-node-2',
        'east-node-2',
      ])
      expect(pods.map((pod) => conditionOf(pod, 'Ready')?.status)).toEqual(['True', 'True', 'True', 'True'])
      expect(new Set(pods.map((pod) => status(pod)['podIP'])).size).toBe(4)
      expect(pods.every((pod) => /^web-[a-z0-9]+-[a-z0-9]{5}$/.test(pod.metadata.name))).toBe(true)

      const [set] = objects.list(REPLICA_SETS, 'ns')
      const time = '2026-01-01T00:00:00Z'
      expect(status(deployment({ objects }))).toEqual({
        observedGeneration: deployment({ objects }).metadata.generation,
        replicas: 4,
        updatedReplicas: 4,
        readyReplicas: 4,
        availableReplicas: 4,
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
            lastTransitionTime: time,
            lastUpdateTime: time,
          },
          {
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetAvailable',
            message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
            lastTransitionTime: time,
            lastUpdateTime: time,
          },
        ],
      })
      expect(status(set)).toEqual({
        replicas: 4,
        fullyLabeledReplicas: 4,
        readyReplicas: 4,
        availableReplicas: 4,
        observedGeneration: 1,
      })
    })

    it('scaled to nothing have no Pods, no endpoints and a status without counts', async () => {
      const cluster = await start()

      change(cluster, DEPLOYMENTS, 'web', { replicas: 0 })
      await cluster.cloud.settled()

      expect(cluster.objects.list(PODS)).toEqual([])
      expect(slices(cluster).map(({ endpoints }) => endpoints)).toEqual([null])
      expect(status(deployment(cluster))).toEqual({
        observedGeneration: deployment(cluster).metadata.generation,
        conditions: [
          expect.objectContaining({ type: 'Available', status: 'True' }),
          expect.objectContaining({ type: 'Progressing', reason: 'NewReplicaSetAvailable' }),
        ],
      })
      expect([...cluster.balancers.values()].map(({ ready }) => ready)).toEqual([false])
    })

    it('scaled up and down keep the Pods they can', async () => {
      const cluster = await start()
      const before = names(cluster.objects.list(PODS))

      change(cluster, DEPLOYMENTS, 'web', { replicas: 5 })
      await cluster.cloud.settled()
      const grown = names(cluster.objects.list(PODS))
      change(cluster, DEPLOYMENTS, 'web', { replicas: 1 })
      await cluster.cloud.settled()

      expect(grown).toHaveLength(5)
      expect(grown).toEqual(expect.arrayContaining([...before]))
      expect(grown).toEqual(expect.arrayContaining([...names(cluster.objects.list(PODS))]))
      expect(cluster.objects.list(PODS)).toHaveLength(1)
    })

    it('roll a new template out under a new revision, and back to the old one', async () => {
      const cluster = await start()
      const oldPods = names(cluster.objects.list(PODS))

      setImage(cluster, 'web:2')
      await cluster.cloud.settled()
      const rolled = cluster.objects.list(PODS)
      const sets = cluster.objects.list(REPLICA_SETS)

      expect(rolled.map(image)).toEqual(['web:2', 'web:2'])
      expect(names(rolled).some((name) => oldPods.includes(name))).toBe(false)
      expect(replicasByRevision(sets)).toEqual({ 1: 0, 2: 2 })
      expect(revision(deployment(cluster))).toBe('2')

      setImage(cluster, 'web:latest')
      await cluster.cloud.settled()

      expect(replicasByRevision(cluster.objects.list(REPLICA_SETS))).toEqual({ 2: 0, 3: 2 })
      expect(revision(deployment(cluster))).toBe('3')
    })

    it('keep serving from the old Pods while the new ones do not get ready', async () => {
      const cluster = await start()
      annotate(cluster, DEPLOYMENTS, 'web', { 'sandbox.waypost.dev/ready-after-seconds': '5' })
      await cluster.cloud.settled()

      setImage(cluster, 'web:2')
      await cluster.cloud.settled()
      const during = readyImages(cluster)
      const progressing = conditionOf(deployment(cluster), 'Progressing')
      for (let second = 0; second < 12; second += 1) {
        cluster.clock.advance(1000)
        await cluster.cloud.settled()
      }

      expect(during).toEqual(['web:latest', 'web:latest'])
      expect(progressing?.reason).toBe('ReplicaSetUpdated')
      expect(readyImages(cluster)).toEqual(['web:2', 'web:2'])
      expect(conditionOf(deployment(cluster), 'Progressing')?.reason).toBe('NewReplicaSetAvailable')
    })

    it('make a Pod anew when one is deleted, under another name', async () => {
      const cluster = await start()
      const [first, second] = names(cluster.objects.list(PODS))

      cluster.objects.delete(PODS, 'ns', first ?? '')
      await cluster.cloud.settled()

      const after = names(cluster.objects.list(PODS))
      expect(after).toHaveLength(2)
      expect(after).toContain(second)
      expect(after).not.toContain(first)
    })

    it('take their ReplicaSets, Pods and endpoints along when they are deleted', async () => {
      const cluster = await start()

      cluster.objects.delete(DEPLOYMENTS, 'ns', 'web')
      await cluster.cloud.settled()

      expect(cluster.objects.list(REPLICA_SETS)).toEqual([])
      expect(cluster.objects.list(PODS)).toEqual([])
      expect(slices(cluster).map(({ endpoints }) => endpoints)).toEqual([null])
    })

    it('take over what an earlier one left behind', async () => {
      const cluster = await start()
      const pods = names(cluster.objects.list(PODS))
      const { metadata, spec } = deployment(cluster)
      for (const set of cluster.objects.list(REPLICA_SETS))
        cluster.objects.update(REPLICA_SETS, { ...set, metadata: { ...set.metadata, ownerReferences: [] } })
      cluster.objects.delete(DEPLOYMENTS, 'ns', 'web')
      await cluster.cloud.settled()
      const left = names(cluster.objects.list(PODS))

      const again = { name: 'web', namespace: 'ns', labels: metadata.labels ?? {} }
      cluster.objects.create(DEPLOYMENTS, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: again,
        spec,
      })
      await cluster.cloud.settled()

      expect([left, names(cluster.objects.list(PODS))]).toEqual([pods, pods])
      expect(replicasByRevision(cluster.objects.list(REPLICA_SETS))).toEqual({ 1: 2 })
      expect(status(deployment(cluster))).toMatchObject({ readyReplicas: 2 })
    })

    it('make ReplicaSets that take over Pods that fit them', async () => {
      const cluster = await start()
      const [set] = cluster.objects.list(REPLICA_SETS)
      const pods = cluster.objects.list(PODS)
      for (const pod of pods)
        cluster.objects.update(PODS, { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } })
      cluster.objects.delete(REPLICA_SETS, 'ns', set?.metadata.name ?? '')
      await cluster.cloud.settled()

      expect(names(cluster.objects.list(PODS))).toEqual(names(pods))
      expect(
        new Set(cluster.objects.list(PODS).map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)),
      ).toEqual(new Set(cluster.objects.list(REPLICA_SETS).map(({ metadata }) => metadata.uid)))
    })

    it('bound by hand to a Node that never was wait for it, and nothing spins', async () => {
      const cluster = await start()
      const { template } = spec(deployment(cluster)) as { template: PodTemplate }
      change(cluster, DEPLOYMENTS, 'web', {
        template: { ...template, spec: { ...template.spec, nodeName: 'ghost' } },
      })
      await cluster.cloud.settled()
      const waiting = cluster.objects.list(PODS).filter((pod) => spec(pod)['nodeName'] === 'ghost')

      cluster.objects.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'ghost' } })
      await cluster.cloud.settled()

      expect(waiting.map((pod) => status(pod)['podIP'])).toEqual([undefined])
      expect(cluster.objects.list(PODS).map((pod) => spec(pod)['nodeName'])).toEqual(['ghost', 'ghost'])
    })

    it('wait for a Node and for one that is ready', async () => {
      const cluster = await start({ clusters: [{ name: 'east', nodes: 0 }], services: [web] })
      const pending = cluster.objects.list(PODS).map((pod) => status(pod)['phase'] ?? 'Pending')

      cluster.objects.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'late' } })
      await cluster.cloud.settled()

      expect(pending).toEqual(['Pending', 'Pending'])
      expect(cluster.objects.list(PODS).map((pod) => spec(pod)['nodeName'])).toEqual(['late', 'late'])
    })
  })

  describe('settings', () => {
    const carriers: readonly { name: string; set: (cluster: TestCluster) => void; ready: number }[] = [
      {
        name: 'on the Deployment',
        set: (cluster) => annotate(cluster, DEPLOYMENTS, 'web', { 'sandbox.waypost.dev/ready': 'false' }),
        ready: 0,
      },
      {
        name: 'on its Pod template',
        set: (cluster) => {
          const { template } = spec(deployment(cluster)) as { template: Record<string, unknown> }
          const metadata = {
            labels: { app: 'web' },
            annotations: { 'sandbox.waypost.dev/ready': 'false' },
          }
          change(cluster, DEPLOYMENTS, 'web', { template: { ...template, metadata } })
        },
        ready: 0,
      },
      {
        name: 'on one Pod',
        set: (cluster) =>
          annotate(cluster, PODS, cluster.objects.list(PODS)[0]?.metadata.name ?? '', {
            'sandbox.waypost.dev/ready': 'false',
          }),
        ready: 1,
      },
      {
        name: 'on the Node of one Pod',
        set: (cluster) => annotate(cluster, NODES, 'east-node-1', { 'sandbox.waypost.dev/ready': 'false' }),
        ready: 1,
      },
    ]
    it.each(carriers)('ready: "false" $name takes readiness away in place', async ({ set, ready }) => {
      const cluster = await start()
      const before = names(cluster.objects.list(PODS))

      set(cluster)
      await cluster.cloud.settled()

      expect(names(cluster.objects.list(PODS))).toEqual(before)
      const flags = slices(cluster).flatMap(({ endpoints }) =>
        (endpoints ?? []).map((each) => each.conditions),
      )
      expect(flags.filter((each) => each.ready)).toHaveLength(ready)
      expect(flags.filter((each) => !each.ready && !each.serving && !each.terminating)).toHaveLength(
        2 - ready,
      )
      expect(status(deployment(cluster))['readyReplicas'] ?? 0).toBe(ready)
      expect([...cluster.balancers.values()][0]?.ready).toBe(ready > 0)
    })

    it('ready-after-seconds delays readiness by the clock', async () => {
      const cluster = await start({ clusters: [{ name: 'east' }] })
      cluster.objects.create(PODS, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: 'slow',
          namespace: 'ns',
          annotations: { 'sandbox.waypost.dev/ready-after-seconds': '3' },
        },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      })
      await cluster.cloud.settled()
      const ready = () => conditionOf(cluster.objects.get(PODS, 'ns', 'slow'), 'Ready')?.status

      const seen = [ready()]
      cluster.clock.advance(2999)
      await cluster.cloud.settled()
      seen.push(ready())
      cluster.clock.advance(1)
      await cluster.cloud.settled()
      seen.push(ready())

      expect(seen).toEqual(['False', 'False', 'True'])
    })

    it('termination-seconds keeps a deleted Pod serving for that time', async () => {
      const cluster = await start()
      annotate(cluster, DEPLOYMENTS, 'web', { 'sandbox.waypost.dev/termination-seconds': '3' })
      await cluster.cloud.settled()

      change(cluster, DEPLOYMENTS, 'web', { replicas: 0 })
      await cluster.cloud.settled()
      const during = slices(cluster).flatMap(({ endpoints }) =>
        (endpoints ?? []).map((each) => each.conditions),
      )
      cluster.clock.advance(3000)
      await cluster.cloud.settled()

      const leaving = { ready: false, serving: true, terminating: true }
      expect(during).toEqual([leaving, leaving])
      expect(cluster.objects.list(PODS)).toEqual([])
      expect(slices(cluster).map(({ endpoints }) => endpoints)).toEqual([null])
    })
  })

  describe('services', () => {
    it('of type LoadBalancer get an address in their status, and keep it', async () => {
      const cluster = await start()
      const first = ingressOf(cluster)

      change(cluster, SERVICES, 'web', { ports: [{ name: 'https', port: 443, protocol: 'TCP' }] })
      await cluster.cloud.settled()

      expect(first).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
      expect(ingressOf(cluster)).toEqual(first)
      expect([...cluster.balancers.values()]).toEqual([
        {
          cluster: 'east',
          kind: 'Service',
          namespace: 'ns',
          name: 'web',
          addresses: ['192.0.2.1'],
          ports: [443],
          ready: true,
        },
      ])
      expect(cluster.story).toEqual(['cloud   east: Service ns/web has load balancer 192.0.2.1'])
    })

    it('get an IPv6 address too, and slices of both families, when they ask for both', async () => {
      const cluster = await start({ services: [{ ...web, ipFamilies: ['IPv4', 'IPv6'] }] })

      expect(ingressOf(cluster)).toEqual([
        { ip: '192.0.2.1', ipMode: 'VIP' },
        { ip: '2001:db8:1::1', ipMode: 'VIP' },
      ])
      expect(slices(cluster).map(({ addressType, endpoints }) => [addressType, endpoints?.length])).toEqual([
        ['IPv4', 2],
        ['IPv6', 2],
      ])
    })

    it('get no IPv6 in a cluster without it', async () => {
      const cluster = await start({
        clusters: [{ name: 'east', ipv6: false }],
        services: [{ ...web, ipFamilies: ['IPv4', 'IPv6'] }],
      })

      expect(ingressOf(cluster)).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
      expect(slices(cluster).map(({ addressType }) => addressType)).toEqual(['IPv4'])
    })

    it('lose the load balancer with their type, and get a new address later', async () => {
      const cluster = await start()

      change(cluster, SERVICES, 'web', { type: 'ClusterIP' })
      await cluster.cloud.settled()
      const without = status(service(cluster))
      const balancers = cluster.balancers.size
      change(cluster, SERVICES, 'web', { type: 'LoadBalancer' })
      await cluster.cloud.settled()

      expect(without).toEqual({ loadBalancer: {} })
      expect(balancers).toBe(0)
      expect(ingressOf(cluster)).toEqual([{ ip: '192.0.2.2', ipMode: 'VIP' }])
    })

    it('made anew under the same name are new ones', async () => {
      const cluster = await start()
      const { uid: _, resourceVersion: __, ...metadata } = service(cluster).metadata

      cluster.objects.delete(SERVICES, 'ns', 'web')
      cluster.objects.create(SERVICES, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
      })
      await cluster.cloud.settled()

      expect(ingressOf(cluster)).toEqual([{ ip: '192.0.2.2', ipMode: 'VIP' }])
      expect(slices(cluster).map((each) => each.metadata.ownerReferences?.[0]?.uid)).toEqual([
        service(cluster).metadata.uid,
      ])
    })

    it('take their slices and balancer along when they are deleted', async () => {
      const cluster = await start()

      cluster.objects.delete(SERVICES, 'ns', 'web')
      await cluster.cloud.settled()

      expect(slices(cluster)).toEqual([])
      expect(cluster.balancers.size).toBe(0)
    })

    const modes: readonly {
      name: string
      annotation: string
      want: readonly unknown[]
      balancers: number
    }[] = [
      {
        name: 'hostname: a name instead of an address',
        annotation: 'hostname',
        want: [{ hostname: 'web.ns.east.lb.example.net' }],
        balancers: 1,
      },
      { name: 'none: pending for ever', annotation: 'none', want: [], balancers: 0 },
    ]
    it.each(modes)('load-balancer $name', async ({ annotation, want, balancers }) => {
      const cluster = await start()

      annotate(cluster, SERVICES, 'web', { 'sandbox.waypost.dev/load-balancer': annotation })
      await cluster.cloud.settled()

      expect(ingressOf(cluster)).toEqual(want)
      expect(cluster.balancers.size).toBe(balancers)
    })

    it('whose load balancer is not ours keep the status that somebody else wrote', async () => {
      const cluster = await start({ services: [{ ...web, loadBalancer: 'none' }] })
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.99', ipMode: 'VIP' }] } }

      cluster.objects.updateStatus(SERVICES, { ...service(cluster), status })
      annotate(cluster, SERVICES, 'web', { touched: 'yes' })
      await cluster.cloud.settled()

      expect(ingressOf(cluster)).toEqual(status.loadBalancer.ingress)
    })

    it('get their own status back when it is edited, and their slices', async () => {
      const cluster = await start()
      const [slice] = slices(cluster)

      cluster.objects.updateStatus(SERVICES, { ...service(cluster), status: { loadBalancer: {} } })
      cluster.objects.update(ENDPOINT_SLICES, { ...(slice as KubeObject), endpoints: [] })
      await cluster.cloud.settled()

      expect(ingressOf(cluster)).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
      expect(slices(cluster)[0]?.endpoints).toHaveLength(2)
    })

    it('without selector are served by the slices that users write, which stay', async () => {
      const cluster = await start({ clusters: [{ name: 'east' }] })
      cluster.objects.create(SERVICES, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'hand', namespace: 'ns' },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      })
      await cluster.cloud.settled()
      const before = [...cluster.balancers.values()].map(({ ready }) => ready)

      cluster.objects.create(ENDPOINT_SLICES, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'mine', namespace: 'ns', labels: { 'kubernetes.io/service-name': 'hand' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.1.1'] }],
        ports: [],
      })
      await cluster.cloud.settled()

      expect(before).toEqual([false])
      expect([...cluster.balancers.values()].map(({ ready }) => ready)).toEqual([true])
      expect(names(slices(cluster))).toEqual(['mine'])
    })

    it('follow labels: a Pod that loses its label leaves slice and ReplicaSet and is replaced; a Service finds it by the new one', async () => {
      const cluster = await start()
      const [pod] = cluster.objects.list(PODS)

      cluster.objects.update(PODS, { ...pod!, metadata: { ...pod!.metadata, labels: { app: 'other' } } })
      await cluster.cloud.settled()
      const replaced = endpointNames(cluster)
      change(cluster, SERVICES, 'web', { selector: { app: 'other' } })
      await cluster.cloud.settled()

      expect(replaced).not.toContain(pod!.metadata.name)
      expect(replaced).toHaveLength(2)
      expect(endpointNames(cluster)).toEqual([pod!.metadata.name])
    })
  })

  describe('nodes', () => {
    it('are ready, with an address', async () => {
      const { objects } = await start({ clusters: [{ name: 'east', ipv6: false }] })

      const node = objects.get(NODES, '', 'east-node-1')
      expect(conditionOf(node, 'Ready')?.status).toBe('True')
      expect(status(node)['addresses']).toEqual([
        { type: 'InternalIP', address: '172.16.0.10' },
        { type: 'Hostname', address: 'east-node-1' },
      ])
    })

    it('that are deleted lose their Pods to others', async () => {
      const cluster = await start()

      cluster.objects.delete(NODES, '', 'east-node-1')
      await cluster.cloud.settled()

      expect(cluster.objects.list(PODS).map((pod) => spec(pod)['nodeName'])).toEqual([
        'east-node-2',
        'east-node-2',
      ])
    })

    it('that move to another zone take their endpoints along', async () => {
      const cluster = await start({ clusters: [{ name: 'east', zones: ['z1'] }], services: [web] })
      const node = cluster.objects.get(NODES, '', 'east-node-1')!

      cluster.objects.update(NODES, {
        ...node,
        metadata: { ...node.metadata, labels: { 'topology.kubernetes.io/zone': 'z9' } },
      })
      await cluster.cloud.settled()

      expect(slices(cluster).flatMap(({ endpoints }) => (endpoints ?? []).map(({ zone }) => zone))).toEqual([
        'z9',
        'z9',
      ])
    })
  })

  describe('ingresses', () => {
    const site = { namespace: 'ns', name: 'site', hosts: ['www.example.com'], service: 'web' }

    it('get a load balancer of their own, ready as their backends are', async () => {
      const cluster = await start({
        services: [{ ...web, type: 'ClusterIP' }],
        ingresses: [{ ...site, ipFamilies: ['IPv4', 'IPv6'] }],
      })
      const before = [...cluster.balancers.values()]

      change(cluster, DEPLOYMENTS, 'web', { replicas: 0 })
      await cluster.cloud.settled()

      expect(status(cluster.objects.get(INGRESSES, 'ns', 'site'))).toEqual({
        loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '2001:db8:1::1' }] },
      })
      expect(before).toEqual([
        {
          cluster: 'east',
          kind: 'Ingress',
          namespace: 'ns',
          name: 'site',
          addresses: ['192.0.2.1', '2001:db8:1::1'],
          ports: [80],
          ready: true,
        },
      ])
      expect([...cluster.balancers.values()].map(({ ready }) => ready)).toEqual([false])
    })

    it('give the load balancer back when they are deleted', async () => {
      const cluster = await start({ ingresses: [site] })

      cluster.objects.delete(INGRESSES, 'ns', 'site')
      await cluster.cloud.settled()

      expect(cluster.balancers.size).toBe(0)
    })
  })
})

function deployment({ objects }: Pick<TestCluster, 'objects'>): KubeObject {
  return objects.get(DEPLOYMENTS, 'ns', 'web')!
}

function service({ objects }: TestCluster): KubeObject {
  return objects.get(SERVICES, 'ns', 'web')!
}

function slices({ objects }: TestCluster): readonly Slice[] {
  const all = objects.list(ENDPOINT_SLICES) as readonly Slice[]
  return all.toSorted((a, b) => (a.addressType < b.addressType ? -1 : 1))
}

function endpointNames(cluster: TestCluster): readonly (string | undefined)[] {
  return slices(cluster).flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.name))
}

function ingressOf(cluster: TestCluster): readonly unknown[] {
  return (
    (service(cluster)['status'] as { loadBalancer?: { ingress?: unknown[] } } | undefined)?.loadBalancer
      ?.ingress ?? []
  )
}

function spec(object: KubeObject | undefined): Readonly<Record<string, unknown>> {
  return (object?.['spec'] ?? {}) as Readonly<Record<string, unknown>>
}

function status(object: KubeObject | undefined): Readonly<Record<string, unknown>> {
  return (object?.['status'] ?? {}) as Readonly<Record<string, unknown>>
}

function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  return (status(object)['conditions'] as readonly Condition[] | undefined)?.find(
    (each) => each.type === type,
  )
}

function names(objects: readonly KubeObject[]): readonly string[] {
  return objects.map((object) => object.metadata.name).sort()
}

function image(pod: KubeObject): string | undefined {
  return (spec(pod)['containers'] as readonly { image: string }[])[0]?.image
}

function readyImages({ objects }: TestCluster): readonly (string | undefined)[] {
  return objects
    .list(PODS)
    .filter((pod) => conditionOf(pod, 'Ready')?.status === 'True')
    .map(image)
}

function revision(object: KubeObject): string | undefined {
  return object.metadata.annotations?.['deployment.kubernetes.io/revision']
}

function replicasByRevision(sets: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(sets.map((set) => [revision(set), spec(set)['replicas']]))
}

function change(
  { objects }: TestCluster,
  resource: ResourceKind,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  const object = objects.get(resource, 'ns', name)!
  objects.update(resource, { ...object, spec: { ...spec(object), ...fields } })
}

function setImage(cluster: TestCluster, name: string): void {
  const { template } = spec(deployment(cluster)) as { template: PodTemplate }
  const [container] = template.spec?.containers ?? []
  change(cluster, DEPLOYMENTS, 'web', {
    template: { ...template, spec: { containers: [{ ...container, image: name }] } },
  })
}

function annotate(
  { objects }: TestCluster,
  resource: ResourceKind,
  name: string,
  annotations: Readonly<Record<string, string>>,
): void {
  const object = objects.get(resource, resource.namespaced ? 'ns' : '', name)!
  objects.update(resource, {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
  })
}
