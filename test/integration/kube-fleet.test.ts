import { afterEach, describe, expect, test } from 'vitest'
import type { ServiceFacts } from '../../src/api/facts.ts'
import type { ClusterIndex } from '../../src/api/keys.ts'
import type { ClusterAccess } from '../../src/kube/access.ts'
import type { Session } from '../../src/kube/connection.ts'
import { EndpointStore } from '../../src/kube/endpoint-store.ts'
import { FactStore } from '../../src/kube/fact-store.ts'
import { Fleet } from '../../src/kube/fleet.ts'
import { KubeError } from '../../src/kube/kube-error.ts'
import { endpointSliceProjection } from '../../src/kube/projections/endpoint-slice.ts'
import { ingressProjection } from '../../src/kube/projections/ingress.ts'
import { serviceProjection } from '../../src/kube/projections/service.ts'
import { watched } from '../../src/kube/watched.ts'
import type { KubeReport, WatchPlace } from '../../src/kube/watched.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { rawService, rawSlice, shopKey } from '../support/raw-objects.ts'
import { startScriptedApi } from '../support/scripted-api.ts'
import type { Exchange, ScriptedApi } from '../support/scripted-api.ts'
import { accessTo, Happenings } from '../support/watch-bench.ts'

const SERVICES = 'GET /api/v1/services'
const SLICES = 'GET /apis/discovery.k8s.io/v1/endpointslices'
const INGRESSES = 'GET /apis/networking.k8s.io/v1/ingresses'

const cleanup: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const act of cleanup.splice(0).reverse()) await act()
})

type Failure = WatchPlace & { readonly error: unknown; readonly delayMs: number }

class Report implements KubeReport {
  readonly failures = new Happenings<Failure>()
  readonly malformedAt = new Happenings<WatchPlace & { readonly problem: string }>()

  state(): void {}
  failed(at: WatchPlace, failure: { readonly error: unknown; readonly delayMs: number }): void {
    this.failures.add({ ...at, ...failure })
  }
  malformed(at: WatchPlace, problem: string): void {
    this.malformedAt.add({ ...at, problem })
  }
  readonly listenerErrors: string[] = []
  listenerFailed(_: WatchPlace, error: unknown): void {
    this.listenerErrors.push(error instanceof Error ? error.message : String(error))
  }
  readonly denials: string[] = []
  denied({ cluster }: { readonly cluster: string }, right: string): void {
    this.denials.push(`${cluster}: ${right}`)
  }
}

type SessionChange = { readonly name: string | undefined; readonly session: Session | undefined }

function newFleet(listPlaces = 2): {
  clock: ManualClock
  fleet: Fleet
  services: FactStore<ServiceFacts>
  endpoints: EndpointStore
  report: Report
  sessions: Happenings<SessionChange>
} {
  const clock = new ManualClock()
  const services = new FactStore<ServiceFacts>()
  const endpoints = new EndpointStore()
  const report = new Report()
  const v1 = (group: string, plural: string) => ({ group, version: 'v1', plural })
  const fleet = new Fleet({
    ...{ clock, report, listPlaces },
    random: () => 0,
    watches: [
      watched({ resource: v1('', 'services'), projection: serviceProjection }, services),
      watched(
        { resource: v1('discovery.k8s.io', 'endpointslices'), projection: endpointSliceProjection },
        endpoints,
      ),
      watched(
        { resource: v1('networking.k8s.io', 'ingresses'), projection: ingressProjection, required: false },
        new FactStore(),
      ),
    ],
  })
  cleanup.push(() => fleet.stop())
  const sessions = new Happenings<SessionChange>()
  fleet.onSession((cluster, session) => sessions.add({ name: fleet.nameOf(cluster), session }))
  return { clock, fleet, services, endpoints, report, sessions }
}

async function startApi(): Promise<ScriptedApi> {
  const api = await startScriptedApi()
  cleanup.push(() => api.close())
  return api
}

