import { inspect, parseArgs } from 'node:util'
import { Random } from './random.ts'
import { runFuzz } from './run-fuzz.ts'
import { startForStorm, storm } from './sockets/storm.ts'

/** Memory of a process that has seen everything once may still grow a little: tables fill, code is compiled. */
const MAX_GROWTH_BYTES = 96 * 1024 * 1024
const WARM_ROUNDS = 5
const CASES_PER_ROUND = 20_000
const PACKETS_PER_ROUND = 5_000

/** `npm run fuzz -- --minutes N [--seed S]`: rounds of cases and storms until the time is over or something is wrong. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
  const minutes = Number(values.minutes ?? 1)
  const seed = Number(values.seed ?? Date.now() % 2 ** 32)
  if (!(minutes > 0) || !Number.isInteger(seed))
    throw new Error('usage: npm run fuzz -- [--minutes N] [--seed S]')
  const end = performance.now() + minutes * 60_000
  const server = await startForStorm()
  process.stdout.write(`seed ${seed}\n`)
  let cases = 0
  let warmBytes = 0
  try {
    for (let round = 0; performance.now() < end; round += 1) {
      const report = runFuzz(seed + round, (done) => done < CASES_PER_ROUND)
      await storm(server, new Random(seed + round), PACKETS_PER_ROUND)
      cases += report.cases + 2 * PACKETS_PER_ROUND + 500
      if (round === WARM_ROUNDS) warmBytes = process.memoryUsage.rss()
      const grown = warmBytes === 0 ? 0 : process.memoryUsage.rss() - warmBytes
      if (grown > MAX_GROWTH_BYTES) throw new Error(`memory grew by ${grown} octets in ${round} rounds`)
    }
    process.stdout.write(`${cases} cases, nothing found\n`)
  } catch (error) {
    process.stderr.write(`after ${cases} cases, rounds from seed ${seed}: ${inspect(error)}\n`)
    process.exitCode = 1
  } finally {
    await server.nameserver.close()
  }
}

await main()
