import { afterEach, describe, expect, it } from 'vitest'
import { emptyWorld } from '../../src/sandbox/world/demo-world.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, CENTRAL, DEMO, domain, EAST, EUROPE, PATH, serviceRecord } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

let app: App
afterEach(() => app.close())

describe('a first start', () => {
  it('with one member is ready when that has listed, not before', async () => {
    app = await startApp({
      world: parseWorld({
        clusters: [{ name: 'only', region: 'here', zones: ['now'] }],
        services: [{ namespace: 'mynamespace', name: 'nginx' }],
      }),
    })

    expect(await app.dns.short(DEMO.global)).toEqual([CENTRAL])
    expect(await app.dns.short('nginx.mynamespace.myfederation.svc.now.here.example.com')).toEqual([CENTRAL])
  })

  it('with nothing in it is ready, refuses everything, and serves what is applied then', async () => {
    app = await startApp({ world: emptyWorld() })
    expect(await app.dns.short(DEMO.global)).toEqual(['REFUSED'])

    await app.host.create(PATH.domains, domain('myfederation', 'example.com'))
    await app.untilSays('example.com', ['NODATA'])
    expect(await app.dns.short(DEMO.global)).toEqual(['NXDOMAIN'])

    for (const name of ['host', 'us-east1-b']) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mynamespace' } }
      const client = name === 'host' ? app.host : app.member(name)
      await client.create('/api/v1/namespaces', namespace)
    }
    await app.host.create(PATH.records, serviceRecord('nginx', { allowServiceWithoutEndpoints: true }))
    await app.untilSays(DEMO.global, ['NODATA'])
    await app.member('us-east1-b').create(PATH.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'nginx', namespace: 'mynamespace' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    })
    await app.untilSays(DEMO.global, [EAST])
    expect(await app.dns.short(DEMO.east.zone)).toEqual([EAST])
  })

  it('waits five seconds for a member of which nothing is known, then goes on without it', async () => {
    const world = parseWorld({
      clusters: demoClusters(),
      services: ['nginx', 'tomcat'].map((name) => ({ namespace: 'mynamespace', name })),
      records: [{ namespace: 'mynamespace', name: 'nginx' }],
    })
    const tomcat = DEMO.global.replace('nginx', 'tomcat')
    app = await startApp({ world })
    await app.untilTime(async () => {
      expect((await app.host.get(`${PATH.records}/nginx`))['status']).toMatchObject({ healthy: '3/3' })
      for (const { status } of await app.host.list(PATH.clusters))
        expect(status).toMatchObject({ region: expect.any(String) })
    })
    await app.stopController()
    await app.host.create(PATH.records, serviceRecord('tomcat'))
    app.fault('europe-west1-b', { kind: 'hang' })

    await app.startController()
    await app.pass(2)
    expect(await app.dns.short(tomcat)).toEqual(['SERVFAIL'])
    await app.pass(6)
    await app.instance.controlPlane.serving

    expect(await app.dns.short(tomcat)).toEqual(['192.0.2.2', '198.51.100.2'])
    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
    expect(await app.dns.short(DEMO.europe.zone)).toEqual([EUROPE])
    app.fault('europe-west1-b')
    await app.untilTime(async () => expect(await app.dns.short(tomcat)).toContain('203.0.113.2'))
  })
})
