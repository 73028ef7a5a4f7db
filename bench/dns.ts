import { cpus } from 'node:os'
import { createDnsLoad, type DnsLoad } from './support/dns-load.ts'
import { benchName } from './support/dns-world.ts'
import { startChild, type MeasuredChild } from './support/measured-child.ts'
import { median } from './support/median.ts'
import type { BenchResult } from './support/result.ts'

interface Sizes {
  readonly names: number
  readonly rounds: number
  readonly seconds: number
}

const FULL: Sizes = { names: 100_000, rounds: 7, seconds: 2 }
const SMOKE: Sizes = { names: 1_000, rounds: 1, seconds: 0.2 }
/** Header, question with a name of 75 octets, one A record. */
const ANSWER_BYTES = 12 + 75 + 4 + 16

interface Reading {
  readonly microsPerQuery: number
  readonly queriesPerSecond: number
}

/**
 * The embedded server on one core against a bare UDP echo in Node, both asked for names at random over UDP: CPU time per
 * query, in rounds that alternate between them so that both see the same machine. Ratio 1 = answering costs nothing.
 */
export async function run({ smoke }: { readonly smoke: boolean }): Promise<BenchResult> {
  const sizes = smoke ? SMOKE : FULL
  const load = createDnsLoad(shuffled(sizes.names).map(benchName))
  const echo = await startChild(new URL('./echo.ts', import.meta.url), ['--bytes', String(ANSWER_BYTES)])
  const tuned = await startChild(new URL('./echo.ts', import.meta.url), [
    '--tuned',
    '--bytes',
    String(ANSWER_BYTES),
  ])
  const dns = await startChild(new URL('./support/dns-child.ts', import.meta.url), [String(sizes.names)])
  try {
    const readings = await measure({ echo, tuned, dns }, load, sizes)
    return report(readings, dns.hello, load, sizes)
  } finally {
    await Promise.all([echo, tuned, dns].map((child) => child.stop()))
    load.close()
  }
}

type Subject = 'echo' | 'tuned' | 'dns'
type Readings = Record<Subject, Reading[]>

async function measure(
  children: Readonly<Record<Subject, MeasuredChild>>,
  load: DnsLoad,
  { rounds, seconds }: Sizes,
): Promise<Readings> {
  const subjects = ['echo', 'tuned', 'dns'] as const
  const readings: Readings = { echo: [], tuned: [], dns: [] }
  for (const subject of subjects) await read(children[subject], load, seconds) // warm: compiled, caches filled
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) readings[subject].push(await read(children[subject], load, seconds))
  }
  return readings
}

async function read(child: MeasuredChild, load: DnsLoad, seconds: number): Promise<Reading> {
  const before = child.cpuMicros()
  const done = await load.run(child.hello['port'] ?? 0, seconds)
  if (done.queries === 0) throw new Error('no query was answered')
  return {
    microsPerQuery: (child.cpuMicros() - before) / done.queries,
    queriesPerSecond: done.queries / done.seconds,
  }
}

function report(
  readings: Readings,
  hello: Readonly<Record<string, number>>,
  load: DnsLoad,
  sizes: Sizes,
): BenchResult {
  const micros = (subject: Subject): number =>
    median(readings[subject].map((reading) => reading.microsPerQuery))
  // Round by round, so that what slows the machine for a while slows both sides of a ratio.
  const ratio = (subject: Subject): number =>
    median(
      readings[subject].map((reading, round) => reading.microsPerQuery / readings.dns[round]!.microsPerQuery),
    )
  return {
    name: 'dns',
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      node: process.versions.node,
      generator: load.generator,
      names: sizes.names,
      rounds: sizes.rounds,
    },
    figures: {
      dns_cpu_micros_per_query: micros('dns'),
      echo_cpu_micros_per_query: micros('echo'),
      tuned_echo_cpu_micros_per_query: micros('tuned'),
      dns_queries_per_cpu_second: 1e6 / micros('dns'),
      dns_queries_per_second: median(readings.dns.map((reading) => reading.queriesPerSecond)),
      publish_micros_per_name: hello['publishMicros'] ?? 0,
      store_bytes_per_name: hello['bytesPerName'] ?? 0,
    },
    ratios: {
      dgram_vs_echo: ratio('echo'),
      dgram_vs_tuned_echo: ratio('tuned'),
    },
  }
}

/** 0 to count - 1 in random order, the same in every run. */
function shuffled(count: number): readonly number[] {
  const indices = Array.from({ length: count }, (_, index) => index)
  let state = 1
  for (let i = count - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = state % (i + 1)
    const swap = indices[i]!
    indices[i] = indices[j]!
    indices[j] = swap
  }
  return indices
}
