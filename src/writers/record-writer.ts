import type { DomainName } from '../dns/names.ts'
import type { Answer, NameChange } from '../dns/records.ts'

/** What came of one name. Words are for a person; `code` is in the table of error codes. */
export type WriteOutcome = { readonly name: DomainName } & (
  | { readonly kind: 'written' | 'unchanged' | 'foreign' }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly words: string
      readonly retry: 'backoff' | 'never' | { readonly afterMs: number }
    }
)

/** The port of every output. Never awaited by a reconciler: each writer has its own loop over its own feed. */
export interface RecordWriter {
  readonly id: string
  readonly runs: 'everyReplica' | 'leaderOnly'
  /** Pure: what this output can store of an answer; `lost` becomes a condition. */
  normalize(answer: Answer): { readonly answer: Answer; readonly lost: readonly string[] }
  read(
    zone: DomainName,
    signal: AbortSignal,
  ): AsyncIterable<{ readonly name: DomainName; readonly answer: Answer; readonly foreign: boolean }>
  /** One outcome per name; rejects only when nothing was tried. */
  apply(changes: readonly NameChange[], signal: AbortSignal): Promise<readonly WriteOutcome[]>
}