/** Answer a member's first lists: one Service with one address and ready endpoints. Ingresses are left waiting. */
async function serve(
  api: ScriptedApi,
  ip: string,
  version = '100',
): Promise<{ services: Exchange; slices: Exchange }> {
  const services = (await api.next(SERVICES)).open()
  services.event('ADDED', rawService('web', ip)).bookmark(version, true)
  const slices = (await api.next(SLICES)).open()
  slices.event('ADDED', rawSlice('web', 'x', { ready: 2 })).bookmark(version, true)
  return { services, slices }
}

/** A member that is up. */
async function member(
  setUp: ReturnType<typeof newFleet>,
  name: string,
  ip: string,
): Promise<{ api: ScriptedApi; cluster: ClusterIndex; streams: Awaited<ReturnType<typeof serve>> }> {
  const api = await startApi()
  const cluster = setUp.fleet.add(name, accessTo(api))
  const streams = await serve(api, ip)
  await api.next(INGRESSES)
  await setUp.sessions.next((change) => change.name === name && change.session?.up === true)
  return { api, cluster, streams }
}

describe('sessions', () => {
  test('a cluster is up when every required kind is synced; one that is not required is not waited for', async () => {
    const setUp = newFleet()
    const api = await startApi()

    const cluster = setUp.fleet.add('a', accessTo(api))
    const before = setUp.fleet.get('a')?.session
    await serve(api, '192.0.2.1')
    await api.next(INGRESSES) // never answered
    const { session } = await setUp.sessions.next()

    expect(before).toMatchObject({
      up: false,
      missing: [
        { kind: 'Service', state: 'listing' },
        { kind: 'EndpointSlice', state: 'listing' },
      ],
    })
    expect(session).toMatchObject({ up: true, missing: [] })
    expect(setUp.fleet.isUp(cluster)).toBe(true)
    expect(setUp.services.get(shopKey('web'), cluster)).toMatchObject({ a: ['192.0.2.1'] })
    expect(setUp.endpoints.get(shopKey('web'), cluster)).toEqual({ ready: 2, serving: 2, terminating: 0 })
  })

  test('one required kind that is refused takes the session down; nothing is forgotten', async () => {
    const setUp = newFleet()
    const { api, cluster, streams } = await member(setUp, 'a', '192.0.2.1')
    setUp.clock.advance(10_000)

    streams.slices.bookmark('101').end()
    ;(await api.next(SLICES)).status(403, 'Forbidden')
    const { session } = await setUp.sessions.next()

    expect(session).toMatchObject({ up: false, missing: [{ kind: 'EndpointSlice', state: 'stale' }] })
    expect(setUp.endpoints.get(shopKey('web'), cluster).ready).toBe(2)
  })

  test('silence for 90 s takes the session down at that moment', async () => {
    const setUp = newFleet()
    const { api, cluster } = await member(setUp, 'a', '192.0.2.1')

    setUp.clock.advance(75_000)
    await Promise.all([api.next(SERVICES), api.next(SLICES)]) // whether it has reached the version: not answered
    expect(setUp.fleet.isUp(cluster)).toBe(true)
    setUp.clock.advance(15_000)

    expect(setUp.fleet.isUp(cluster)).toBe(false)
    expect(setUp.sessions.all.at(-1)?.session).toMatchObject({ up: false, sinceMs: setUp.clock.nowMs() })
    await Promise.all([api.next(SERVICES), api.next(SLICES)])
    await setUp.fleet.remove('a')
    await drain(api)
  })
})

