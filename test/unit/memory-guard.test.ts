import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { MemoryFigures } from './memory-fleet.ts'

/**
 * Decision memory and ledger together, bytes per service and cluster: their share of the 1,100 that everything has (facts,
 * store and zone store come beside it). Measured: 405.
 */
const BUDGET_BYTES = 450

let figures: MemoryFigures

beforeAll(async () => {
  // A process of its own: what the test runner holds and lets go of would be several times what is measured.
  const program = fileURLToPath(new URL('memory-fleet.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program])
  figures = JSON.parse(stdout) as MemoryFigures // printed by a program of ours
})

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
