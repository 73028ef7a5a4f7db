import { describeError } from '../../errors.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'

/** Keys worked in one turn of the event loop, so that a burst never starves the API servers beside it. */
const KEYS_PER_TURN = 200
const MAX_RETRIES = 6
const FIRST_RETRY_MS = 50

export interface ReconcileLoopOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Brings one key to its desired state; synchronous. What it throws is tried again a few times. */
  readonly reconcile: (key: string) => void
  /** Keys of a smaller rank run first: what feeds others before what sums them up. From 0 to `ranks` - 1; default 0. */
  readonly rankOf?: (key: string) => number
  readonly ranks?: number
}

/**
 * A coalescing queue of keys: a key marked many times before its turn runs once. Nothing polls: without marks nothing
 * runs. Order is by rank, then first marked, first run.
 */
export class ReconcileLoop {
  readonly #options: ReconcileLoopOptions
  readonly #queues: readonly Set<string>[]
  readonly #timers = new Map<string, { readonly dueMs: number; readonly timer: Timer }>()
  readonly #failures = new Map<string, number>()
  #waiting: (() => void)[] = []
  #scheduled = false
  #closed = false

  constructor(options: ReconcileLoopOptions) {
    this.#options = options
    this.#queues = Array.from({ length: options.ranks ?? 1 }, () => new Set())
  }

  mark(key: string): void {
    if (this.#closed) return
    this.#queues[this.#options.rankOf?.(key) ?? 0]?.add(key)
    this.#schedule()
  }

  /** Mark later; of several calls for one key the earliest counts. */
  markAfter(key: string, delayMs: number): void {
    if (this.#closed) return
    const dueMs = this.#options.clock.nowMs() + delayMs
    const pending = this.#timers.get(key)
    if (pending !== undefined && pending.dueMs <= dueMs) return
    pending?.timer.cancel()
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(key)
      this.mark(key)
    })
    this.#timers.set(key, { dueMs, timer })
  }

  /** Nothing is queued; marks that wait for the clock do not count. */
  get idle(): boolean {
    return this.#queues.every((queue) => queue.size === 0)
  }

  /** Resolves when nothing is queued. */
  async settled(): Promise<void> {
    if (this.idle) return
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#closed = true
    for (const queue of this.#queues) queue.clear()
    for (const { timer } of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    this.#release()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    for (let worked = 0; worked < KEYS_PER_TURN; worked += 1) {
      const key = this.#next()
      if (key === undefined) break
      this.#run(key)
    }
    if (this.idle) this.#release()
    else this.#schedule()
  }

  #next(): string | undefined {
    for (const queue of this.#queues)
      for (const key of queue) {
        queue.delete(key)
        return key
      }
    return undefined
  }

  #run(key: string): void {
    try {
      this.#options.reconcile(key)
      this.#failures.delete(key)
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1
      if (failures <= MAX_RETRIES) {
        this.#failures.set(key, failures)
        this.markAfter(key, FIRST_RETRY_MS * 2 ** failures)
        return
      }
      this.#failures.delete(key) // the next change of the object starts afresh
      this.#options.logger.warn({ key, err: describeError(error) }, 'simulated cloud gave up on an object')
    }
  }

  #release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
