import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ServiceDNSStatus } from '../../../src/api/dns-status.ts'
import { planServiceStatus } from '../../../src/controllers/plan-status.ts'
import { toldBy } from '../../../src/controllers/restore.ts'
import { namesThatCarried } from '../../../src/core/discovery/answers/carried.ts'
import { emptyHostsMemory, emptyMemory, restoreServiceMemory } from '../../../src/core/discovery/memory.ts'
import { saidByHosts, saidByService, type Saying } from '../../../src/core/discovery/said.ts'
import type { ServiceMemory } from '../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import type { Answer } from '../../../src/dns/records.ts'
import { planEndpoints } from '../../../src/writers/dnsendpoint/plan-endpoints.ts'
import { stepArbitrary, type WorldStep, worldArbitrary } from '../../support/arbitrary-world.ts'
import type { OracleRecord, OracleWorld } from '../../support/oracle.ts'
import { type AnyMemory, WorldDriver } from '../core/discovery/drive-world.ts'
import { cluster, record, web, world } from '../core/discovery/world-lines.ts'

const domain = parseDomainName('example.com')

/** A step of the world, or the end of the process. */
type Happening = WorldStep | 'restart'

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: stepArbitrary },
    { weight: 1, arbitrary: fc.constant<Happening>('restart') },
  ),
  { maxLength: 14 },
)

const EMPTY: OracleWorld = world({ records: [] })

/** Three clusters in two regions that lose and find one Service again, out of sight at times; restarts, edits. */
const shardWalks: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.nat(2), fc.constantFrom('fit', 'unfit', 'absent')).map(shardStep) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(2), fc.boolean()).map(sightStep) },
    { weight: 1, arbitrary: fc.constantFrom(0, 30, 60).map(ttlStep) },
    { weight: 2, arbitrary: fc.constant<Happening>('restart') },
  ),
  { minLength: 4, maxLength: 16 },
)

const PLACED = ['c0 r1 z1', 'c1 r1 z2', 'c2 r2 z1'].map(cluster)

function placed(now: OracleWorld): OracleWorld {
  return now.clusters.length > 0 ? now : { ...now, clusters: PLACED, records: [record()] }
}

function shardStep([index, state]: readonly [number, string]): WorldStep {
  const at = `c${index}`
  const ready = state === 'fit' ? 1 : 0
  const now = web(at, [`192.0.2.${index + 1}`], { ready, serving: ready })
  return (before) => ({
    ...placed(before),
    services: [
      ...before.services.filter((other) => other.cluster !== at),
      ...(state === 'absent' ? [] : [now]),
    ],
  })
}

function sightStep([index, reachable]: readonly [number, boolean]): WorldStep {
  return (before) => {
    const all = placed(before)
    return { ...all, clusters: all.clusters.map((each, i) => (i === index ? { ...each, reachable } : each)) }
  }
}

function ttlStep(recordTTL: number): WorldStep {
  return (before) => ({ ...placed(before), records: [record({ recordTTL })] })
}

/** Looks whether a name that a record has written addresses for becomes a CNAME before it is withdrawn. */
class TypesSeen {
  readonly #carried = new Set<string>()

