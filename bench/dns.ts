import { measureChangeToAnswer } from './dns/change-to-answer.ts'
import { FULL, SMOKE, type Bench } from './dns/bench.ts'
import { chooseGenerator } from './dns/choose-generator.ts'
import { measureLatency } from './dns/latency.ts'
import { measureMemory } from './dns/memory.ts'
import { measurePackets } from './dns/packets.ts'
import { measureScaling } from './dns/scaling.ts'
import { measureSigning } from './dns/signing.ts'
import { measureStreams } from './dns/streams.ts'
import { writeWork } from './dns/work-files.ts'
import { makeWork } from './dns/work.ts'
import { Outcome } from './support/outcome.ts'
import type { BenchResult, RunOptions } from './support/result.ts'

/** Each measures one thing, starts what it needs and ends it. */
const PARTS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  packets: measurePackets,
  latency: measureLatency,
  changes: measureChangeToAnswer,
  memory: measureMemory,
  streams: measureStreams,
  signing: measureSigning,
  scaling: measureScaling,
}

/**
 * The DNS server beside a bare echo, NSD, Knot and CoreDNS: one zone, one list of queries, the server on one core and the
 * load on another.
 * @param only - these parts
 */
export async function run({ smoke, only }: RunOptions): Promise<BenchResult> {
  const unknown = only.filter((part) => !(part in PARTS))
  if (unknown.length > 0)
    throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
  const sizes = smoke ? SMOKE : FULL
  const work = makeWork(sizes)
  const files = writeWork(work)
  const outcome = new Outcome()
  const generator = chooseGenerator(work, files, { onlyBuiltIn: smoke })
  outcome.machine('generator', generator.name)
  outcome.machine('names', sizes.names)
  outcome.machine('rounds', sizes.rounds)
  try {
    for (const [part, measure] of Object.entries(PARTS)) {
      if (only.length > 0 && !only.includes(part)) continue
      if (process.stderr.isTTY) console.error(`dns: ${part}`)
      await measure({ work, files, generator, sizes, outcome, smoke })
    }
    return outcome.result('dns')
  } finally {
    files.remove()
  }
}
