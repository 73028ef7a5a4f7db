import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepArbitrary, worldArbitrary } from '../../../support/arbitrary-world.ts'
import {
  NO_PAST,
  oracle,
  type OraclePast,
  type OracleSaying,
  type OracleWorld,
} from '../../../support/oracle.ts'
import { WorldDriver } from './drive-world.ts'

const RUNS = { numRuns: 300 }
const steps = fc.array(stepArbitrary, { maxLength: 12 })

/** Every world that the steps lead to, the first included. */
function worldsOf(
  first: OracleWorld,
  walk: readonly ((world: OracleWorld) => OracleWorld)[],
): readonly OracleWorld[] {
  const worlds = [first]
  for (const step of walk) worlds.push(step(worlds.at(-1) ?? first))
  return worlds
}

function sorted(names: ReadonlyMap<string, OracleSaying>): Record<string, OracleSaying> {
  return Object.fromEntries([...names].sort(([x], [y]) => (x < y ? -1 : 1)))
}

describe('properties of whole worlds', () => {
  it('after any changes every name says what the oracle says', () => {
    fc.assert(
      fc.property(worldArbitrary, steps, (first, walk) => {
        const driver = new WorldDriver()
        let past: OraclePast = NO_PAST
        for (const world of worldsOf(first, walk)) {
          driver.apply(world)
          const expected = oracle(world, past)
          past = expected.past

          expect(sorted(driver.names())).toEqual(sorted(expected.names))
        }
      }),
      RUNS,
    )
  })
})