  /** @returns the names that have turned */
  turned(records: readonly (readonly [OracleRecord, AnyMemory])[]): readonly string[] {
    const turned: string[] = []
    const said = new Set<string>()
    for (const [{ kind, namespace, name: of }, memory] of records) {
      const key = (name: string): string => `${kind}/${namespace}/${of} ${name}`
      for (const { name } of saidBy(memory)) said.add(key(name.slice(0, -1)))
      for (const entry of outsideOf(memory).keys()) {
        const [name = '', type] = entry.split(' ')
        if (type !== 'CNAME') this.#carried.add(key(name))
        else if (this.#carried.has(key(name))) turned.push(name)
      }
    }
    for (const name of this.#carried) if (!said.has(name)) this.#carried.delete(name)
    return turned
  }
}

const saidBy = (memory: AnyMemory): readonly Saying[] =>
  'names' in memory ? saidByService(memory) : saidByHosts(memory)

/** What the DNSEndpoint of a record says: `<name> <type>` and what of. */
function outsideOf(memory: AnyMemory): ReadonlyMap<string, readonly string[]> {
  const said = saidBy(memory).map(({ name, answer }) => [name, answer] as const)
  return new Map(
    planEndpoints(domain, said).map(({ dnsName, recordType, targets }) => [
      `${dnsName} ${recordType}`,
      targets,
    ]),
  )
}

/** What KubeFed would have written: addresses where there are any, a CNAME for an alias. */
function plainEntries(name: string, answer: Answer): readonly (readonly [string, readonly string[]])[] {
  if (answer.kind === 'alias') return [[`${name} CNAME`, [answer.target.slice(0, -1)]]]
  if (answer.kind === 'records') return []
  const { a, aaaa } = answer
  return [[`${name} A`, a] as const, [`${name} AAAA`, aaaa] as const].filter(
    ([, targets]) => targets.length > 0,
  )
}

/** Status of a service as it is written, read again in a process that starts. */
function tellAgain(
  memory: ServiceMemory,
  { driver, world }: { readonly driver: WorldDriver; readonly world: OracleWorld },
): ServiceDNSStatus {
  const shards = world.clusters.map(({ name }) => ({
    ...{ cluster: driver.indexOf(name), name, hosts: [], readyEndpoints: 0 },
  }))
  const status = planServiceStatus(
    {
      ...{ memory, shards, said: saidByService(memory), carried: namesThatCarried(memory) },
      ...{ domain, conflicts: [], rejected: [], generation: 1, now: '2026-01-01T00:00:00Z' },
    },
    undefined,
  )
  return structuredClone(status)
}

function restart(driver: WorldDriver, world: OracleWorld): void {
  driver.restart((_, memory) => {
    if (!('names' in memory)) return () => emptyHostsMemory()
    const status = tellAgain(memory, { driver, world })
    return (topology) =>
      restoreServiceMemory(
        emptyMemory(topology),
        toldBy(status, (name) => driver.indexOf(name)),
      )
  })
}

/** Live through a random history; `check` every record after each step. */
function holdsThrough(
  aliasAs: NonNullable<OracleWorld['aliasAs']>,
  check: (record: OracleRecord, memory: AnyMemory) => void,
): void {
  fc.assert(
    fc.property(worldArbitrary, happenings, (first, walk) => {
      const driver = new WorldDriver()
      let world: OracleWorld = { ...first, aliasAs }
      for (const happening of [(now: OracleWorld) => now, ...walk]) {
        if (happening === 'restart') restart(driver, world)
        else world = { ...happening(world), aliasAs }
        driver.apply(world)
        for (const record of world.records) check(record, driver.memoryOf(record) as AnyMemory)
      }
    }),
    { numRuns: 300 },
  )
}

describe('properties of aliasAs', () => {
  it('Stable: a name that has carried addresses is never a CNAME again, whatever happens, restarts included', () => {
    const walk = fc.tuple(worldArbitrary, happenings).map(([first, more]) => [() => first, ...more])
    fc.assert(
      fc.property(fc.oneof(walk, shardWalks), ([first, ...walked]) => {
        const driver = new WorldDriver()
        const types = new TypesSeen()
        let world: OracleWorld = EMPTY
        for (const happening of [first ?? 'restart', ...walked]) {
          if (happening === 'restart') restart(driver, world)
          else world = { ...happening(world), aliasAs: 'Stable' }
          driver.apply(world)
          const memories = world.records.map((each) => [each, driver.memoryOf(each) as AnyMemory] as const)

          expect(types.turned(memories)).toEqual([])
        }
      }),
      { numRuns: 600 },
    )
  })

  it('CNAME: what is written is what the names say, an alias as a CNAME: as KubeFed did', () => {
    holdsThrough('CNAME', (_, memory) => {
      const said = saidBy(memory).filter(({ name }) => name.endsWith('.example.com.'))
      const want = said.flatMap(({ name, answer }) => plainEntries(name.slice(0, -1), answer))

      expect(Object.fromEntries(outsideOf(memory))).toEqual(Object.fromEntries(want))
    })
  })

  it('Addresses: no zone and no region is a CNAME', () => {
    holdsThrough('Addresses', (record, memory) => {
      const prefix = `${record.dnsPrefix}.example.com CNAME`
      const aliases = [...outsideOf(memory).keys()].filter((entry) => entry.endsWith(' CNAME'))

      expect(aliases.filter((entry) => entry !== prefix)).toEqual([])
    })
  })

  it('what a DNSEndpoint says of a name is what our own server answers, once its aliases are followed', () => {
    fc.assert(
      fc.property(worldArbitrary, happenings, (first, walk) => {
        const driver = new WorldDriver()
        let world = first
        for (const happening of [(now: OracleWorld) => now, ...walk]) {
          if (happening === 'restart') restart(driver, world)
          else world = happening(world)
          driver.apply(world)
          for (const record of world.records) {
            const memory = driver.memoryOf(record) as AnyMemory
            const said = new Map(saidBy(memory).map(({ name, answer }) => [name, answer]))
            for (const answer of said.values()) {
              if (answer.kind !== 'alias' || answer.instead === undefined) continue
              let end = said.get(answer.target)
              while (end?.kind === 'alias') end = said.get(end.target)

              expect({ kind: 'addresses', ...answer.instead }).toEqual({
                kind: end?.kind,
                ...(end?.kind === 'addresses' ? { a: end.a, aaaa: end.aaaa } : {}),
              })
            }
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
