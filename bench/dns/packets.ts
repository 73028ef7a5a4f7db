import type { Bench } from './bench.ts'
import { coredns } from './coredns.ts'
import { startEcho } from './echo.ts'
import { knot } from './knot.ts'
import { LineUp, servingAll } from './line-up.ts'
import { nsd } from './nsd.ts'
import { read, type Reading } from './reading.ts'
import { reasonOf, type StartSubject, type Subject } from './subject.ts'
import { waypost } from './waypost.ts'

const ECHOES: readonly string[] = ['echo', 'tuned_echo']
const PEERS: Readonly<Record<string, StartSubject>> = { nsd, knot, coredns }
/** Those whose cost is compared with everybody else's. */
const OURS = ['dgram', 'batch'] as const

/**
 * CPU time of an answer over UDP: everybody one after the other in each round, every other round backwards, so that what
 * slows the machine for a while slows all of a round. Ratio above 1: we take less.
 */
export async function measurePackets(bench: Bench): Promise<void> {
  const lineUp = new LineUp(bench)
  try {
    await startAll(bench, lineUp)
    const readings = await readRounds(bench, lineUp.subjects)
    report(bench, readings)
  } finally {
    await lineUp.stop()
  }
}

async function startAll(bench: Bench, lineUp: LineUp): Promise<void> {
  const serving = servingAll(bench, 'packets')
  const first = lineUp.add('dgram', await waypost('dgram')(serving))
  const { meanAnswerBytes } = await warm(bench, 'dgram', first)
  const echoes = [
    ['echo', 'plain'],
    ['tuned_echo', 'tuned'],
  ] as const
  await Promise.all([
    ...echoes.map(async ([key, how]) => lineUp.add(key, await startEcho(meanAnswerBytes, how))),
    lineUp.tryAdd('batch', waypost('batch'), serving),
  ])
  for (const [key, start] of Object.entries(PEERS)) {
    if (bench.smoke) bench.outcome.leftOut(key, 'smoke mode')
    else await lineUp.tryAdd(key, start, serving)
  }
}

type Rounds = ReadonlyMap<string, readonly Reading[]>

async function readRounds(bench: Bench, subjects: ReadonlyMap<string, Subject>): Promise<Rounds> {
  const readings = new Map<string, Reading[]>()
  for (const [key, subject] of subjects) {
    try {
      await warm(bench, key, subject)
      readings.set(key, [])
    } catch (error) {
      if (!(key in PEERS)) throw error
      bench.outcome.leftOut(key, reasonOf(error))
    }
  }
  for (let round = 0; round < bench.sizes.rounds; round += 1) {
    const order = round % 2 === 0 ? [...readings] : [...readings].reverse()
    for (const [key, list] of order) list.push(await readOnce(bench, key, subjects.get(key)!)) // its own key
  }
  return readings
}

/** Not counted: code is compiled, caches are filled. */
function warm(bench: Bench, key: string, subject: Subject): Promise<Reading> {
  return readOnce(bench, key, subject)
}

async function readOnce(bench: Bench, key: string, subject: Subject): Promise<Reading> {
  const how = { seconds: bench.sizes.seconds, over: 'udp', isServer: !ECHOES.includes(key) } as const
  try {
    return await read(bench, subject, how)
  } catch (error) {
    throw new Error(`${key}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function report({ outcome }: Bench, rounds: Rounds): void {
  for (const [key, readings] of rounds) {
    outcome.figures(
      `${key}_cpu_micros_per_query`,
      readings.map(({ microsPerQuery }) => microsPerQuery),
    )
    outcome.figures(
      `${key}_queries_per_cpu_second`,
      readings.map(({ microsPerQuery }) => 1e6 / microsPerQuery),
    )
    outcome.figures(
      `${key}_queries_per_second`,
      readings.map(({ queriesPerSecond }) => queriesPerSecond),
    )
    outcome.figure(`${key}_answer_bytes`, readings.at(-1)!.meanAnswerBytes) // there is at least one round
  }
  for (const ours of OURS) {
    const mine = rounds.get(ours)
    for (const [key, theirs] of rounds) {
      if (mine === undefined || key === ours || key === 'batch') continue
      const ratios = mine.map(({ microsPerQuery }, round) => theirs[round]!.microsPerQuery / microsPerQuery) // as many
      outcome.ratios(`${ours}_vs_${key}`, ratios)
    }
  }
}
