import { cpus } from 'node:os'
import { median } from '../support/median.ts'
import type { Bench } from './bench.ts'
import { LineUp, servingAll } from './line-up.ts'
import { waypost } from './waypost.ts'

/** Half of the processors serve, half ask. */
const FEWEST_CPUS = 4

/** Queries a second by so many workers against one, each on a core of its own, the load on as many other cores. */
export async function measureScaling(bench: Bench): Promise<void> {
  const { outcome, smoke, generator } = bench
  const workers = Math.floor(cpus().length / 2)
  if (smoke || cpus().length < FEWEST_CPUS || !generator.transports.includes('tcp')) {
    const why = smoke ? 'smoke mode' : `${cpus().length} processors, ${FEWEST_CPUS} and dnsperf are needed`
    outcome.leftOut('scaling', `not measured: ${why}`)
    return
  }
  const one = await ratesOf(bench, { workers: 1, of: workers })
  const all = await ratesOf(bench, { workers, of: workers })
  outcome.machine('scaling_workers', workers)
  outcome.figures('one_worker_queries_per_second', one)
  outcome.figures('all_workers_queries_per_second', all)
  outcome.ratio('all_workers_vs_one', median(all) / median(one))
}

async function ratesOf(
  bench: Bench,
  { workers, of }: { readonly workers: number; readonly of: number },
): Promise<readonly number[]> {
  const { generator, sizes } = bench
  const lineUp = new LineUp(bench)
  try {
    const start = waypost('dgram', { workers, on: `0-${workers - 1}` })
    const { port } = lineUp.add(`workers_${workers}`, await start(servingAll(bench, `workers-${workers}`)))
    const by = { threads: of, on: `${of}-${2 * of - 1}` }
    const rates: number[] = []
    for (let round = 0; round <= sizes.rounds; round += 1) {
      const { queries, seconds } = await generator.load({ port, seconds: sizes.seconds, over: 'udp', by })
      rates.push(queries / seconds)
    }
    return rates.slice(1) // the first is for compilers and caches
  } finally {
    await lineUp.stop()
  }
}