describe('one cluster delays nobody', () => {
  test('two that hang, one that trickles and one that is malformed: a healthy one is up all the same', async () => {
    const setUp = newFleet(1)
    const [hanging, trickling, garbled] = [await startApi(), await startApi(), await startApi()]
    setUp.fleet.add('down', { ...accessTo(hanging), server: 'https://127.0.0.1:1' })
    setUp.fleet.add('hanging', accessTo(hanging))
    setUp.fleet.add('trickling', accessTo(trickling))
    setUp.fleet.add('garbled', accessTo(garbled))
    const trickle = (await trickling.next(SERVICES)).open().raw('{"type":"ADDED",') // holds the only place
    await Promise.all([
      hanging.next(SERVICES),
      garbled.next(SERVICES).then((exchange) => exchange.text(200, '<html>\n')),
    ])
    await setUp.report.failures.next(({ cluster }) => cluster === 'down')

    const api = await startApi()
    const cluster = setUp.fleet.add('healthy', accessTo(api))
    const serving = serve(api, '192.0.2.9')
    while (!setUp.fleet.isUp(cluster)) {
      setUp.clock.advance(1000) // a turn is a second
      await new Promise((resolve) => setImmediate(resolve))
    }
    await serving

    expect(setUp.services.get(shopKey('web'), cluster)).toMatchObject({ a: ['192.0.2.9'] })
    trickle.end()
    await drain(hanging, trickling, garbled, api)
  })

  test('a cluster whose objects are malformed keeps its session, and each object is reported by name', async () => {
    const setUp = newFleet()
    const { streams, cluster } = await member(setUp, 'a', '192.0.2.1')

    streams.services.event('ADDED', {
      ...rawService('bad', undefined, { resourceVersion: '101' }),
      status: { loadBalancer: { ingress: 'none' } },
    })
    const found = await setUp.report.malformedAt.next()

    expect(found).toEqual({
      cluster: 'a',
      kind: 'Service',
      problem: 'status.loadBalancer.ingress is no list',
    })
    expect(setUp.fleet.isUp(cluster)).toBe(true)
  })
})

/** Take whatever requests are left, so that the strict servers do not complain about retries. */
async function drain(...apis: readonly ScriptedApi[]): Promise<void> {
  for (const api of apis) for (const wants of api.pending) await api.next(wants)
}

