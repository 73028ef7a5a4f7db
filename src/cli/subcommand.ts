import type { Command } from '../config/options.ts'
import type { Given } from '../config/read-options.ts'
import type { CliIo } from './io.ts'

/** One subcommand: what `--help` says of it, and what it does. Heavy modules are imported by `run`, not by its file. */
export interface Subcommand {
  readonly name: Command
  /** One sentence for the list of commands. */
  readonly summary: string
  /** Lines below the options in its help. */
  readonly examples: readonly string[]
  /** Resolves with the exit code; rejects with UsageError (2) or any other error (1). */
  run(given: Given, io: CliIo): Promise<number>
}
