import { afterEach, describe, expect, test } from 'vitest'
import type { NodeFacts, ServiceFacts } from '../../src/api/facts.ts'
import type { ClusterIndex } from '../../src/api/keys.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { objectKey } from '../../src/api/keys.ts'
import { tokenCredentials } from '../../src/kube/access.ts'
import type { ClusterAccess } from '../../src/kube/access.ts'
import { EndpointStore } from '../../src/kube/endpoint-store.ts'
import { FactStore } from '../../src/kube/fact-store.ts'
import { Fleet } from '../../src/kube/fleet.ts'
import { checkHealth } from '../../src/kube/health.ts'
import { ObjectClient } from '../../src/kube/objects.ts'
import { endpointSliceProjection } from '../../src/kube/projections/endpoint-slice.ts'
import { nodeProjection } from '../../src/kube/projections/node.ts'
import { serviceProjection } from '../../src/kube/projections/service.ts'
import { watched } from '../../src/kube/watched.ts'
import type { KubeReport, WatchPlace } from '../../src/kube/watched.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { Happenings } from '../support/watch-bench.ts'

const services = { group: '', version: 'v1', plural: 'services' }
const slices = { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' }
const nodes = { group: '', version: 'v1', plural: 'nodes' }
const namespaces = { group: '', version: 'v1', plural: 'namespaces' }
const web = objectKey('shop', 'web')

const cleanup: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const act of cleanup.splice(0).reverse()) await act()
})

class Report implements KubeReport {
  readonly failures = new Happenings<WatchPlace & { readonly error: unknown; readonly delayMs: number }>()
  readonly malformedAt = new Happenings<WatchPlace & { readonly problem: string }>()
  readonly listenerErrors: unknown[] = []

  state(): void {}
  failed(at: WatchPlace, failure: { readonly error: unknown; readonly delayMs: number }): void {
    this.failures.add({ ...at, ...failure })
  }
  malformed(at: WatchPlace, problem: string): void {
    this.malformedAt.add({ ...at, problem })
  }
  listenerFailed(_: WatchPlace, error: unknown): void {
    this.listenerErrors.push(error)
  }
  readonly denials: string[] = []
  denied({ cluster }: { readonly cluster: string }, right: string): void {
    this.denials.push(`${cluster}: ${right}`)
  }
}

interface World {
  /** Of the servers. */
  readonly serverClock: ManualClock
  /** Of our side. */
  readonly clock: ManualClock
  readonly fleet: Fleet
  readonly services: FactStore<ServiceFacts>
  readonly endpoints: EndpointStore
  readonly nodes: FactStore<NodeFacts>
  readonly report: Report
  readonly sessions: Happenings<{ readonly name: string | undefined; readonly up: boolean }>
  start(name: string): Promise<ApiServer>
}

function newWorld(): World {
  const [clock, serverClock] = [new ManualClock(), new ManualClock()]
  const [facts, endpoints, nodeFacts] = [
    new FactStore<ServiceFacts>(),
    new EndpointStore(),
    new FactStore<NodeFacts>(),
  ]
  const report = new Report()
  const fleet = new Fleet({
    ...{ clock, report },
    random: () => 0,
    watches: [
      watched({ resource: services, projection: serviceProjection }, facts),
      watched({ resource: slices, projection: endpointSliceProjection }, endpoints),
      watched({ resource: nodes, projection: nodeProjection, metadataOnly: true }, nodeFacts),
    ],
  })
  cleanup.push(() => fleet.stop())
  const sessions: World['sessions'] = new Happenings()
  fleet.onSession((cluster, session) =>
    sessions.add({ name: fleet.nameOf(cluster), up: session?.up ?? false }),
  )
  const start = async (name: string): Promise<ApiServer> => {
    const server = await startApiServer({ name, clock: serverClock, history: 50 })
    cleanup.push(() => server.close())
    server.objects.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
    return server
  }
  return { serverClock, clock, fleet, services: facts, endpoints, nodes: nodeFacts, report, sessions, start }
}

function accessTo(server: ApiServer, url = server.url): ClusterAccess {
  return { server: url, caPem: server.caPem, skippedChecks: [], credentials: tokenCredentials(server.token) }
}

/** A member that is up, with one Service that has one address and two ready endpoints, and one Node. */
async function member(
  world: World,
  name: string,
  ip: string,
): Promise<{ server: ApiServer; cluster: ClusterIndex }> {
  const server = await world.start(name)
  expose(server, 'web', ip)
  server.objects.create(slices, slice('web', 2))
  server.objects.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'n1',
      labels: { 'topology.kubernetes.io/region': 'eu', 'topology.kubernetes.io/zone': 'eu-1' },
    },
  })
  const cluster = world.fleet.add(name, accessTo(server))
  await upAgain(world, name)
  return { server, cluster }
}

async function upAgain(world: World, name: string): Promise<void> {
  await world.sessions.next((change) => change.name === name && change.up)
}

