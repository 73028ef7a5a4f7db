import { clearTimeout, setTimeout } from 'node:timers'

/** Far above what anything takes on a busy machine: it bounds failing tests, no passing one waits for it. */
const LIMIT_MS = 8_000

/** Wakes whoever waits for "something happened" to look again. */
export class Pulse {
  #beats = 0
  #waiting: PromiseWithResolvers<void> | undefined

  /** Something happened. */
  beat(): void {
    this.#beats += 1
    this.#waiting?.resolve()
    this.#waiting = undefined
  }

  /**
   * Look until the look does not throw: now, and after each beat.
   * @throws what the last look threw, when nothing came of it for 8 s
   */
  async until<T>(look: () => T | Promise<T>): Promise<T> {
    const limit = Promise.withResolvers<'over'>()
    const timer = setTimeout(() => limit.resolve('over'), LIMIT_MS)
    try {
      for (;;) {
        const seen = this.#beats
        try {
          return await look()
        } catch (error) {
          if ((await Promise.race([this.#after(seen), limit.promise])) === 'over') throw error
        }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** The next beat, or the end of this time. */
  async next(limitMs: number): Promise<void> {
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, limitMs)
    await Promise.race([this.#after(this.#beats), limit.promise])
    clearTimeout(timer)
  }

  async #after(seen: number): Promise<void> {
    if (this.#beats !== seen) return
    this.#waiting ??= Promise.withResolvers<void>()
    await this.#waiting.promise
  }
}
