import type { Clock, Timer } from '../runtime/clock.ts'

/** Barks once when it has not been fed for `limitMs`. Feeding is a store of one number: it may be done for every event. */
export class Watchdog {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #bark: () => void
  #fedAtMs = 0
  #timer: Timer | undefined

  constructor(clock: Clock, limitMs: number, bark: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#bark = bark
  }

  get isAwake(): boolean {
    return this.#timer !== undefined
  }

  /** Begin to watch, from now. Already watching: the same as feed. */
  start(): void {
    this.feed()
    if (this.#timer === undefined) this.#arm(this.#limitMs)
  }

  feed(): void {
    this.#fedAtMs = this.#clock.nowMs()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => {
      const leftMs = this.#fedAtMs + this.#limitMs - this.#clock.nowMs()
      if (leftMs > 0) return this.#arm(leftMs)
      this.#timer = undefined
      return this.#bark()
    })
  }
}
