import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClusterIndex } from '../../../../src/api/keys.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import { stepArbitrary, type WorldStep, worldArbitrary } from '../../../support/arbitrary-world.ts'
import {
  NO_PAST,
  oracle,
  type OraclePast,
  type OracleRecord,
  type OracleSaying,
  type OracleWorld,
} from '../../../support/oracle.ts'
import { type AnyMemory, type DriverOptions, WorldDriver } from './drive-world.ts'

const steps = fc.array(stepArbitrary, { maxLength: 12 })

/** Every world that the steps lead to, the first included. */
function worldsOf(first: OracleWorld, walk: readonly WorldStep[]): readonly OracleWorld[] {
  const worlds = [first]
  for (const step of walk) worlds.push(step(worlds.at(-1) ?? first))
  return worlds
}

function sorted(names: ReadonlyMap<string, OracleSaying>): Record<string, OracleSaying> {
  return Object.fromEntries([...names].sort(([x], [y]) => (x < y ? -1 : 1)))
}

/** Hold something of every decision on the way through a random history. */
function holdsForDecisions(check: NonNullable<DriverOptions['decided']>): void {
  fc.assert(
    fc.property(worldArbitrary, steps, (first, walk) => {
      const driver = new WorldDriver({ decided: check })
      for (const world of worldsOf(first, walk)) driver.apply(world)
    }),
    { numRuns: 150 },
  )
}

/** Hold something of every world on the way through a random history. */
function holdsForWorlds(check: (driver: WorldDriver, world: OracleWorld) => void): void {
  fc.assert(
    fc.property(worldArbitrary, steps, (first, walk) => {
      const driver = new WorldDriver()
      for (const world of worldsOf(first, walk)) {
        driver.apply(world)
        check(driver, world)
      }
    }),
    { numRuns: 150 },
  )
}

