import PQueue from 'p-queue'

export interface WriteLimits {
  /** Writes under way at the same time, per cluster. */
  readonly concurrency: number
  /** Writes begun in any one second, per cluster. */
  readonly perSecond: number
}

/** 10 at a time, 50 a second: a fifth of what one API server grants a client by its default priority level. */
export const defaultWriteLimits: WriteLimits = { concurrency: 10, perSecond: 50 }

/** Caps concurrency and rate of writes per cluster (or per cloud account), so that one busy target delays no other. */
export class WriteLimiter {
  readonly #limits: WriteLimits
  readonly #queues = new Map<string, PQueue>()

  constructor(limits: WriteLimits = defaultWriteLimits) {
    this.#limits = limits
  }

  /** Writes of this target that wait for their turn. */
  waiting(target: string): number {
    return this.#queues.get(target)?.size ?? 0
  }

  /**
   * Run a write when its target's turn comes.
   * @throws what `act` throws; the signal's reason when it aborts while waiting (`act` is then never called)
   */
  async run<T>(target: string, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#queue(target).add(act, { signal })
  }

  /** The target is gone: waiting writes are rejected with an AbortError, running ones end by themselves. */
  remove(target: string): void {
    this.#queues.get(target)?.clear()
    this.#queues.delete(target)
  }

  #queue(target: string): PQueue {
    let queue = this.#queues.get(target)
    if (queue === undefined) {
      const { concurrency, perSecond } = this.#limits
      queue = new PQueue({ concurrency, interval: 1000, intervalCap: perSecond, strict: true })
      this.#queues.set(target, queue)
    }
    return queue
  }
}
