import { AppError } from '../errors.ts'
import type { Clock } from './clock.ts'
import type { Dirty } from './dirty.ts'
import type { Taken, WorkQueue } from './queue.ts'
import { fail, settle, silentReport } from './worker.ts'
import type { Outcome, WorkReport } from './worker.ts'

export interface AsyncWorkerOptions<K> {
  readonly clock: Clock
  /** Keys processed at the same time, each at most once. */
  readonly concurrency: number
  readonly report?: WorkReport<K>
  /** A run that takes longer is aborted through its signal and counts as failed. */
  readonly timeoutMs?: number
}

export interface AsyncWorker {
  /** Starts nothing more, aborts what runs, resolves when the last run has ended. Idempotent. */
  stop(): Promise<void>
}

/**
 * Run an outside writer over a queue: bounded, each key never twice at once.
 * The signal aborts on stop and on timeout; a run that ends through an abort of `stop` is not reported.
 */
export function runAsyncWorker<K, C extends number>(
  queue: WorkQueue<K, C>,
  act: (key: K, dirty: Dirty<C>, signal: AbortSignal) => Promise<Outcome | void>,
  options: AsyncWorkerOptions<K>,
): AsyncWorker {
  const { clock, report = silentReport } = options
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()

  const run = async (taken: Taken<K, C>): Promise<void> => {
    const beganMs = clock.nowMs()
    const limit = limited(stopping.signal, options)
    try {
      settle(queue, taken.key, await act(taken.key, taken.dirty, limit.signal))
      report.succeeded(taken.key, clock.nowMs() - beganMs)
    } catch (error) {
      if (stopping.signal.aborted) return
      const failure = { error: limit.timedOut() ?? error, durationMs: clock.nowMs() - beganMs }
      report.failed(taken.key, fail(queue, taken, failure))
    } finally {
      limit.release()
      queue.done(taken.key)
    }
  }
  const fill = (): void => {
    while (!stopping.signal.aborted && running.size < options.concurrency) {
      const taken = queue.take()
      if (taken === undefined) return
      const ended = run(taken).then(() => {
        running.delete(ended)
        fill()
      })
      running.add(ended)
    }
  }
  queue.onReady(fill)
  return {
    stop: async () => {
      stopping.abort(new AppError('worker is stopping', { code: 'WORK_STOPPED' }))
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** A signal that aborts with its parent or when the time is over. */
function limited(
  parent: AbortSignal,
  options: { readonly clock: Clock; readonly timeoutMs?: number },
): { readonly signal: AbortSignal; timedOut(): AppError | undefined; release(): void } {
  const { timeoutMs } = options
  if (timeoutMs === undefined) return { signal: parent, timedOut: () => undefined, release: () => {} }
  const own = new AbortController()
  let timedOut: AppError | undefined
  const timer = options.clock.after(timeoutMs, () => {
    timedOut = new AppError('work took too long', {
      code: 'WORK_TIMED_OUT',
      retry: 'backoff',
      fields: { timeoutMs },
    })
    own.abort(timedOut)
  })
  const follow = (): void => own.abort(parent.reason)
  parent.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    timedOut: () => timedOut,
    release: () => {
      timer.cancel()
      parent.removeEventListener('abort', follow)
    },
  }
}
