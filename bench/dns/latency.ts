import { median } from '../support/median.ts'
import { sortedQuantile } from '../support/quantile.ts'
import type { Bench } from './bench.ts'
import { LOST_MICROS } from './generator.ts'
import { LeftOut } from './subject.ts'
import { setRate, startZoneChild, type ZoneChild } from './zone-child-control.ts'

/** Looks at the highest rate before half of it is taken; the first one is not counted. */
const LOOKS = 4

const KEYS = ['still', 'changes'] as const

interface Latency {
  readonly medianMicros: number
  readonly p999Micros: number
  readonly lost: number
  readonly changesPerSecond: number
}

/**
 * Latency at half of the highest rate, in pairs: while the zone stands still, and while names of it change at a steady
 * rate through the zone writer, whose thread shares the server's processor. Ratio: the second against the first.
 */
export async function measureLatency(bench: Bench): Promise<void> {
  await measureOne(bench, 'dgram')
  if (bench.smoke) return
  try {
    await measureOne(bench, 'batch')
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error
    bench.outcome.leftOut('batch_latency', error.message)
  }
}

interface Pairs {
  readonly still: Latency[]
  readonly changes: Latency[]
}

async function measureOne(bench: Bench, io: 'dgram' | 'batch'): Promise<void> {
  const child = await startZoneChild(bench, io)
  try {
    const perSecond = (await highestRate(bench, child)) / 2
    bench.outcome.machine(`${io}_latency_queries_per_second`, Math.round(perSecond))
    const pairs: Pairs = { still: [], changes: [] }
    for (let round = 0; round < bench.sizes.latencyRounds; round += 1) {
      for (const key of round % 2 === 0 ? KEYS : KEYS.toReversed()) {
        const changesPerSecond = key === 'still' ? 0 : bench.sizes.changesPerSecond
        pairs[key].push(await lookAt(bench, child, { perSecond, changesPerSecond }))
      }
    }
    report(bench, io, pairs)
  } finally {
    await child.stop()
  }
}

async function highestRate({ generator, sizes }: Bench, { ready }: ZoneChild): Promise<number> {
  const rates: number[] = []
  for (let look = 0; look < (sizes.rounds > 1 ? LOOKS : 2); look += 1) {
    const { queries, seconds } = await generator.load({
      port: ready.port,
      seconds: sizes.seconds,
      over: 'udp',
    })
    rates.push(queries / seconds)
  }
  return median(rates.slice(1))
}

async function lookAt(
  { generator, sizes }: Bench,
  child: ZoneChild,
  { perSecond, changesPerSecond }: { readonly perSecond: number; readonly changesPerSecond: number },
): Promise<Latency> {
  await setRate(child, changesPerSecond)
  const seconds = sizes.latencySeconds
  const begin = performance.now()
  const latencies = await generator.latencies({ port: child.ready.port, seconds, perSecond })
  const tookSeconds = (performance.now() - begin) / 1000
  const made = await setRate(child, 0)
  return {
    medianMicros: sortedQuantile(latencies, 0.5),
    p999Micros: sortedQuantile(latencies, 0.999),
    lost: latencies.filter((micros) => micros === LOST_MICROS).length,
    changesPerSecond: made / tookSeconds,
  }
}

function report({ outcome }: Bench, io: 'dgram' | 'batch', pairs: Pairs): void {
  for (const key of KEYS) {
    const medians = pairs[key].map(({ medianMicros }) => medianMicros)
    const p999s = pairs[key].map(({ p999Micros }) => p999Micros)
    outcome.figures(`${io}_${key}_median_micros`, medians)
    outcome.figures(`${io}_${key}_p999_micros`, p999s)
    outcome.figure(`${io}_${key}_lost_queries`, Math.max(...pairs[key].map(({ lost }) => lost)))
  }
  const made = pairs.changes.map(({ changesPerSecond }) => changesPerSecond)
  outcome.figures(`${io}_changes_per_second`, made)
  const ratios = pairs.changes.map(({ p999Micros }, i) => p999Micros / pairs.still[i]!.p999Micros) // as many
  outcome.ratios(io === 'dgram' ? 'p999_changes_vs_still' : `${io}_p999_changes_vs_still`, ratios)
}
