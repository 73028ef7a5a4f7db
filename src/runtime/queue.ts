import { backoffMs, RateGate } from './backoff.ts'
import type { BackoffOptions } from './backoff.ts'
import type { Clock } from './clock.ts'
import { dirtyOf, mergeCells, soil } from './dirty.ts'
import type { Dirty, DirtyCell } from './dirty.ts'
import { TimerHeap } from './timer-heap.ts'
import type { HeapEntry } from './timer-heap.ts'

/** A key handed out for processing, with all that was added for it since the last time. */
export interface Taken<K, C extends number = number> {
  readonly key: K
  readonly dirty: Dirty<C>
}

export interface WorkQueueOptions {
  readonly clock: Clock
  /** Delay of a key's retries, by how often it failed in a row. */
  readonly backoff: BackoffOptions
  /** Cap on the retries of all keys together. First adds are never limited. */
  readonly retries: { readonly perSecond: number; readonly burst: number }
  /** From 0 to 1: jitter of retries. */
  readonly random: () => number
}

/** Retries after 50 ms, 100 ms … 30 s; at most 100 a second over all keys, after a burst of 100. */
export const defaultQueueOptions: Pick<WorkQueueOptions, 'backoff' | 'retries'> = {
  backoff: { baseMs: 50, maxMs: 30_000, jitter: 0.5 },
  retries: { perSecond: 100, burst: 100 },
}

/** A due time of one key. `admitted`: its place in the cap on retries has been reserved. */
interface Wait<K, C extends number> {
  readonly key: K
  readonly cell: DirtyCell<C>
  readonly kind: 'timer' | 'retry'
  readonly admitted: boolean
}

/**
 * Keys to process, each at most once in it, first come first served.
 *
 * - `add` is immediate; columns of one key coalesce until it is taken.
 * - A key that is being processed is not handed out again; what is added meanwhile makes it run once more afterwards.
 * - Nothing added is lost, and nothing is delivered twice, but for time: a timer may find its work already done.
 * - `retry` waits: the key's own backoff, then a place in the cap on retries of all keys. `add` overtakes it.
 *
 * Synchronous and without a loop of its own: runWorker and runAsyncWorker drive it.
 */
export class WorkQueue<K, C extends number = number> {
  readonly #options: WorkQueueOptions
  readonly #gate: RateGate
  readonly #ready = new Map<K, DirtyCell<C>>()
  readonly #processing = new Map<K, { again: boolean; cell: DirtyCell<C> }>()
  readonly #heap: TimerHeap<Wait<K, C>>
  readonly #timers = new Map<K, HeapEntry<Wait<K, C>>>()
  readonly #retries = new Map<K, HeapEntry<Wait<K, C>>>()
  readonly #failures = new Map<K, number>()
  #order: Iterator<[K, DirtyCell<C>]> = this.#ready.entries()
  #wake: () => void = () => {}
  #closed = false

  constructor(options: WorkQueueOptions) {
    this.#options = options
    this.#gate = new RateGate(options.retries)
    this.#heap = new TimerHeap(options.clock, (wait) => this.#due(wait))
  }

  /** Keys that could be taken now. */
  get size(): number {
    return this.#ready.size
  }

  /** Keys that wait for a timer or a retry. */
  get waiting(): number {
    return this.#timers.size + this.#retries.size
  }

  /** Keys taken and not yet done. */
  get processing(): number {
    return this.#processing.size
  }

  /** True when nothing is ready, waiting for a retry or being processed; timers of the future do not count. */
  get idle(): boolean {
    return this.#ready.size === 0 && this.#processing.size === 0 && this.#retries.size === 0
  }