describe('properties of names in worlds', () => {
  it('after any changes every name says what the oracle says', () => {
    fc.assert(
      fc.property(worldArbitrary, steps, (first, walk) => {
        const driver = new WorldDriver()
        let past: OraclePast = NO_PAST
        for (const world of worldsOf(first, walk)) {
          driver.apply(world)
          const verdict = oracle(world, past)
          past = verdict.past

          expect(sorted(driver.names())).toEqual(sorted(verdict.names))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('the order in which clusters, objects and records come does not matter', () => {
    const shuffle = <T>(list: readonly T[]): fc.Arbitrary<readonly T[]> =>
      fc.shuffledSubarray([...list], { minLength: list.length })
    const pairs = worldArbitrary.chain((world) =>
      fc
        .record({
          clusters: shuffle(world.clusters),
          services: shuffle(world.services),
          ingresses: shuffle(world.ingresses ?? []),
          records: shuffle(world.records),
        })
        .map((parts) => [world, { ...world, ...parts }] as const),
    )
    fc.assert(
      fc.property(pairs, ([world, shuffled]) => {
        const [one, other] = [new WorldDriver(), new WorldDriver()]
        one.apply(world)
        other.apply(shuffled)

        expect(sorted(other.names())).toEqual(sorted(one.names()))
      }),
    )
  })

  it('no alias dangles or loops: every chain ends after at most three hops, at addresses or at nothing', () => {
    holdsForWorlds((driver) => {
      const names = driver.names()
      for (const [name, saying] of names) {
        let at: OracleSaying | undefined = saying
        for (let hops = 0; hops < 3 && at?.kind === 'alias'; hops += 1) at = names.get(at.target)

        expect({ name, end: at?.kind }).toEqual({ name, end: 'addresses' })
      }
    })
  })

  it('no address is published that no object of a cluster in sight has', () => {
    const inSight = (world: OracleWorld): OracleWorld => ({
      ...world,
      clusters: world.clusters.map((cluster) => ({ ...cluster, reachable: true })),
      hostnames: {},
    })
    fc.assert(
      fc.property(worldArbitrary, steps, (first, walk) => {
        const driver = new WorldDriver()
        for (const world of worldsOf(first, walk).map(inSight)) {
          driver.apply(world)
          for (const record of world.records) {
            const living = livingAddresses(world, record)
            for (const address of publishedBy(driver, record)) expect(living).toContain(address)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('losing sight of every cluster changes no name', () => {
    holdsForWorlds((driver, world) => {
      const before = sorted(driver.names())
      driver.apply({
        ...world,
        services: [],
        ingresses: [],
        clusters: world.clusters.map((cluster) => ({ ...cluster, reachable: false })),
      })

      expect(sorted(driver.names())).toEqual(before)
    })
  })
})

function livingAddresses(world: OracleWorld, { kind, namespace, name }: OracleRecord): readonly string[] {
  const objects = kind === 'ServiceDNSRecord' ? world.services : (world.ingresses ?? [])
  const members = world.clusters.map((cluster) => cluster.name)
  return objects
    .filter((object) => object.namespace === namespace && object.name === name && object.deleting !== true)
    .filter((object) => members.includes(object.cluster))
    .flatMap(({ ingress }) => ingress.flatMap(({ ip }) => ip ?? []))
}

function publishedBy(driver: WorldDriver, { kind, namespace, name }: OracleRecord): readonly string[] {
  const owner = `${kind}/${namespace}/${name}`
  return [...driver.names().values()].flatMap((saying) =>
    saying.owner === owner && saying.kind === 'addresses' ? [...saying.a, ...saying.aaaa] : [],
  )
}

describe('properties of decisions', () => {
  it('naming the dirty clusters and looking at all of them give the same', () => {
    holdsForDecisions(({ before, decision, redecide }) => {
      const full = redecide(before, 'all')

      expect(full.changes).toEqual(decision.changes)
      expect(full.memory).toEqual(decision.memory)
    })
  })

  it('the order of dirty clusters, and naming clean ones too, does not matter', () => {
    holdsForDecisions(({ before, dirty, decision, redecide }) => {
      const more = [...new Set([...[3, 0, 2, 1].map((index) => index as ClusterIndex), ...dirty])]
      const other = redecide(before, more)

      expect(other.changes).toEqual(decision.changes)
      expect(other.memory).toEqual(decision.memory)
    })
  })

  it('a second run changes nothing and returns the same memory', () => {
    holdsForDecisions(({ dirty, decision, redecide }) => {
      const again = redecide(decision.memory, dirty)

      expect(again.changes).toEqual([])
      expect(again.memory).toBe(decision.memory)
    })
  })

  it('memory survives structuredClone', () => {
    holdsForDecisions(({ before, dirty, decision, redecide }) => {
      const cloned = redecide(structuredClone(before), dirty)

      expect(cloned.changes).toEqual(decision.changes)
      expect(cloned.memory).toEqual(decision.memory)
    })
  })

  it('the memory that is given is left as it is', () => {
    holdsForDecisions(({ before, redecide }) => {
      const kept = structuredClone(before)
      redecide(before, 'all')

      expect(before).toEqual(kept)
    })
  })

  it('a change is urgent exactly when its name loses an address, or outputs do that may not write its alias', () => {
    holdsForDecisions(({ before, decision }) => {
      const was = saidBefore(before, (answer) => (answer?.kind === 'addresses' ? answer : undefined))
      const wasInstead = saidBefore(before, (answer) =>
        answer?.kind === 'alias' ? answer.instead : undefined,
      )
      for (const { name, answer, urgent } of decision.changes) {
        const own = answer?.kind === 'addresses' ? answer : undefined
        const now = textsOf(own)
        const lost = (was.get(name) ?? []).some((address) => !now.includes(address))
        const instead = textsOf(answer?.kind === 'alias' ? answer.instead : undefined)
        const lostInstead =
          own === undefined && (wasInstead.get(name) ?? []).some((address) => !instead.includes(address))

        expect({ name, urgent }).toEqual({ name, urgent: lost || lostInstead })
      }
    })
  })
})

type Families = { readonly a: readonly string[]; readonly aaaa: readonly string[] } | undefined

function textsOf(families: Families): readonly string[] {
  return families === undefined ? [] : [...families.a, ...families.aaaa]
}

/** By name: addresses in what it says. */
function saidBefore(
  memory: AnyMemory,
  of: (answer: Answer | undefined) => Families,
): ReadonlyMap<string, readonly string[]> {
  const names = 'names' in memory ? memory.names.scopes : memory.hosts
  return new Map(
    names.flatMap((name, i) => {
      const answer = 'answers' in memory ? memory.answers[i] : memory.answer
      return name === undefined ? [] : [[name, textsOf(of(answer))] as const]
    }),
  )
}
