import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/apiserver/types.ts'
import { DEPLOYMENTS, SERVICES } from '../../src/sandbox/resources.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { PATH, serviceRecord } from '../support/demo.ts'
import { demoClusters, startApp, type Allowed, type App } from '../support/sandbox-harness.ts'

const BROKEN = 'europe-west1-b'
const world = parseWorld({
  clusters: demoClusters(),
  services: [
    { namespace: 'mynamespace', name: 'nginx', ipFamilies: ['IPv4', 'IPv6'] },
    { namespace: 'mynamespace', name: 'hosted', loadBalancer: 'hostname' },
    { namespace: 'mynamespace', name: 'tomcat', clusters: [BROKEN] },
  ],
  ingresses: [{ namespace: 'mynamespace', name: 'shop', hosts: ['shop.example.com'], service: 'nginx' }],
})
const places = [
  '',
  'us-central1.',
  'us-central1-a.us-central1.',
  'europe-west1.',
  'europe-west1-b.europe-west1.',
]
const names = ['nginx', 'hosted', 'tomcat']
  .flatMap((service) => places.map((place) => `${service}.mynamespace.myfederation.svc.${place}example.com`))
  .concat('nginx.mynamespace.myfederation', 'shop.example.com')
const TOMCAT = 'tomcat.mynamespace.myfederation.svc.example.com'

let app: App
beforeAll(async () => {
  app = await startApp({ world })
  await app.untilSays('hosted.mynamespace.myfederation.svc.example.com', [
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
  ])
})
afterAll(() => app.close())

/** What all names say, in both families. */
async function everything(): Promise<Readonly<Record<string, readonly string[]>>> {
  const said: Record<string, readonly string[]> = {}
  for (const name of names) {
    for (const type of ['A', 'AAAA']) said[`${name} ${type}`] = await app.dns.short(name, type)
  }
  return said
}

async function statusOf(name: string): Promise<Record<string, unknown>> {
  return ((await app.host.get(`${PATH.records}/${name}`))['status'] ?? {}) as Record<string, unknown>
}

/** Everything that was decided is written down. */
async function settled(): Promise<void> {
  await app.untilTime(async () => {
    for (const {
      metadata: { name },
    } of await app.host.list(PATH.records)) {
      expect(await statusOf(name)).toMatchObject({
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'Degraded', status: 'False' }),
          expect.objectContaining({ type: 'DNSEndpointWritten', status: 'True' }),
        ]),
      })
    }
  })
  await app.pass(4)
}

/** SERVFAIL until the new process knows, then these answers and no others. @returns how often was asked */
async function restartSaying(
  before: Readonly<Record<string, readonly string[]>>,
  meanwhile?: () => Promise<void>,
): Promise<number> {
  await app.stopController()
  await meanwhile?.()
  await app.startController()
  const allowed: Allowed = Object.fromEntries(
    names.map((name) => [name, [before[`${name} A`] ?? [], ['SERVFAIL']]]),
  )
  const hold = app.hold(allowed)
  await app.instance.controlPlane.serving
  expect(await everything()).toEqual(before)
  await app.pass(20)
  const asked = await hold.end()
  expect(await everything()).toEqual(before)
  return asked
}