  /** `wake` is called, synchronously, whenever a key becomes ready while none was. One listener. */
  onReady(wake: () => void): void {
    this.#wake = wake
    if (this.#ready.size > 0) wake()
  }

  /** Something about this key changed. */
  add(key: K, dirty: C | Dirty<C>): void {
    this.#put(key, soil<C>(undefined, dirty))
  }

  /** Run this key no later than `atMs`; the earliest of several counts. Without `dirty` everything about it is looked at. */
  addAt(key: K, atMs: number, dirty: Dirty<C> = 'all'): void {
    if (this.#closed) return
    const present = this.#timers.get(key)
    const cell = mergeCells(soil<C>(undefined, dirty), present?.value.cell)
    const dueMs = Math.min(atMs, present?.atMs ?? atMs)
    if (dueMs <= this.#options.clock.nowMs()) {
      this.#drop(this.#timers, key)
      this.#put(key, cell)
      return
    }
    this.#wait(this.#timers, dueMs, { key, cell, kind: 'timer', admitted: true })
  }

  /**
   * The step of this key failed: offer `dirty` again later.
   * @param afterMs - at least this long (an answer said so); without it the key's own backoff
   * @returns the delay in milliseconds, before the cap on all retries
   */
  retry(key: K, dirty: Dirty<C>, afterMs?: number): number {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const delayMs = afterMs ?? backoffMs(failures, this.#options.backoff, this.#options.random())
    if (this.#closed) return delayMs
    const present = this.#retries.get(key)
    const cell = mergeCells(soil<C>(undefined, dirty), present?.value.cell)
    const dueMs = this.#options.clock.nowMs() + delayMs
    this.#wait(this.#retries, dueMs, { key, cell, kind: 'retry', admitted: false })
    return delayMs
  }

  /** The step of this key succeeded: its next failure counts as the first. */
  forget(key: K): void {
    this.#failures.delete(key)
  }

  /** How often this key failed in a row. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0
  }

  /** The next key, marked as being processed until `done`. */
  take(): Taken<K, C> | undefined {
    const next = this.#next()
    if (next === undefined) return undefined
    const [key, cell] = next
    this.#ready.delete(key)
    this.#processing.set(key, { again: false, cell: undefined })
    if (cell === 'all') this.#drop(this.#retries, key) // all includes whatever a retry still owes
    return { key, dirty: dirtyOf(cell) }
  }

  /** Processing of a taken key has ended, well or not. */
  done(key: K): void {
    const held = this.#processing.get(key)
    if (held === undefined) return
    this.#processing.delete(key)
    if (held.again) this.#put(key, held.cell)
  }

  /** Drop everything and accept nothing more. */
  close(): void {
    this.#closed = true
    this.#ready.clear()
    this.#heap.clear()
    this.#timers.clear()
    this.#retries.clear()
    this.#failures.clear()
    for (const held of this.#processing.values()) held.again = false
  }

  #put(key: K, cell: DirtyCell<C>): void {
    if (this.#closed) return
    const held = this.#processing.get(key)
    if (held !== undefined) {
      held.again = true
      held.cell = mergeCells(held.cell, cell)
      return
    }
    const wasEmpty = this.#ready.size === 0
    this.#ready.set(key, mergeCells(this.#ready.get(key), cell))
    if (wasEmpty) this.#wake()
  }

  /** One iterator for many takes: a new one for each would walk over every entry that was removed from the map's front. */
  #next(): [K, DirtyCell<C>] | undefined {
    if (this.#ready.size === 0) return undefined
    let next = this.#order.next()
    if (next.done === true) {
      this.#order = this.#ready.entries()
      next = this.#order.next()
    }
    return next.done === true ? undefined : next.value
  }

  #wait(waits: Map<K, HeapEntry<Wait<K, C>>>, atMs: number, wait: Wait<K, C>): void {
    this.#drop(waits, wait.key)
    waits.set(wait.key, this.#heap.add(atMs, wait))
  }

  #drop(waits: Map<K, HeapEntry<Wait<K, C>>>, key: K): void {
    waits.get(key)?.cancel()
    waits.delete(key)
  }

  #due(wait: Wait<K, C>): void {
    const waits = wait.kind === 'timer' ? this.#timers : this.#retries
    const nowMs = this.#options.clock.nowMs()
    const placeMs = wait.admitted ? nowMs : this.#gate.reserve(nowMs)
    if (placeMs > nowMs) {
      this.#wait(waits, placeMs, { ...wait, admitted: true })
      return
    }
    waits.delete(wait.key)
    this.#put(wait.key, wait.cell)
  }
}
