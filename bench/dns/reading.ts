import type { Bench } from './bench.ts'
import type { LoadOptions, LoadReport } from './generator.ts'
import type { Subject } from './subject.ts'

/** One look at one server under load. */
export interface Reading {
  readonly microsPerQuery: number
  readonly queriesPerSecond: number
  readonly meanAnswerBytes: number
}

export interface ReadOptions extends Omit<LoadOptions, 'port'> {
  /** It answers what the work asks; an echo does not. */
  readonly isServer: boolean
}

/**
 * Load a server and see what it cost.
 * @throws Error when it lost queries, or answered something else than the work's zone says: its figure would mean nothing
 */
export async function read(
  { work, generator }: Pick<Bench, 'work' | 'generator'>,
  subject: Subject,
  { isServer, ...how }: ReadOptions,
): Promise<Reading> {
  const before = subject.program.cpuMicros()
  const port = how.over === 'dot' ? subject.tlsPort : subject.port
  if (port === undefined) throw new Error(`no port for ${how.over}`)
  const done = await generator.load({ ...how, port })
  const microsPerQuery = (subject.program.cpuMicros() - before) / done.queries
  checkReport(done, isServer ? work.noSuchNameShare : 0)
  return {
    microsPerQuery,
    queriesPerSecond: done.queries / done.seconds,
    meanAnswerBytes: done.meanAnswerBytes,
  }
}

const MOST_LOST = 0.01
/** Not all queries are asked equally often in a short time: beside what chance does with so many of them. */
const SHARE_TOLERANCE = 0.01
const DEVIATIONS = 4

function checkReport({ queries, lost, noSuchNameShare }: LoadReport, wantedShare: number): void {
  if (queries === 0) throw new Error('no query was answered')
  if (lost > queries * MOST_LOST) throw new Error(`${lost} of ${queries + lost} queries were lost`)
  const chance = DEVIATIONS * Math.sqrt((wantedShare * (1 - wantedShare)) / queries)
  if (Math.abs(noSuchNameShare - wantedShare) > SHARE_TOLERANCE + chance) {
    throw new Error(
      `${(noSuchNameShare * 100).toFixed(1)} % of the answers were NXDOMAIN, not ${wantedShare * 100} %`,
    )
  }
}
