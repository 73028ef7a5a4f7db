import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IngressDNSStatus, ServiceDNSStatus } from '../../../src/api/dns-status.ts'
import { objectKey, ownerKey, type ClusterIndex } from '../../../src/api/keys.ts'
import { planIngressStatus, planServiceStatus } from '../../../src/controllers/plan-status.ts'
import type { StatusInput } from '../../../src/controllers/status-input.ts'
import { toldBy } from '../../../src/controllers/restore.ts'
import { namesThatCarried } from '../../../src/core/discovery/answers/carried.ts'
import { decide } from '../../../src/core/discovery/decide.ts'
import { decideHosts } from '../../../src/core/discovery/ingress.ts'
import {
  emptyHostsMemory,
  emptyMemory,
  restoreMemory,
  restoreServiceMemory,
} from '../../../src/core/discovery/memory.ts'
import { saidByHosts, saidByService, type Saying } from '../../../src/core/discovery/said.ts'
import type { HostsMemory, ServiceMemory, Topology } from '../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import { stepArbitrary, worldArbitrary } from '../../support/arbitrary-world.ts'
import type { OracleWorld } from '../../support/oracle.ts'
import { WorldDriver } from '../core/discovery/drive-world.ts'
import { wordsOf } from '../writers/embedded/recording-zones.ts'
import { at, targets } from './fakes.ts'

describe('toldBy', () => {
  const indexOf = (cluster: string): ClusterIndex | undefined =>
    cluster === 'gone' ? undefined : at(Number(cluster.slice(1)))
  type Entry = NonNullable<IngressDNSStatus['dns']>[number]
  const fit: Entry = {
    cluster: 'c1',
    loadBalancer: {
      ingress: [
        { ip: '192.0.2.9' },
        { ip: '2001:db8::1' },
        { ip: '192.0.2.10' },
        { hostname: 'lb.example.net' },
      ],
    },
    state: 'Fit',
    since: '2026-01-01T00:00:01Z',
    published: true,
  }
  const rows: readonly {
    readonly name: string
    readonly in: IngressDNSStatus | undefined
    readonly want: ReturnType<typeof toldBy>
  }[] = [
    { name: 'nothing from no status', in: undefined, want: { shards: [], carried: [], onceFit: false } },
    { name: 'nothing from an empty one', in: {}, want: { shards: [], carried: [], onceFit: false } },
    {
      name: 'state, age and addresses of each cluster',
      in: { dns: [fit] },
      want: {
        shards: [
          {
            cluster: at(1),
            state: 'Fit',
            lastKnown: undefined,
            sinceSeconds: Date.UTC(2026, 0, 1, 0, 0, 1) / 1000,
            targets: targets('192.0.2.9', '192.0.2.10', '2001:db8::1'),
          },
        ],
        carried: [],
        onceFit: true,
      },
    },
    {
      name: 'no cluster that is no member any more, but that it was fit',
      in: { dns: [{ ...fit, cluster: 'gone' }] },
      want: { shards: [], carried: [], onceFit: true },
    },
    {
      name: 'no entry that KubeFed wrote: it has no state',
      in: { dns: [{ cluster: 'c1', loadBalancer: {} }] },
      want: { shards: [], carried: [], onceFit: false },
    },
    {
      name: 'no address that is none, and no time that is none',
      in: {
        dns: [
          {
            cluster: 'c0',
            loadBalancer: { ingress: [{ ip: 'x' }, {}] },
            state: 'Unknown',
            lastKnown: 'Unfit',
            since: 'yesterday',
          },
        ],
      },
      want: {
        shards: [{ cluster: at(0), state: 'Unknown', lastKnown: 'Unfit', sinceSeconds: 0 }],
        carried: [],
        onceFit: false,
      },
    },
    {
      name: 'each name that has an address, or had one before it became an alias',
      in: {
        answers: [
          { name: 'x.example.com', type: 'A', targets: ['192.0.2.1'] },
          { name: 'x.example.com', type: 'AAAA', targets: ['2001:db8::1'] },
          { name: 'y.example.com', type: 'CNAME', targets: ['x.example.com'], carried: true },
          { name: 'z.example.com', type: 'CNAME', targets: ['x.example.com'] },
          { name: 'no..name', type: 'A', targets: ['192.0.2.1'] },
        ],
      },
      want: {
        shards: [],
        carried: ['x.example.com.', 'y.example.com.'].map(parseDomainName),
        onceFit: false,
      },
    },
    {
      name: 'that it was fit once, where nothing is published now',
      in: { lastGood: ['192.0.2.1'] },
      want: { shards: [], carried: [], onceFit: true },
    },
  ]
  for (const row of rows) it(`tells ${row.name}`, () => expect(toldBy(row.in, indexOf)).toEqual(row.want))
})

