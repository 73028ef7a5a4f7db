import { median } from '../support/median.ts'
import { sortedQuantile } from '../support/quantile.ts'
import type { Bench } from './bench.ts'
import { LOST_MICROS } from './generator.ts'
import { setRate, startZoneChild, type ZoneChild } from './zone-child-control.ts'

/** Looks at the highest rate before half of it is taken; the first one is not counted. */
const LOOKS = 4

interface Latency {
  readonly p50Micros: number
  readonly p999Micros: number
  readonly lost: number
  readonly changesPerSecond: number
}

/**
 * Latency at half of the highest rate, in pairs: while the zone stands still, and while names of it change at a steady
 * rate through the zone writer, whose thread shares the server's processor. Ratio: the second against the first.
 */
export async function measureLatency(bench: Bench): Promise<void> {
  const child = await startZoneChild(bench)
  try {
    const perSecond = (await highestRate(bench, child)) / 2
    bench.outcome.machine('latency_queries_per_second', Math.round(perSecond))
    const still: Latency[] = []
    const changing: Latency[] = []
    for (let round = 0; round < bench.sizes.latencyRounds; round += 1) {
      const pair = [
        async () => void still.push(await lookAt(bench, child, { perSecond, changesPerSecond: 0 })),
        async () =>
          void changing.push(
            await lookAt(bench, child, { perSecond, changesPerSecond: bench.sizes.changesPerSecond }),
          ),
      ]
      for (const look of round % 2 === 0 ? pair : pair.reverse()) await look()
    }
    report(bench, still, changing)
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
    p50Micros: sortedQuantile(latencies, 0.5),
    p999Micros: sortedQuantile(latencies, 0.999),
    lost: latencies.filter((micros) => micros === LOST_MICROS).length,
    changesPerSecond: made / tookSeconds,
  }
}

function report({ outcome }: Bench, still: readonly Latency[], changing: readonly Latency[]): void {
  for (const [key, looks] of [
    ['still', still],
    ['changes', changing],
  ] as const) {
    outcome.figures(
      `${key}_median_micros`,
      looks.map(({ p50Micros }) => p50Micros),
    )
    outcome.figures(
      `${key}_p999_micros`,
      looks.map(({ p999Micros }) => p999Micros),
    )
    outcome.figure(
      `${key}_lost_queries`,
      looks.reduce((sum, { lost }) => sum + lost, 0),
    )
  }
  outcome.figures(
    'changes_per_second',
    changing.map(({ changesPerSecond }) => changesPerSecond),
  )
  outcome.ratios(
    'p999_changes_vs_still',
    changing.map(({ p999Micros }, i) => p999Micros / still[i]!.p999Micros),
  ) // pairs
}
