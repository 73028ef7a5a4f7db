/** An exponential backoff: `baseMs`, doubled for each further failure, at most `maxMs`, plus a random part of it. */
export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
  /** The largest random part, as a share of the delay: 0 = none, 1 = up to twice the delay. */
  readonly jitter: number
}

/**
 * How long to wait after a failure.
 * @param failures - how many there were in a row, this one included; less than 1 counts as 1
 * @param random - from 0 to 1 (1 excluded), drawn by the caller: the function itself is deterministic
 * @returns milliseconds, whole
 */
export function backoffMs(failures: number, options: BackoffOptions, random: number): number {
  // 2^50 is beyond any sensible maximum and below the point where doubling loses precision.
  const doublings = Math.min(Math.max(failures, 1) - 1, 50)
  const delayMs = Math.min(options.maxMs, options.baseMs * 2 ** doublings)
  return Math.round(delayMs * (1 + options.jitter * random))
}

/** Admits `burst` at once, then `perSecond`; time is an argument, so that it is as testable as arithmetic. */
export class RateGate {
  readonly #intervalMs: number
  readonly #slackMs: number
  #nextMs = Number.NEGATIVE_INFINITY

  constructor(options: { readonly perSecond: number; readonly burst: number }) {
    this.#intervalMs = 1000 / options.perSecond
    this.#slackMs = this.#intervalMs * (Math.max(1, options.burst) - 1)
  }

  /** Reserve the next place: the time at which its holder may go, `nowMs` or later. */
  reserve(nowMs: number): number {
    const placeMs = Math.max(this.#nextMs, nowMs)
    this.#nextMs = placeMs + this.#intervalMs
    return Math.max(nowMs, placeMs - this.#slackMs)
  }

  /** Take a place if there is one right now. */
  tryTake(nowMs: number): boolean {
    if (Math.max(this.#nextMs, nowMs) - this.#slackMs > nowMs) return false
    this.reserve(nowMs)
    return true
  }
}
