import { AppError } from '../errors.ts'
import type { Retry } from '../errors.ts'
import type { Clock } from './clock.ts'
import type { Dirty } from './dirty.ts'
import type { Taken, WorkQueue } from './queue.ts'

/** What a reconcile asks for beyond being done. */
export interface Outcome {
  /** A rule of time is pending: run this key again then, with everything about it dirty. */
  readonly againAtMs?: number | undefined
}

/** How the worker tells what happens; the implementer logs, counts and sets conditions. Must not throw. */
export interface WorkReport<K> {
  /** A run that ended well. */
  succeeded(key: K, durationMs: number): void
  /** A run that threw. `delayMs` is undefined when it is not tried again before the key changes (`retry` is 'never'). */
  failed(key: K, failure: WorkFailure): void
}

export interface WorkFailure {
  readonly error: unknown
  readonly retry: Retry
  /** In a row, this one included. */
  readonly failures: number
  readonly delayMs: number | undefined
  readonly durationMs: number
}

/** Reports nothing. */
export const silentReport: WorkReport<unknown> = { succeeded: () => {}, failed: () => {} }

export interface WorkerOptions<K> {
  readonly clock: Clock
  readonly report?: WorkReport<K>
  /** Work this long, then let the event loop turn (5). */
  readonly sliceMs?: number
  /** How to come back in a later turn (setImmediate). */
  readonly schedule?: (act: () => void) => void
}

export interface Worker {
  /** No reconcile starts after this; idempotent. */
  stop(): void
}

const SLICE_MS = 5

/**
 * Run a synchronous reconciler over a queue: in slices, so that sockets and timers get their turn between them.
 * An error is reported and its `retry` obeyed; what is no AppError is tried again with backoff.
 * The first slice runs in a later turn than the `add` that caused it, so that adds of one turn coalesce.
 */
export function runWorker<K, C extends number>(
  queue: WorkQueue<K, C>,
  reconcile: (key: K, dirty: Dirty<C>) => Outcome | void,
  options: WorkerOptions<K>,
): Worker {
  const { clock, report = silentReport, sliceMs = SLICE_MS } = options
  const schedule = options.schedule ?? ((act) => void setImmediate(act))
  let stopped = false
  let scheduled = false

  const wake = (): void => {
    if (scheduled || stopped) return
    scheduled = true
    schedule(slice)
  }
  const next = (): Taken<K, C> | undefined => (stopped ? undefined : queue.take())
  const slice = (): void => {
    scheduled = false
    const startMs = clock.nowMs()
    for (let taken = next(); taken !== undefined; taken = next()) {
      const beganMs = clock.nowMs()
      try {
        settle(queue, taken.key, reconcile(taken.key, taken.dirty))
        report.succeeded(taken.key, clock.nowMs() - beganMs)
      } catch (error) {
        report.failed(taken.key, fail(queue, taken, { error, durationMs: clock.nowMs() - beganMs }))
      } finally {
        queue.done(taken.key)
      }
      if (clock.nowMs() - startMs >= sliceMs) return wake()
    }
  }
  queue.onReady(wake)
  return {
    stop: () => {
      stopped = true
    },
  }
}

/** Book a run that ended well. */
export function settle<K, C extends number>(queue: WorkQueue<K, C>, key: K, outcome: Outcome | void): void {
  queue.forget(key)
  if (outcome?.againAtMs !== undefined) queue.addAt(key, outcome.againAtMs)
}

/** Book a run that threw, by its advice. */
export function fail<K, C extends number>(
  queue: WorkQueue<K, C>,
  taken: { readonly key: K; readonly dirty: Dirty<C> },
  run: { readonly error: unknown; readonly durationMs: number },
): WorkFailure {
  const retry: Retry = run.error instanceof AppError ? run.error.retry : 'backoff'
  if (retry === 'never') {
    const failures = queue.failures(taken.key) + 1
    queue.forget(taken.key)
    return { ...run, retry, failures, delayMs: undefined }
  }
  const delayMs = queue.retry(taken.key, taken.dirty, retry === 'backoff' ? undefined : retry.afterMs)
  return { ...run, retry, failures: queue.failures(taken.key), delayMs }
}
