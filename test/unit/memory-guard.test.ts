import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ChainFigures } from './memory-chain.ts'
import type { MemoryFigures } from './memory-fleet.ts'

/**
 * Decision memory and ledger together, bytes per service and cluster: their share of the 1,100 that everything has (facts,
 * store and zone store come beside it). Measured: 405.
 */
const BUDGET_BYTES = 450

/**
 * The whole way from raw objects to the zone store, heap and shared memory together. Measured: 747 and 184 (facts 341,
 * decisions and ledger 404), and a little more after every address was replaced (interned strings of old addresses).
 */
const CHAIN_BUDGET_BYTES = 1_100

/** Several seconds of work, on a machine that may be busy. */
const LIMIT_MS = 120_000

let figures: MemoryFigures
let chain: ChainFigures

/** In a process of its own: what the test runner holds and lets go of would be several times what is measured. */
async function measuredBy(program: string): Promise<unknown> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', path])
  return JSON.parse(stdout)
}

beforeAll(async () => {
  const printed = await Promise.all([measuredBy('memory-fleet.ts'), measuredBy('memory-chain.ts')])
  figures = printed[0] as MemoryFigures // printed by a program of ours
  chain = printed[1] as ChainFigures // likewise
}, LIMIT_MS)

describe('memory of 200 services in 100 clusters', () => {
  it(`decision memory and ledger take at most ${BUDGET_BYTES} bytes per service and cluster`, () => {
    expect(figures.names).toBe(200 * (1 + 10 + 100 + 1))
    expect(figures.decided).toBeLessThan(BUDGET_BYTES)
    expect(figures.decided).toBeGreaterThan(100) // the measure itself works
  })

  it('aliases cost no more than addresses: services in three clusters each, names in all zones', () => {
    expect(figures.sparse).toBeLessThan(BUDGET_BYTES)
    expect(figures.sparse).toBeGreaterThan(100)
  })

  it('changes leave nothing behind: every address replaced three times takes no more than at first', () => {
    expect(Math.abs(figures.churned - figures.decided)).toBeLessThan(BUDGET_BYTES / 10)
  })

  it('dropped owners and closed feeds give everything back', () => {
    expect(Math.abs(figures.dropped)).toBeLessThan(BUDGET_BYTES / 10)
  })
})

describe('memory of 20,000 shards, from raw objects to the zone store', () => {
  it(`heap and shared memory together take at most ${CHAIN_BUDGET_BYTES} bytes per service and cluster`, () => {
    process.stdout.write(`bytes per service and cluster: ${JSON.stringify(rounded(chain))}\n`)

    expect(chain.names).toBe(200 * (1 + 10 + 100 + 1))
    expect(chain.heap + chain.shared).toBeLessThanOrEqual(CHAIN_BUDGET_BYTES)
    expect(chain.heap).toBeGreaterThan(400) // the measure itself works
    expect(chain.shared).toBeGreaterThan(100)
  })

  it('changes leave nothing behind but bounded caches', () => {
    expect(chain.churnedHeap + chain.churnedShared).toBeLessThanOrEqual(CHAIN_BUDGET_BYTES)
  })
})

function rounded(group: object): Record<string, number> {
  return Object.fromEntries(Object.entries(group).map(([name, bytes]) => [name, Math.round(Number(bytes))]))
}
