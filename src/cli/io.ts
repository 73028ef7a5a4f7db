/** What a command may do to the outside besides its work: say lines, and hear that it should end. */
export interface CliIo {
  /** One line of the result, without its line feed. */
  stdout(line: string): void
  /** One line for a person: progress or an error. */
  stderr(line: string): void
  /** Aborted by SIGINT or SIGTERM: end at once and cleanly. */
  readonly signal: AbortSignal
  /** Call `act` at each SIGHUP, by which an operator asks to begin new files, or to read those that have changed; without it the signal ends the process. */
  readonly onHangup?: (act: () => void) => void
}

/** A command's work in `src/app`. Resolves with the exit code: 0 done or ended by a signal, 1 the work failed. */
export type Run<C> = (config: C, io: CliIo) => Promise<number>

/** Exit codes (DESIGN 1). */
export const EXIT = { done: 0, failed: 1, usage: 2, interruptedTwice: 130 } as const
