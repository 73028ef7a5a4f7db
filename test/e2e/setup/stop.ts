/** Ends a command of the suite with one message: 1, the work failed; 2, something has to be installed or asked differently. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly exitCode: 1 | 2

  constructor(exitCode: 1 | 2, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Run a command of the suite to its exit code; what a {@link Stop} says goes to stderr. */
export async function exitCodeOf(command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}

/** Print one line on stdout. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A duration as people read it. @returns `0.4 s`, `52 s`, `3 min 17 s` */
export function spell(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 100 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
