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
    fc.assert(
      fc.property(worldArbitrary, happenings, (first, walk) => {
        const driver = new WorldDriver()
        const carried = new Set<string>()
        let world: OracleWorld = { ...first, aliasAs: 'Stable' }
        for (const happening of [(now: OracleWorld) => now, ...walk]) {
          if (happening === 'restart') restart(driver, world)
          else world = { ...happening(world), aliasAs: 'Stable' }
          driver.apply(world)
          const said = new Set<string>()
          for (const record of world.records) {
            const memory = driver.memoryOf(record) as AnyMemory
            const key = (name: string) => `${record.kind}/${record.namespace}/${record.name} ${name}`
            for (const { name } of saidBy(memory)) said.add(key(name.slice(0, -1)))
            for (const entry of outsideOf(memory).keys()) {
              const [name = '', type] = entry.split(' ')
              if (type !== 'CNAME') carried.add(key(name))
              else expect(carried).not.toContain(key(name))
            }
          }
          for (const name of carried) if (!said.has(name)) carried.delete(name) // withdrawn: renamed, or gone
        }
      }),
      { numRuns: 500 },
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
