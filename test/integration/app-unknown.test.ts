import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/apiserver/types.ts'
import { DEPLOYMENTS } from '../../src/sandbox/resources.ts'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../support/demo.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'

const { global, europe, east } = DEMO
const BROKEN = 'europe-west1-b'
const EAST_IS_DOWN = [`-> ${east.region}`, `-> ${global}`, CENTRAL, EUROPE]
const EUROPE_IS_DOWN = [`-> ${europe.region}`, `-> ${global}`, CENTRAL, EAST]

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

/** By the cluster's own hand: its API may be out of reach. */
function scale(cluster: string, replicas: number): void {
  const { objects } = app.sandbox.servers.get(cluster)! // a cluster of the world
  const deployment = objects.get(DEPLOYMENTS, 'mynamespace', 'nginx')! // of the demo
  objects.update(DEPLOYMENTS, { ...deployment, spec: { ...(deployment['spec'] as object), replicas } })
}

/** Conditions of an object as `<type>=<status> <reason>`. */
async function conditionsOf(path: string): Promise<readonly string[]> {
  const object = await app.host.get(path)
  const { conditions } = (object['status'] ?? { conditions: [] }) as {
    conditions: { type: string; status: string; reason: string }[]
  }
  return conditions.map(({ type, status: state, reason }) => `${type}=${state} ${reason}`)
}

interface Case {
  readonly name: string
  /** Set one after the other: a reset cuts the watches, so that what follows meets new requests. */
  readonly faults: readonly Fault[]
  /** What the cluster does meanwhile cannot be seen. */
  readonly blind: boolean
  /** How long it lasts. */
  readonly seconds: number
}

const reset: Fault = { kind: 'reset' }
const status = (code: 401 | 403 | 410 | 429 | 500 | 503): Fault => ({
  kind: 'status',
  code,
  retryAfterSeconds: 60,
})
const cases: readonly Case[] = [
  { name: 'hangs', faults: [{ kind: 'hang' }], blind: true, seconds: 100 },
  { name: 'accepts connections and hangs', faults: [reset, { kind: 'hang' }], blind: true, seconds: 100 },
  { name: 'is down', faults: [{ kind: 'down' }], blind: true, seconds: 100 },
  { name: 'cuts every connection', faults: [reset], blind: true, seconds: 20 },
  { name: 'refuses its token', faults: [reset, status(401)], blind: true, seconds: 20 },
  { name: 'forbids everything', faults: [reset, status(403)], blind: true, seconds: 20 },
  { name: 'says that every version is gone', faults: [reset, status(410)], blind: true, seconds: 20 },
  { name: 'wants to be left alone', faults: [reset, status(429)], blind: true, seconds: 20 },
  { name: 'fails', faults: [reset, status(500)], blind: true, seconds: 20 },
  { name: 'is slow', faults: [reset, { kind: 'slow', delayMs: 20_000 }], blind: false, seconds: 20 },
  { name: 'forgets its history', faults: [{ kind: 'compact' }], blind: false, seconds: 10 },
  { name: 'sends what is no object', faults: [reset, { kind: 'malformed' }], blind: false, seconds: 20 },
]

describe('a member that cannot be seen right keeps what it has published, and delays nobody', () => {
  it.each(cases)('that $name', async ({ faults, blind, seconds }) => {
    const hold = app.hold({
      [europe.zone]: [[EUROPE]],
      [europe.region]: [[EUROPE]],
      [global]: [ALL, [CENTRAL, EUROPE]],
      [DEMO.central.zone]: [[CENTRAL]],
    })

    for (const fault of faults) app.fault(BROKEN, fault)
    scale('us-east1-b', 0)
    await app.untilSays(east.zone, EAST_IS_DOWN)
    if (blind) scale(BROKEN, 0)
    await app.pass(seconds)
    scale('us-east1-b', 2)
    await app.untilSays(east.zone, [EAST])
    expect(await app.dns.short(global)).toEqual(ALL)
    const asked = await hold.end()
    scale(BROKEN, 0)
    app.fault(BROKEN)
    await app.untilTime(async () => expect(await app.dns.short(europe.zone)).toEqual(EUROPE_IS_DOWN))
    scale(BROKEN, 2)
    await app.untilTime(async () => expect(await app.dns.short(global)).toEqual(ALL))

    expect(asked).toBeGreaterThan(4)
  })
})

describe('what is said of a member that cannot be seen', () => {
  const RECORD = `${PATH.records}/nginx`
  const CLUSTER = `${PATH.clusters}/${BROKEN}`
  const told: readonly {
    readonly name: string
    readonly fault: Fault
    readonly cluster: readonly string[]
  }[] = [
    {
      name: 'that is down',
      fault: { kind: 'down' },
      cluster: [
        'Ready=Unknown ClusterNotReachable',
        'Offline=True ClusterNotReachable',
        'Watching=False NotSynced',
      ],
    },
    {
      name: 'that hangs',
      fault: { kind: 'hang' },
      cluster: [
        'Ready=Unknown ClusterNotReachable',
        'Offline=True ClusterNotReachable',
        'Watching=False NotSynced',
      ],
    },
    {
      name: 'that fails',
      fault: status(500),
      cluster: ['Ready=False ClusterNotReady', 'Offline=False ClusterReachable'],
    },
  ]

  it.each(told)('$name', async ({ fault, cluster }) => {
    app.fault(BROKEN, fault)

    await app.untilTime(async () =>
      expect(await conditionsOf(CLUSTER)).toEqual(expect.arrayContaining([...cluster])),
    )
    if (cluster.length > 2) {
      await app.untilTime(async () => {
        expect(await conditionsOf(RECORD)).toEqual(
          expect.arrayContaining(['Degraded=True ClustersUnknown', 'Ready=True ShardsFit']),
        )
        const record = await app.host.get(RECORD)
        const { dns } = record['status'] as { dns: readonly Record<string, unknown>[] }
        expect(dns.find((shard) => shard['cluster'] === BROKEN)).toMatchObject({
          state: 'Unknown',
          lastKnown: 'Fit',
          reason: 'SessionLost',
          published: true,
          loadBalancer: { ingress: [{ ip: EUROPE }] },
        })
      })
    }
    app.fault(BROKEN)
    await app.untilTime(async () => {
      expect(await conditionsOf(CLUSTER)).toEqual(
        expect.arrayContaining([
          'Ready=True ClusterReady',
          'Offline=False ClusterReachable',
          'Watching=True Synced',
        ]),
      )
      expect(await conditionsOf(RECORD)).toContain('Degraded=False AllKnown')
    })
    expect(await app.dns.short(global)).toEqual(ALL)
  })
})