function expose(server: ApiServer, name: string, ip: string): void {
  const created = server.objects.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  })
  setAddress(server, created, ip)
}

function setAddress(server: ApiServer, service: KubeObject, ip: string): void {
  server.objects.updateStatus(services, { ...service, status: { loadBalancer: { ingress: [{ ip }] } } })
}

function stored(server: ApiServer, name: string): KubeObject {
  const object = server.objects.get(services, 'shop', name)
  if (object === undefined) throw new Error(`${name} is not there`)
  return object
}

function slice(service: string, ready: number): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: ready }, (_, i) => ({
      addresses: [`10.0.0.${i + 1}`],
      conditions: { ready: true },
    })),
  }
}

/** The next time that this key is told. */
function told(store: FactStore<ServiceFacts> | EndpointStore): Promise<void> {
  return new Promise((resolve) => {
    const end = store.onKey(() => {
      end()
      resolve()
    })
  })
}

describe('a fleet on the API server double', () => {
  test('three members come up, each with its own facts', async () => {
    const world = newWorld()
    const members = []
    for (const [i, name] of ['a', 'b', 'c'].entries())
      members.push(await member(world, name, `192.0.2.${i + 1}`))

    const addresses = members.map(({ cluster }) => world.services.get(web, cluster)?.a)
    const ready = members.map(({ cluster }) => world.endpoints.get(web, cluster).ready)
    const zones = members.map(({ cluster }) => world.nodes.get(objectKey('', 'n1'), cluster))

    expect(addresses).toEqual([['192.0.2.1'], ['192.0.2.2'], ['192.0.2.3']])
    expect(ready).toEqual([2, 2, 2])
    expect(zones).toEqual(Array.from({ length: 3 }, () => ({ region: 'eu', zone: 'eu-1' })))
    expect(members.map(({ cluster }) => world.fleet.at(cluster)?.uid)).toEqual(
      members.map(({ server }) => server.objects.get(namespaces, '', 'kube-system')?.metadata.uid),
    )
  })

  test('changes arrive: a new address, endpoints, a deletion', async () => {
    const world = newWorld()
    const { server, cluster } = await member(world, 'a', '192.0.2.1')

    let hears = told(world.services)
    setAddress(server, stored(server, 'web'), '192.0.2.50')
    await hears
    const address = world.services.get(web, cluster)?.a
    hears = told(world.endpoints)
    server.objects.update(slices, slice('web', 0))
    await hears
    const { ready } = world.endpoints.get(web, cluster)
    hears = told(world.services)
    server.objects.delete(services, 'shop', 'web')
    await hears

    expect([address, ready, world.services.get(web, cluster)]).toEqual([['192.0.2.50'], 0, undefined])
  })

  test('a list of many pages is taken whole', async () => {
    const world = newWorld()
    const server = await world.start('a')
    for (let i = 0; i < 1_234; i += 1) expose(server, `s${i}`, `198.18.${i >> 8}.${i & 255}`)

    const cluster = world.fleet.add('a', accessTo(server))
    await upAgain(world, 'a')

    expect([...world.services.entries(cluster)].filter(([key]) => key.startsWith('shop/'))).toHaveLength(
      1_234,
    )
    expect(world.services.get(objectKey('shop', 's1233'), cluster)?.a).toEqual(['198.18.4.209'])
  })

  test('after 410 what went meanwhile is deleted, what came is there, what stayed is not told', async () => {
    const world = newWorld()
    const { server, cluster } = await member(world, 'a', '192.0.2.1')
    expose(server, 'goes', '192.0.2.2')
    await told(world.services)
    while (world.services.get(objectKey('shop', 'goes'), cluster)?.a.length !== 1) await told(world.services)
    world.clock.advance(10_000)
    const keys: string[] = []

    world.services.onKey((key) => keys.push(key))
    server.faults.set({ kind: 'compact' })
    server.objects.delete(services, 'shop', 'goes')
    expose(server, 'comes', '192.0.2.3')
    server.faults.clear()
    while (world.services.get(objectKey('shop', 'comes'), cluster)?.a.length !== 1) {
      world.clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }

    expect(world.services.get(objectKey('shop', 'goes'), cluster)).toBeUndefined()
    expect(keys).not.toContain('shop/web')
  })

  test.each([401, 403, 429, 500, 503] as const)(
    '%i of every request: nothing is forgotten, and it comes back',
    async (code) => {
      const world = newWorld()
      const { server, cluster } = await member(world, 'a', '192.0.2.1')

      server.faults.set({ kind: 'status', code })
      world.clock.advance(75_000) // so long nothing was heard that the watches are looked after
      const { error } = await world.report.failures.next()
      world.clock.advance(15_000)
      expect(world.fleet.isUp(cluster)).toBe(false)
      server.faults.clear()
      const back = upAgain(world, 'a')
      while (!world.fleet.isUp(cluster)) {
        world.clock.advance(1000)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await back

      expect(error).toMatchObject({ httpStatus: code })
      expect(world.services.get(web, cluster)?.a).toEqual(['192.0.2.1'])
    },
  )

  test('an object that is none is reported; all others are there, and the cluster is up', async () => {
    const world = newWorld()
    const server = await world.start('a')
    expose(server, 'web', '192.0.2.1')

    server.faults.set({ kind: 'malformed' })
    const cluster = world.fleet.add('a', accessTo(server))
    const { problem } = await world.report.malformedAt.next()
    await upAgain(world, 'a')

    expect(problem).toBe('is no object')
    expect(world.services.get(web, cluster)?.a).toEqual(['192.0.2.1'])
    expect(world.report.listenerErrors).toEqual([])
  })

  test('a member that hangs delays neither the others nor their changes', async () => {
    const world = newWorld()
    const hanging = await world.start('hanging')
    hanging.faults.set({ kind: 'hang' })
    world.fleet.add('hanging', accessTo(hanging))

    const { server, cluster } = await member(world, 'a', '192.0.2.1')
    const hears = told(world.services)
    setAddress(server, stored(server, 'web'), '192.0.2.9')
    await hears

    expect(world.services.get(web, cluster)?.a).toEqual(['192.0.2.9'])
    expect(world.fleet.get('hanging')?.session.up).toBe(false)
  })
})

describe('a network that fails between us and the double', () => {
  test.each(['hang', 'reset', 'cut'] as const)(
    '%s: unknown after 90 s, nothing lost, and back by itself',
    async (kind) => {
      const world = newWorld()
      const server = await world.start('a')
      expose(server, 'web', '192.0.2.1')
      const proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
      cleanup.push(() => proxy.close())
      const cluster = world.fleet.add('a', accessTo(server, proxy.url()))
      await upAgain(world, 'a')

      proxy.set(kind === 'cut' ? { kind, afterBytes: 1 } : { kind })
      world.clock.advance(90_000)
      expect([world.fleet.isUp(cluster), world.services.get(web, cluster)?.a]).toEqual([false, ['192.0.2.1']])
      setAddress(server, stored(server, 'web'), '192.0.2.2')
      proxy.clear()
      while (!world.fleet.isUp(cluster)) {
        world.clock.advance(1000)
        await new Promise((resolve) => setImmediate(resolve))
      }

      expect(world.services.get(web, cluster)?.a).toEqual(['192.0.2.2'])
    },
  )

  test('a slow network only takes longer', async () => {
    const world = newWorld()
    const server = await world.start('a')
    expose(server, 'web', '192.0.2.1')
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
    cleanup.push(() => proxy.close())

    proxy.set({ kind: 'slow', delayMs: 3 })
    const cluster = world.fleet.add('a', accessTo(server, proxy.url()))
    await upAgain(world, 'a')

    expect(world.services.get(web, cluster)?.a).toEqual(['192.0.2.1'])
  })
})

describe('writing to the double', () => {
  test('create, conflict, status, patch and delete with preconditions', async () => {
    const world = newWorld()
    const { server, cluster } = await member(world, 'a', '192.0.2.1')
    const { transport } = world.fleet.at(cluster)!
    const client = new ObjectClient(transport)
    const place = { namespace: 'shop', name: 'made' }
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: place,
      spec: { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    }

    const created = await client.create(services, object)
    await expect(client.create(services, object)).rejects.toMatchObject({ code: 'KUBE_ALREADY_EXISTS' })
    const labelled = await client.patch(services, place, {
      kind: 'merge',
      body: { metadata: { labels: { a: 'b' } } },
    })
    await expect(
      client.update(services, { ...created, spec: { ...(created['spec'] as object) } }),
    ).rejects.toMatchObject({
      code: 'KUBE_CONFLICT',
    })
    const withStatus = await client.patchStatus(services, place, {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.77' }] } },
      resourceVersion: labelled.metadata.resourceVersion!,
    })
    await expect(client.delete(services, place, { uid: 'of-another' })).rejects.toMatchObject({
      code: 'KUBE_CONFLICT',
    })
    const deleted = [
      await client.delete(services, place, { uid: created.metadata.uid! }),
      await client.delete(services, place),
    ]

    expect(withStatus).toMatchObject({
      metadata: { labels: { a: 'b' } },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.77' }] } },
    })
    expect(deleted).toEqual([true, false])
    expect(server.objects.get(services, 'shop', 'made')).toBeUndefined()
  })

  test('health: ready with version and identity; down is unreachable', async () => {
    const world = newWorld()
    const { server, cluster } = await member(world, 'a', '192.0.2.1')
    const { transport } = world.fleet.at(cluster)!

    const healthy = await checkHealth(transport)
    server.faults.set({ kind: 'down' })
    const down = await checkHealth(transport)

    expect(healthy).toMatchObject({
      kind: 'ready',
      version: expect.stringMatching(/^v1\./),
      uid: server.objects.get(namespaces, '', 'kube-system')?.metadata.uid,
    })
    expect(down.kind).toBe('unreachable')
  })
})