describe('properties', () => {
  const walks = fc.array(stepArbitrary, { maxLength: 10 })

  /** What a process that starts says, with every cluster out of sight and nothing but the status to go by. */
  function afterRestart(
    memory: ServiceMemory | HostsMemory,
    { driver, world }: { readonly driver: WorldDriver; readonly world: OracleWorld },
  ): { readonly said: readonly Saying[]; readonly onceFit: boolean } {
    const input: StatusInput = {
      memory,
      shards: world.clusters.map(({ name }) => ({
        cluster: driver.indexOf(name),
        name,
        hosts: [],
        readyEndpoints: 0,
      })),
      ...{ conflicts: [], rejected: [], generation: 1, now: '2026-01-01T00:00:00Z' },
      said: 'names' in memory ? saidByService(memory) : saidByHosts(memory),
      carried: 'names' in memory ? namesThatCarried(memory) : [],
    }
    const members = world.clusters.map(({ name }) => driver.indexOf(name))
    const told = (status: IngressDNSStatus | ServiceDNSStatus) =>
      toldBy(structuredClone(status), (name) => driver.indexOf(name))
    const common = { owner: ownerKey('Test', objectKey('n', 'x')), dirty: 'all', nowMs: 0 } as const
    const shard = () => ({ kind: 'unknown', sinceMs: 0, probe: 'none' }) as const
    if ('names' in memory) {
      const topology = driver.topology as Topology // planned with the first world
      const past = restoreServiceMemory(
        emptyMemory(topology),
        told(planServiceStatus({ ...input, domain: topology.domain }, undefined)),
      )
      const { spec } = memory.decidedFor! // decided at least once
      const next = decide({ ...common, spec, topology, shard }, past).memory
      return { said: saidByService(next), onceFit: next.onceFit }
    }
    const past = restoreMemory(emptyHostsMemory(), told(planIngressStatus(input, undefined)))
    const { hosts, routing, answer } = memory
    const ttlSeconds = answer?.kind === 'addresses' ? answer.ttlSeconds : 0
    const next = decideHosts({ ...common, hosts, members, ttlSeconds, routing: routing!, shard }, past).memory // decided, so routed
    return { said: saidByHosts(next), onceFit: next.onceFit }
  }

  const words = (said: readonly Saying[]): Record<string, string> =>
    Object.fromEntries(said.map(({ name, answer }) => [name, wordsOf(answer)] as const))

  it('status planned from memory and read again gives the same answers, though no cluster can be seen', () => {
    fc.assert(
      fc.property(worldArbitrary, walks, (first, walk) => {
        const driver = new WorldDriver()
        const world = walk.reduce((now, step) => {
          driver.apply(now)
          return step(now)
        }, first)
        driver.apply(world)
        for (const record of world.records) {
          const memory = driver.memoryOf(record) as ServiceMemory | HostsMemory
          const said = 'names' in memory ? saidByService(memory) : saidByHosts(memory)

          const again = afterRestart(memory, { driver, world })

          expect(words(again.said)).toEqual(words(said))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('whether a record was once fit survives, unless it never published anything of that', () => {
    fc.assert(
      fc.property(worldArbitrary, walks, (first, walk) => {
        const driver = new WorldDriver()
        const world = walk.reduce((now, step) => {
          driver.apply(now)
          return step(now)
        }, first)
        driver.apply(world)
        for (const record of world.records) {
          const memory = driver.memoryOf(record) as ServiceMemory | HostsMemory
          if (memory.tier === 'none') continue

          expect(afterRestart(memory, { driver, world }).onceFit).toBe(memory.onceFit)
        }
      }),
      { numRuns: 100 },
    )
  })
})
