import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../support/demo.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'

const { global, europe } = DEMO
const NAME = 'europe-west1-b'
const CLUSTER = `${PATH.clusters}/${NAME}`
const SECRET = `${PATH.secrets}/${NAME}-token`

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

/** As a user would apply it again: without what the server has added. */
function fresh(object: KubeObject): KubeObject {
  const { name, namespace, labels } = object.metadata
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
  }
  return { ...object, metadata, status: undefined }
}

async function conditionsOf(path: string): Promise<readonly string[]> {
  const object = await app.host.get(path)
  const { conditions = [] } = (object['status'] ?? {}) as {
    conditions?: { type: string; status: string; reason: string }[]
  }
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a member that leaves', () => {
  it('takes its addresses along; its zone and region stay names that alias upward', async () => {
    const cluster = fresh(await app.host.get(CLUSTER))

    await app.host.remove(CLUSTER)
    await app.untilSays(global, [CENTRAL, EAST])

    await app.untilSays(europe.region, [`-> ${global}`, CENTRAL, EAST])
    await app.untilSays(europe.zone, [`-> ${europe.region}`, `-> ${global}`, CENTRAL, EAST])
    await app.untilTime(async () => {
      const { status } = await app.host.get(`${PATH.records}/nginx`)
      expect(status).toMatchObject({
        healthy: '2/2',
        dns: [
          expect.objectContaining({ cluster: 'us-central1-a' }),
          expect.objectContaining({ cluster: 'us-east1-b' }),
        ],
      })
    })

    await app.host.create(PATH.clusters, cluster)
    await app.untilSays(europe.zone, [EUROPE])
    await app.untilSays(global, ALL)
  })

  it('while it hangs is gone at once, too', async () => {
    const cluster = fresh(await app.host.get(CLUSTER))
    app.fault(NAME, { kind: 'hang' })
    await app.pass(100)
    expect(await app.dns.short(global)).toEqual(ALL)

    await app.host.remove(CLUSTER)
    await app.untilSays(global, [CENTRAL, EAST])

    await app.host.create(PATH.clusters, cluster)
    await app.pass(20)
    expect(await app.dns.short(global)).toEqual([CENTRAL, EAST])
    app.fault(NAME)
    await app.untilTime(async () => expect(await app.dns.short(global)).toEqual(ALL))
  })
})

describe('a member whose Secret changes', () => {
  it('to a token that is wrong: nothing is lost, the conditions say what to do; corrected, it is followed again', async () => {
    const { token } = app.sandbox.servers.get(NAME)! // a cluster of the world
    const hold = app.hold({ [global]: [ALL], [europe.zone]: [[EUROPE]] })

    await app.host.merge(SECRET, { data: { token: base64('wrong') } })
    app.fault(NAME, { kind: 'reset' }) // the watches that stand were allowed with the token before
    app.fault(NAME)
    await app.untilTime(async () =>
      expect(await conditionsOf(CLUSTER)).toEqual(
        expect.arrayContaining([
          'Ready=False ClusterNotReady',
          'Offline=False ClusterReachable',
          'Watching=False NotSynced',
        ]),
      ),
    )
    const conditions = (await app.host.get(CLUSTER))['status'] as {
      conditions: { type: string; message: string }[]
    }
    expect(conditions.conditions.find(({ type }) => type === 'Ready')?.message).toMatch(/401.*token/)
    const asked = await hold.end()

    await app.host.merge(SECRET, { data: { token: base64(token) } })
    await app.untilTime(async () =>
      expect(await conditionsOf(CLUSTER)).toEqual(
        expect.arrayContaining(['Ready=True ClusterReady', 'Watching=True Synced']),
      ),
    )
    await app.member(NAME).merge(`${PATH.deployments}/nginx/scale`, { spec: { replicas: 0 } })
    await app.untilSays(global, [CENTRAL, EAST])
    await app.member(NAME).merge(`${PATH.deployments}/nginx/scale`, { spec: { replicas: 2 } })
    await app.untilSays(global, ALL)
    expect(asked).toBeGreaterThan(2)
  })

  it('that loses its Secret: nothing is lost, and the condition names the Secret', async () => {
    const secret = fresh(await app.host.get(SECRET))
    const hold = app.hold({ [global]: [ALL], [europe.zone]: [[EUROPE]] })

    await app.host.remove(SECRET)
    await app.untilTime(async () =>
      expect(await conditionsOf(CLUSTER)).toContain('ConfigMalformed=True MalformedClusterConfig'),
    )
    const { conditions } = (await app.host.get(CLUSTER))['status'] as {
      conditions: { type: string; message: string }[]
    }
    expect(conditions.find(({ type }) => type === 'ConfigMalformed')?.message).toContain(`${NAME}-token`)
    await app.pass(100)
    await hold.end()

    await app.host.create(PATH.secrets, secret)
    await app.untilTime(async () =>
      expect((await conditionsOf(CLUSTER)).join()).not.toContain('ConfigMalformed'),
    )
    expect(await app.dns.short(global)).toEqual(ALL)
  })
})

describe('a member that is somewhere else', () => {
  it('by its labels moves its names, and the former ones alias upward', async () => {
    const zone = 'nginx.mynamespace.myfederation.svc.zone-7.moon.example.com'
    await app.host.merge(CLUSTER, {
      metadata: {
        labels: { 'topology.kubernetes.io/region': 'Moon', 'topology.kubernetes.io/zone': 'zone-7' },
      },
    })
    await app.untilSays(zone, [EUROPE])

    await app.untilSays(europe.region, [`-> ${global}`, ...ALL])
    await app.untilSays(global, ALL)

    await app.host.merge(CLUSTER, {
      metadata: { labels: { 'topology.kubernetes.io/region': null, 'topology.kubernetes.io/zone': null } },
    })
    await app.untilSays(europe.zone, [EUROPE])
  })
})

describe('a member with an address where another cluster answers', () => {
  it('is that other cluster from then on', async () => {
    const { spec } = await app.host.get(CLUSTER)
    const other = await app.host.get(`${PATH.clusters}/us-east1-b`)
    const { apiEndpoint, caBundle, secretRef } = other['spec'] as Record<string, unknown>

    await app.host.merge(CLUSTER, { spec: { apiEndpoint, caBundle, secretRef } })
    await app.untilSays(europe.zone, [EAST])
    await app.untilSays(global, [CENTRAL, EAST])

    await app.host.merge(CLUSTER, { spec })
    await app.untilSays(global, ALL)
  })
})
