import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectKey, type ObjectKey } from '../../../../src/api/keys.ts'
import { stepArbitrary, worldArbitrary } from '../../../support/arbitrary-world.ts'
import {
  NO_PAST,
  oracle,
  type OracleIngress,
  type OraclePast,
  type OracleRecord,
  type OracleService,
  type OracleTarget,
  type OracleWorld,
} from '../../../support/oracle.ts'
import { targets } from '../../controllers/fakes.ts'
import { turns, WiredDiscovery } from './wired-discovery.ts'

const CLUSTERS = ['c0', 'c1', 'c2', 'c3']

/** Who has a name is another property's business: here every record has names of its own, and no address has a name. */
function withoutRivals(world: OracleWorld): OracleWorld {
  const plain = (ingress: readonly OracleTarget[]): readonly OracleTarget[] =>
    ingress.filter(({ ip }) => ip !== undefined)
  return {
    ...world,
    services: world.services.map((service) => ({ ...service, ingress: plain(service.ingress) })),
    ingresses: (world.ingresses ?? []).map((ingress) => ({ ...ingress, ingress: plain(ingress.ingress) })),
    records: world.records.map((record) => {
      const { dnsPrefix: _, externalName: __, ...plainRecord } = record
      return { ...plainRecord, hosts: [`${record.name}-${record.namespace}.example.com`] }
    }),
  }
}

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): ObjectKey =>
  objectKey(namespace, name)

/** Puts a world into the stores the way watches would: only what differs, and nothing of a cluster that cannot be seen. */
class WorldFeeder {
  readonly wired = new WiredDiscovery()
  #before: OracleWorld = { federation: 'fed', domain: 'example.com', clusters: [], services: [], records: [] }
  readonly #shown = new Set<string>()

  constructor() {
    this.wired.domain('fed', { domain: 'example.com' })
    this.wired.discovery.start()
  }

  async show(world: OracleWorld): Promise<void> {
    const { aliasAs } = world
    if (aliasAs !== undefined && aliasAs !== this.#before.aliasAs) {
      this.wired.domain('fed', { domain: 'example.com', aliasAs })
    }
    this.#records(world)
    this.#members(world)
    for (const { name, reachable } of world.clusters) if (reachable) this.#objects(world, name)
    this.#before = world
    await turns()
  }

  #members(world: OracleWorld): void {
    const { wired } = this
    for (const name of wired.members.keys()) {
      if (world.clusters.some((cluster) => cluster.name === name)) continue
      wired.leave(name)
      for (const cell of this.#shown) if (cell.startsWith(`${name} `)) this.#shown.delete(cell)
    }
    for (const { name, reachable, region, zones } of world.clusters) {
      const index = CLUSTERS.indexOf(name)
      const wasLost = wired.sessions.lost.has(index)
      if (reachable) wired.sessions.lost.delete(index)
      else if (!wasLost) wired.sessions.lost.set(index, wired.clock.nowMs())
      wired.member(index, name, region === undefined ? { zones } : { region, zones })
      wired.discovery.sessionTurned(wired.members.get(name)!.index) // just made
    }
  }

  /** All that a cluster shows; what it showed before and does not any more is gone. */
  #objects(world: OracleWorld, cluster: string): void {
    const index = CLUSTERS.indexOf(cluster)
    const cells = new Set<string>()
    const mine = <T extends { readonly cluster: string }>(all: readonly T[]): readonly T[] =>
      all.filter((object) => object.cluster === cluster)
    for (const service of mine(world.services)) {
      cells.add(`${cluster} service ${keyOf(service)}`)
      this.wired.service(keyOf(service), index, { ...factsOf(service), clusterIps: [] })
      this.wired.endpoints(keyOf(service), index, service)
    }
    for (const ingress of mine(world.ingresses ?? [])) {
      cells.add(`${cluster} ingress ${keyOf(ingress)}`)
      this.wired.ingress(keyOf(ingress), index, { ...factsOf(ingress), backends: ingress.backends })
    }
    for (const cell of this.#shown) {
      if (!cell.startsWith(`${cluster} `) || cells.has(cell)) continue
      const [, kind, key] = cell.split(' ')
      if (kind === 'service') this.wired.service(key as ObjectKey, index, undefined)
      else this.wired.ingress(key as ObjectKey, index, undefined)
      this.#shown.delete(cell)
    }
    for (const cell of cells) this.#shown.add(cell)
  }

  #records(world: OracleWorld): void {
    const { wired } = this
    for (const record of this.#before.records) {
      if (world.records.some((other) => other.kind === record.kind && keyOf(other) === keyOf(record)))
        continue
      const { serviceRecords, ingressRecords } = wired.host
      wired.removeFrom(record.kind === 'ServiceDNSRecord' ? serviceRecords : ingressRecords, keyOf(record))
    }
    for (const record of world.records) if (!this.#before.records.includes(record)) this.#record(record)
  }

  #record(record: OracleRecord): void {
    const { recordTTL = 0, allowServiceWithoutEndpoints = false, hosts = [], whenAllUnhealthy } = record
    const routing = whenAllUnhealthy === undefined ? {} : { routing: { whenAllUnhealthy } }
    if (record.kind === 'IngressDNSRecord')
      this.wired.ingressRecord(keyOf(record), hosts, { spec: { recordTTL, ...routing } })
    else this.wired.serviceRecord(keyOf(record), { recordTTL, allowServiceWithoutEndpoints, ...routing })
  }
}

function factsOf({ ingress, deleting = false }: OracleService | OracleIngress) {
  return { ...targets(...new Set(ingress.flatMap(({ ip }) => ip ?? []))), hosts: [], deleting }
}

function insteadWords(
  instead: { readonly a: readonly string[]; readonly aaaa: readonly string[] } | undefined,
) {
  return instead === undefined ? '' : ` [${[...instead.a, ...instead.aaaa].join(' ')}]`
}

describe('properties', () => {
  it('after any history of events, every name says what the rules say of the world as it is seen', async () => {
    await fc.assert(
      fc.asyncProperty(worldArbitrary, fc.array(stepArbitrary, { maxLength: 8 }), async (first, walk) => {
        const feeder = new WorldFeeder()
        let past: OraclePast = NO_PAST
        let world = first
        for (const step of [(now: OracleWorld) => now, ...walk]) {
          world = step(world)
          const shown = withoutRivals(world)
          await feeder.show(shown)
          const verdict = oracle(shown, past)
          past = verdict.past

          const { ledger } = feeder.wired.discovery
          const said = [...ledger.names()].sort().map((name) => [name, feeder.wired.says(name)])
          const want = [...verdict.names].map(([name, saying]) => [
            name,
            saying.kind === 'alias'
              ? `alias ${saying.target}${insteadWords(saying.instead)}`
              : [...saying.a, ...saying.aaaa].join(' ') || 'nothing',
          ])
          expect(Object.fromEntries(said)).toEqual(Object.fromEntries(want))
        }
        expect(feeder.wired.failures).toEqual([])
        feeder.wired.discovery.stop()
      }),
      { numRuns: 100 },
    )
  })
})
