import type { Outcome } from '../support/outcome.ts'
import type { Generator } from './generator.ts'
import type { WorkFiles } from './work-files.ts'
import type { Work } from './work.ts'

/** What the parts of the DNS bench share. */
export interface Bench {
  readonly work: Work
  readonly files: WorkFiles
  readonly generator: Generator
  readonly sizes: Sizes
  readonly outcome: Outcome
  /** Seconds count: nobody but our own servers is started. */
  readonly smoke: boolean
}

export interface Sizes {
  readonly names: number
  readonly queries: number
  /** Of each comparison: all are read once in a round. */
  readonly rounds: number
  readonly seconds: number
  readonly streamSeconds: number
  readonly latencyRounds: number
  readonly latencySeconds: number
  /** Of the zone, while latency is measured. */
  readonly changesPerSecond: number
  /** Whose way to the answer is measured. */
  readonly changes: number
  /** Of each algorithm. */
  readonly signatures: number
}

export const FULL: Sizes = {
  ...{ names: 100_000, queries: 200_000 },
  ...{ rounds: 9, seconds: 2, streamSeconds: 2 },
  ...{ latencyRounds: 9, latencySeconds: 3, changesPerSecond: 1_000 },
  ...{ changes: 500, signatures: 2_000 },
}

export const SMOKE: Sizes = {
  ...{ names: 1_000, queries: 2_000 },
  ...{ rounds: 1, seconds: 0.1, streamSeconds: 0.1 },
  ...{ latencyRounds: 1, latencySeconds: 0.1, changesPerSecond: 1_000 },
  ...{ changes: 10, signatures: 50 },
}
