import { expect, it } from 'vitest'
import { runFuzz } from './run-fuzz.ts'

const CASES = 100_000
/** Another one in each run, unless one is named: a fault is made again with WAYPOST_SEED. */
const SEED = Number(process.env['WAYPOST_SEED'] ?? Date.now() % 2 ** 32)

it(
  `${CASES} cases, seed ${SEED}: nothing throws, every response is one and fits`,
  { timeout: 120_000 },
  () => {
    const { targets } = runFuzz(SEED, (cases) => cases < CASES)

    const server = targets['server']!
    expect(server.deep).toBeGreaterThan(server.cases / 2)
    for (const [name, { deep }] of Object.entries(targets)) expect([name, deep > 100]).toEqual([name, true])
  },
)
