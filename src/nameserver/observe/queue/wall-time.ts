/** The wall clock may be this much off before it is set anew: it shows whole ms only. */
const SLACK_MS = 5

/** Turns times of a monotonic clock into those of the wall clock, with its fractions, so that order is kept. */
export class WallTime {
  readonly #monotonicMs: () => number
  readonly #wallMs: () => number
  #offsetMs = Number.NaN

  constructor(monotonicMs: () => number, wallMs: () => number) {
    this.#monotonicMs = monotonicMs
    this.#wallMs = wallMs
  }

  /** Look at both clocks: the wall clock may have been set. */
  adjust(): void {
    const offsetMs = this.#wallMs() - this.#monotonicMs()
    if (!(Math.abs(offsetMs - this.#offsetMs) < SLACK_MS)) this.#offsetMs = offsetMs
  }

  /** Unix time in whole µs. */
  unixMicros(monotonicMs: number): number {
    return Math.round((monotonicMs + this.#offsetMs) * 1000)
  }
}
