import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH, serviceRecord } from '../support/demo.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

const { global, europe, east } = DEMO
const CLUSTERS = ['us-central1-a', 'us-east1-b', 'europe-west1-b']
const RECORD = `${PATH.records}/nginx`
const world = parseWorld({
  clusters: demoClusters(),
  services: [
    { namespace: 'mynamespace', name: 'nginx' },
    { namespace: 'mynamespace', name: 'tomcat', ready: false },
  ],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})

let app: App
beforeAll(async () => {
  app = await startApp({ world })
})
afterAll(() => app.close())

const scale = (cluster: string, replicas: number) =>
  app.member(cluster).merge(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

async function conditionsOf(path: string): Promise<readonly string[]> {
  const { status } = await app.host.get(path)
  const { conditions } = status as { conditions: { type: string; status: string; reason: string }[] }
  return conditions.map(({ type, status: state, reason }) => `${type}=${state} ${reason}`)
}

describe('a service without a fit shard', () => {
  it('keeps the addresses of all that have it, zones and regions aliasing to them', async () => {
    await scale('us-central1-a', 0)
    await scale('us-east1-b', 0)
    await app.untilSays(global, [EUROPE])

    await scale('europe-west1-b', 0)
    await app.untilSays(global, ALL)

    expect(await app.dns.short(europe.zone)).toEqual([`-> ${europe.region}`, `-> ${global}`, ...ALL])
    await app.untilTime(async () => {
      expect(await conditionsOf(RECORD)).toEqual(
        expect.arrayContaining(['Degraded=True LastKnownGood', 'Ready=False LastKnownGood']),
      )
      expect((await app.host.get(RECORD))['status']).toMatchObject({
        healthy: '0/3',
        endpoints: 0,
        addresses: ALL,
      })
      const reasons = (await app.host.list(PATH.events)).map(
        (event) => `${String(event['type'])} ${String(event['reason'])}`,
      )
      expect(reasons).toContain('Warning LastKnownGood')
    })
  })

  it('loses the address of one whose Service goes all the same', async () => {
    const service = await app.member('us-east1-b').get(`${PATH.services}/nginx`)
    await app.member('us-east1-b').remove(`${PATH.services}/nginx`)
    await app.untilSays(global, [CENTRAL, EUROPE])

    await app.member('us-east1-b').create(PATH.services, {
      ...service,
      metadata: { name: 'nginx', namespace: 'mynamespace' },
      spec: { type: 'LoadBalancer', selector: { app: 'nginx' }, ports: [{ port: 80 }], loadBalancerIP: EAST },
      status: {},
    })
    await app.until(async () => expect(await app.dns.short(global)).toHaveLength(3))
  })

  it('gives no address when its record asks for that', async () => {
    await app.host.merge(RECORD, { spec: { routing: { whenAllUnhealthy: 'Empty' } } })
    await app.untilSays(global, ['NODATA'])

    expect(await app.dns.short(europe.zone)).toEqual([`-> ${europe.region}`, `-> ${global}`])
    await app.untilTime(async () => expect(await conditionsOf(RECORD)).toContain('Ready=False AllUnhealthy'))

    await app.host.merge(RECORD, { spec: { routing: null } })
    await app.until(async () => expect(await app.dns.short(global)).toHaveLength(3))
  })

  it('is published again by the first shard that is fit', async () => {
    await scale('us-east1-b', 1)
    await app.until(async () => expect(await app.dns.short(east.zone)).toHaveLength(1))

    expect(await app.dns.short(global)).toHaveLength(1)
    await Promise.all(CLUSTERS.map((cluster) => scale(cluster, 1)))
    await app.until(async () => expect(await app.dns.short(global)).toHaveLength(3))
    await app.untilTime(async () =>
      expect(await conditionsOf(RECORD)).toEqual(
        expect.arrayContaining(['Degraded=False AllKnown', 'Ready=True ShardsFit']),
      ),
    )
  })
})

describe('a service that never had a fit shard', () => {
  const NAME = 'tomcat.mynamespace.myfederation.svc.example.com'

  it('publishes nothing, exists, and says why', async () => {
    await app.host.create(PATH.records, serviceRecord('tomcat'))
    await app.untilSays(NAME, ['NODATA'])

    await app.untilTime(async () =>
      expect(await conditionsOf(`${PATH.records}/tomcat`)).toContain('Ready=False NeverFit'),
    )
  })

  it('is published whatever its endpoints say when its record asks for that', async () => {
    await app.host.merge(`${PATH.records}/tomcat`, { spec: { allowServiceWithoutEndpoints: true } })

    await app.until(async () => expect(await app.dns.short(NAME)).toHaveLength(3))
  })
})
