import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { runAsyncWorker } from '../../../src/runtime/async-worker.ts'
import type { Dirty } from '../../../src/runtime/dirty.ts'
import { WorkQueue } from '../../../src/runtime/queue.ts'
import type { WorkFailure } from '../../../src/runtime/worker.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function newQueue(clock: ManualClock): WorkQueue<string> {
  return new WorkQueue<string>({
    clock,
    backoff: { baseMs: 100, maxMs: 1000, jitter: 0 },
    retries: { perSecond: 1000, burst: 1000 },
    random: () => 0,
  })
}

interface Write {
  readonly key: string
  readonly dirty: Dirty
  readonly signal: AbortSignal
  readonly end: PromiseWithResolvers<void>
}

/** Writes that end when the test says so. */
class Writes {
  readonly #open: Write[] = []

  readonly act = (key: string, dirty: Dirty, signal: AbortSignal): Promise<void> => {
    const end = Promise.withResolvers<void>()
    this.#open.push({ key, dirty, signal, end })
    return end.promise
  }

  get open(): readonly string[] {
    return this.#open.map(({ key }) => key)
  }

  get(key: string): Write {
    const found = this.#open.find((write) => write.key === key)
    if (found === undefined) throw new Error(`no write of ${key} is open`)
    return found
  }

  async end(key: string, error?: Error): Promise<void> {
    const write = this.get(key)
    this.#open.splice(this.#open.indexOf(write), 1)
    if (error === undefined) write.end.resolve()
    else write.end.reject(error)
    await settled()
  }
}

/** Let promises that are ready run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve()
}

describe('runAsyncWorker', () => {
  test('runs as many keys at once as it may, each at most once', async () => {
    const clock = new ManualClock(0)
    const queue = newQueue(clock)
    const writes = new Writes()
    runAsyncWorker(queue, writes.act, { clock, concurrency: 2 })

    for (const key of ['a', 'b', 'c']) queue.add(key, 1)
    queue.add('a', 2)
    expect(writes.open).toEqual(['a', 'b'])
    await writes.end('a')
    expect(writes.open).toEqual(['b', 'c'])
    await writes.end('b')

    expect(writes.open).toEqual(['c', 'a'])
    expect(writes.get('a').dirty).toEqual([2])
  })

  test('a slow key delays no other', async () => {
    const clock = new ManualClock(0)
    const queue = newQueue(clock)
    const writes = new Writes()
    runAsyncWorker(queue, writes.act, { clock, concurrency: 2 })

    queue.add('slow', 1)
    for (const key of ['a', 'b', 'c']) {
      queue.add(key, 1)
      await writes.end(key)
    }

    expect(writes.open).toEqual(['slow'])
  })

  test('a failure is reported and tried again with its columns', async () => {
    const clock = new ManualClock(0)
    const queue = newQueue(clock)
    const writes = new Writes()
    const failures: WorkFailure[] = []
    const report = {
      succeeded: () => {},
      failed: (_: string, failure: WorkFailure) => void failures.push(failure),
    }
    runAsyncWorker(queue, writes.act, { clock, concurrency: 1, report })
    const error = new AppError('no', { code: 'TEST_FAILED', retry: { afterMs: 400 } })

    queue.add('a', 5)
    await writes.end('a', error)
    clock.advance(399)
    expect(writes.open).toEqual([])
    clock.advance(1)

    expect(writes.get('a').dirty).toEqual([5])
    expect(failures).toMatchObject([{ error, retry: { afterMs: 400 }, delayMs: 400, failures: 1 }])
  })

  test('a run that takes too long is aborted and counts as failed', async () => {
    const clock = new ManualClock(0)
    const queue = newQueue(clock)
    const failures: WorkFailure[] = []
    const report = {
      succeeded: () => {},
      failed: (_: string, failure: WorkFailure) => void failures.push(failure),
    }
    const act = (_: string, __: Dirty, signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    runAsyncWorker(queue, act, { clock, concurrency: 1, timeoutMs: 2000, report })

    queue.add('a', 1)
    clock.advance(2000)
    await settled()

    expect(failures.map(({ error }) => (error instanceof AppError ? error.code : error))).toEqual([
      'WORK_TIMED_OUT',
    ])
    expect(queue.waiting).toBe(1)
  })

  test('stop aborts what runs, waits for it, reports none of it and starts nothing', async () => {
    const clock = new ManualClock(0)
    const queue = newQueue(clock)
    const writes = new Writes()
    const failures: unknown[] = []
    const report = { succeeded: () => {}, failed: (key: string) => void failures.push(key) }
    const worker = runAsyncWorker(queue, writes.act, { clock, concurrency: 1, timeoutMs: 1000, report })
    queue.add('a', 1)
    queue.add('b', 1)

    let stopped = false
    const stopping = worker.stop().then(() => (stopped = true))
    await settled()
    expect([writes.get('a').signal.aborted, stopped]).toEqual([true, false])
    await writes.end('a', new Error('aborted'))
    await stopping

    expect([writes.open, failures, clock.pending]).toEqual([[], [], 0])
  })

  test('in any order of ends: never over its concurrency, never one key twice, every column delivered', async () => {
    const adds = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3)), {
      minLength: 1,
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), adds, async (s, steps) => {
        const clock = new ManualClock(0)
        const queue = newQueue(clock)
        const running = new Set<string>()
        const got = new Set<string>()
        let most = 0
        runAsyncWorker(
          queue,
          async (key, dirty) => {
            if (running.has(key)) throw new Error(`${key} runs twice at once`)
            running.add(key)
            most = Math.max(most, running.size)
            await s.schedule(Promise.resolve(), `write ${key}`)
            for (const column of dirty === 'all' ? [] : dirty) got.add(`${key}${column}`)
            running.delete(key)
          },
          {
            clock,
            concurrency: 2,
            report: {
              succeeded: () => {},
              failed: (_, { error }) => {
                throw error
              },
            },
          },
        )

        const adding = s.scheduleSequence(
          steps.map(([key, column]) => ({
            label: `add ${key}${column}`,
            builder: async () => queue.add(key, column),
          })),
        )
        await s.waitIdle()
        await adding.task

        expect([...got].sort()).toEqual([...new Set(steps.map(([key, column]) => `${key}${column}`))].sort())
        expect([most <= 2, queue.idle]).toEqual([true, true])
      }),
    )
  })
})