describe('a controller that is started again', () => {
  beforeEach(settled)

  it('gives the same answers at once', async () => {
    expect(await restartSaying(await everything())).toBeGreaterThan(names.length)
  })

  it('gives the same answers at once where only the records tell of regions and zones, a member hanging', async () => {
    const before = await everything()

    const asked = await restartSaying(before, async () => {
      const status = { region: null, zones: null, conditions: null } // as where the host was lost before that was written
      for (const { metadata } of await app.host.list(PATH.clusters)) {
        const path = `${PATH.clusters}/${metadata.name}/status`
        await app.host.ask('PATCH', path, { status }, 'application/merge-patch+json')
      }
      app.fault(BROKEN, { kind: 'hang' })
    })

    expect(asked).toBeGreaterThan(names.length)
    app.fault(BROKEN)
  })

  const faults: readonly { readonly name: string; readonly fault: Fault }[] = [
    { name: 'hangs', fault: { kind: 'hang' } },
    { name: 'is down', fault: { kind: 'down' } },
    { name: 'refuses its token', fault: { kind: 'status', code: 401 } },
    { name: 'lists nothing but what is no object', fault: { kind: 'malformed' } },
  ]

  it.each(faults)('gives the same answers at once while a member $name, and says so', async ({ fault }) => {
    const before = await everything()
    app.fault(BROKEN, fault)

    await restartSaying(before)

    if (fault.kind !== 'malformed') {
      await app.untilTime(async () => {
        expect(await statusOf('nginx')).toMatchObject({
          conditions: expect.arrayContaining([
            expect.objectContaining({ type: 'Degraded', status: 'True', reason: 'ClustersUnknown' }),
            expect.objectContaining({ type: 'Ready', status: 'True' }),
          ]),
          dns: expect.arrayContaining([
            expect.objectContaining({
              ...{ cluster: BROKEN, state: 'Unknown', lastKnown: 'Fit', published: true },
              loadBalancer: { ingress: [{ ip: '203.0.113.2' }, { ip: '2001:db8:3::1' }] },
            }),
          ]),
        })
      })
      expect(await everything()).toEqual(before)
    }
    app.fault(BROKEN)
    await settled()
    expect(await everything()).toEqual(before)
  })

  it('gives them a second time, out of what the one before wrote about a member that hangs', async () => {
    const before = await everything()
    app.fault(BROKEN, { kind: 'hang' })

    await restartSaying(before)
    await app.pass(10)
    await restartSaying(before)

    app.fault(BROKEN)
    await settled()
    expect(await everything()).toEqual(before)
  })

  it('says SERVFAIL and is not ready for as long as it cannot read the host, and refuses nothing', async () => {
    const before = await everything()
    await app.stopController()
    app.fault('host', { kind: 'hang' })
    await app.startController()

    for (const name of [...names, 'example.com', 'other.org'])
      expect(await app.dns.short(name)).toEqual(['SERVFAIL'])
    expect((await fetch(`${app.instance.http.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${app.instance.http.url}/healthz`)).status).toBe(200)

    app.fault('host')
    await app.instance.controlPlane.serving
    expect(await everything()).toEqual(before)
    expect(await app.dns.short('other.org')).toEqual(['REFUSED'])
    expect((await fetch(`${app.instance.http.url}/readyz`)).status).toBe(200)
  })

  it('does at once what was done while nobody looked', async () => {
    await app.stopController()
    const { objects } = app.sandbox.servers.get(BROKEN)! // a cluster of the world
    objects.delete(SERVICES, 'mynamespace', 'tomcat')
    await app.host.remove(`${PATH.records}/hosted`)
    await app.startController()
    await app.instance.controlPlane.serving

    await app.untilSays(TOMCAT, ['NODATA'])
    expect(await app.dns.short('hosted.mynamespace.myfederation.svc.example.com')).toEqual(['NXDOMAIN'])
    await app.untilTime(async () =>
      expect((await app.host.list(PATH.endpoints)).map(({ metadata }) => metadata.name)).toEqual([
        'ingress-shop',
        'service-nginx',
        'service-tomcat',
      ]),
    )
  })

  it('keeps the last known good addresses of a service without any endpoint', async () => {
    await app.host.create(PATH.records, serviceRecord('hosted'))
    await app.untilTime(async () => expect(await statusOf('hosted')).toMatchObject({ healthy: '3/3' }))
    for (const cluster of ['us-central1-a', 'us-east1-b', BROKEN]) {
      const { objects } = app.sandbox.servers.get(cluster)! // a cluster of the world
      const deployment = objects.get(DEPLOYMENTS, 'mynamespace', 'hosted')! // of the world
      objects.update(DEPLOYMENTS, { ...deployment, spec: { ...(deployment['spec'] as object), replicas: 0 } })
    }
    await app.untilTime(async () => expect(await statusOf('hosted')).toMatchObject({ healthy: '0/3' }))
    const before = await everything()
    expect(before['hosted.mynamespace.myfederation.svc.example.com A']).toHaveLength(3)
    app.fault(BROKEN, { kind: 'down' })

    await restartSaying(before)
  })
})