describe('clusters come and go', () => {
  test('indices are dense, and reused only after they were freed', async () => {
    const { fleet } = newFleet()
    const access: ClusterAccess = accessTo(await startApi())
    const far = { ...access, server: 'https://127.0.0.1:1' }

    const [a, b, c] = ['a', 'b', 'c'].map((name) => fleet.add(name, far))
    await fleet.remove('b')
    const d = fleet.add('d', far)
    fleet.free(b!)
    const e = fleet.add('e', far)

    expect([a, b, c, d, e]).toEqual([0, 1, 2, 3, 1])
    expect(fleet.nameOf(b!)).toBe('e')
  })

  test('a name that comes back before its index was freed gets it back', async () => {
    const { fleet } = newFleet()
    const far = { ...accessTo(await startApi()), server: 'https://127.0.0.1:1' }

    const first = fleet.add('a', far)
    await fleet.remove('a')

    expect([fleet.add('a', far), fleet.connections().length]).toEqual([first, 1])
  })

  test('a member cannot be freed, added twice, or replaced when unknown', async () => {
    const { fleet } = newFleet()
    const far = { ...accessTo(await startApi()), server: 'https://127.0.0.1:1' }
    const cluster = fleet.add('a', far)

    fleet.free(cluster)

    expect(fleet.nameOf(cluster)).toBe('a')
    expect(() => fleet.add('a', far)).toThrow(expect.objectContaining({ code: 'CLUSTER_EXISTS' }))
    expect(() => fleet.replace('b', far)).toThrow(expect.objectContaining({ code: 'CLUSTER_UNKNOWN' }))
  })

  test('a removed cluster is gone from every store at once, and its keys are told', async () => {
    const setUp = newFleet()
    const { cluster } = await member(setUp, 'a', '192.0.2.1')
    const told: string[] = []
    setUp.services.onKey((key) => void told.push(`service ${key}`))
    setUp.endpoints.onKey((key) => void told.push(`endpoints ${key}`))
    setUp.services.onState((_, state) => void told.push(state))

    const removing = setUp.fleet.remove('a')

    expect(told).toEqual(['service shop/web', 'gone', 'endpoints shop/web'])
    expect([setUp.services.size, setUp.endpoints.size, setUp.services.state(cluster)]).toEqual([
      0,
      0,
      undefined,
    ])
    expect(setUp.sessions.all.at(-1)).toEqual({ name: 'a', session: undefined })
    await removing
    expect(setUp.clock.pending).toBe(0)
  })

  test('a listener that throws keeps nobody from hearing, and is reported', async () => {
    const setUp = newFleet()
    setUp.fleet.onSession(() => {
      throw new Error('a bug in a listener')
    })
    setUp.services.onKey((_, cluster) => {
      if (!setUp.fleet.isUp(cluster)) throw new Error('another bug')
    })
    await member(setUp, 'a', '192.0.2.1')

    await setUp.fleet.remove('a')

    expect([setUp.services.size, setUp.endpoints.size]).toEqual([0, 0])
    expect(setUp.report.listenerErrors).toContain('a bug in a listener')
    expect(setUp.report.listenerErrors).toContain('another bug')
  })

  test('other credentials: stores keep what they hold, the watch goes on, whoever waits tries at once', async () => {
    const setUp = newFleet()
    const { api, cluster, streams } = await member(setUp, 'a', '192.0.2.1')
    setUp.clock.advance(10_000)
    streams.slices.bookmark('101').end()
    ;(await api.next(SLICES)).status(401, 'Unauthorized')
    await setUp.report.failures.next(({ kind }) => kind === 'EndpointSlice')

    setUp.fleet.replace('a', accessTo(api, 'token-2'))
    const slices = await api.next(SLICES)
    slices
      .open()
      .event('ADDED', rawSlice('web', 'x', { ready: 1 }))
      .bookmark('110', true)
    await setUp.sessions.next(({ session }) => session?.up === true)
    streams.services.event('MODIFIED', rawService('web', '192.0.2.7', { resourceVersion: '111' }))
    await new Promise<void>((resolve) => setUp.services.onKey(() => resolve()))

    expect(slices.headers['authorization']).toBe('Bearer token-2')
    expect(setUp.services.get(shopKey('web'), cluster)).toMatchObject({ a: ['192.0.2.7'] })
    expect(setUp.endpoints.get(shopKey('web'), cluster).ready).toBe(1)
  })
})

describe('another cluster at the address', () => {
  test('nothing of it is read, nothing is absent, until it is accepted', async () => {
    const setUp = newFleet()
    const { api, cluster, streams } = await member(setUp, 'a', '192.0.2.1')
    setUp.clock.advance(10_000)

    api.uid = 'uid-of-another'
    streams.services.bookmark('101').end()
    const { error, delayMs } = await setUp.report.failures.next()
    expect(error).toMatchObject({ code: 'KUBE_IDENTITY_CHANGED' })
    expect([setUp.fleet.isUp(cluster), setUp.services.size]).toEqual([false, 1])
    setUp.clock.advance(delayMs)
    const again = await setUp.report.failures.next()
    expect(again.error instanceof KubeError && again.error.code).toBe('KUBE_IDENTITY_CHANGED')
    expect(api.pending).toEqual([])

    setUp.fleet.get('a')?.acceptIdentity()
    const services = (await api.next(SERVICES)).open()
    services.bookmark('7', true)
    const slices = (await api.next(SLICES)).open()
    slices.bookmark('7', true)
    await setUp.sessions.next(({ session }) => session?.up === true)

    expect([setUp.services.size, setUp.endpoints.size]).toEqual([0, 0])
    expect(setUp.fleet.get('a')?.uid).toBe('uid-of-another')
    await api.next(INGRESSES)
  })

  test('an identity known from an earlier life is held against the first answer', async () => {
    const setUp = newFleet()
    const api = await startApi()

    setUp.fleet.add('a', accessTo(api), 'uid-of-last-week')
    const { error } = await setUp.report.failures.next()

    expect(error).toMatchObject({ code: 'KUBE_IDENTITY_CHANGED' })
    expect(api.pending).toEqual([])
  })
})
