import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import type { Retry } from '../../../src/errors.ts'
import { WorkQueue } from '../../../src/runtime/queue.ts'
import { runWorker } from '../../../src/runtime/worker.ts'
import type { WorkFailure, WorkReport } from '../../../src/runtime/worker.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** Turns of the event loop, run by hand. */
class Turns {
  readonly #acts: (() => void)[] = []

  readonly schedule = (act: () => void): void => {
    this.#acts.push(act)
  }

  get pending(): number {
    return this.#acts.length
  }

  next(): void {
    this.#acts.shift()?.()
  }

  all(): void {
    while (this.#acts.length > 0) this.next()
  }
}

class Reports implements WorkReport<string> {
  readonly succeededKeys: string[] = []
  readonly failures: (WorkFailure & { readonly key: string })[] = []

  succeeded(key: string): void {
    this.succeededKeys.push(key)
  }

  failed(key: string, failure: WorkFailure): void {
    this.failures.push({ key, ...failure })
  }
}

function setUp(): { clock: ManualClock; queue: WorkQueue<string>; turns: Turns; report: Reports } {
  const clock = new ManualClock(0)
  const queue = new WorkQueue<string>({
    clock,
    backoff: { baseMs: 100, maxMs: 1000, jitter: 0 },
    retries: { perSecond: 1000, burst: 1000 },
    random: () => 0,
  })
  return { clock, queue, turns: new Turns(), report: new Reports() }
}

function errorWith(retry: Retry): AppError {
  return new AppError('it failed', { code: 'TEST_FAILED', retry })
}

describe('runWorker', () => {
  test('adds of one turn run once, in the next turn', () => {
    const { clock, queue, turns } = setUp()
    const runs: unknown[] = []
    runWorker(queue, (key, dirty) => void runs.push([key, dirty]), { clock, schedule: turns.schedule })

    queue.add('a', 1)
    queue.add('a', 2)
    expect(runs).toEqual([])
    turns.all()

    expect(runs).toEqual([['a', [1, 2]]])
  })

  test('lets the event loop turn after 5 ms of work, and goes on afterwards', () => {
    const { clock, queue, turns } = setUp()
    const runs: string[] = []
    runWorker(
      queue,
      (key) => {
        runs.push(key)
        clock.advance(2)
      },
      { clock, schedule: turns.schedule },
    )

    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key, 0)
    turns.next()
    expect(runs).toEqual(['a', 'b', 'c'])
    expect(turns.pending).toBe(1)
    turns.all()

    expect(runs).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('a pending rule of time runs the key again, with everything dirty', () => {
    const { clock, queue, turns } = setUp()
    const runs: unknown[] = []
    runWorker(
      queue,
      (_, dirty) => {
        runs.push(dirty)
        return runs.length === 1 ? { againAtMs: 500 } : {}
      },
      { clock, schedule: turns.schedule },
    )

    queue.add('a', 3)
    turns.all()
    clock.advance(500)
    turns.all()
    clock.advance(5000)
    turns.all()

    expect(runs).toEqual([[3], 'all'])
  })

  test.each([
    { name: 'backoff', error: errorWith('backoff'), want: { retry: 'backoff', delayMs: 100, runs: 2 } },
    {
      name: 'an answer that says when',
      error: errorWith({ afterMs: 700 }),
      want: { retry: { afterMs: 700 }, delayMs: 700, runs: 2 },
    },
    {
      name: 'never: not before the key changes',
      error: errorWith('never'),
      want: { retry: 'never', delayMs: undefined, runs: 1 },
    },
    {
      name: 'what is no AppError: backoff',
      error: new TypeError('a bug'),
      want: { retry: 'backoff', delayMs: 100, runs: 2 },
    },
  ])('obeys the advice of an error: $name', ({ error, want }) => {
    const { clock, queue, turns, report } = setUp()
    let runs = 0
    const fails = (): void => {
      runs += 1
      if (runs === 1) throw error
    }
    runWorker(queue, fails, { clock, report, schedule: turns.schedule })

    queue.add('a', 1)
    turns.all()
    clock.advance(1000)
    turns.all()

    const [failure] = report.failures
    expect({ retry: failure?.retry, delayMs: failure?.delayMs, runs }).toEqual(want)
    expect(failure).toMatchObject({ key: 'a', error, failures: 1 })
  })

  test('a key that fails keeps its columns and stops no other key', () => {
    const { clock, queue, turns, report } = setUp()
    const runs: unknown[] = []
    runWorker(
      queue,
      (key, dirty) => {
        runs.push([key, dirty])
        if (key === 'bad' && runs.length < 3) throw new Error('bad')
      },
      { clock, report, schedule: turns.schedule },
    )

    queue.add('bad', 4)
    queue.add('good', 1)
    turns.all()
    clock.advance(100)
    turns.all()

    expect(runs).toEqual([
      ['bad', [4]],
      ['good', [1]],
      ['bad', [4]],
    ])
    expect(report.succeededKeys).toEqual(['good', 'bad'])
  })

  test('success makes the next failure the first again', () => {
    const { clock, queue, turns, report } = setUp()
    const script = ['fail', 'fail', 'ok', 'fail']
    runWorker(
      queue,
      () => {
        if (script.shift() === 'fail') throw new Error('scripted')
      },
      { clock, report, schedule: turns.schedule },
    )

    queue.add('a', 1)
    turns.all()
    for (const ms of [100, 200]) {
      clock.advance(ms)
      turns.all()
    }
    queue.add('a', 1)
    turns.all()

    expect(report.failures.map(({ failures, delayMs }) => [failures, delayMs])).toEqual([
      [1, 100],
      [2, 200],
      [1, 100],
    ])
  })

  test('nothing starts after stop, not even in a slice that runs', () => {
    const { clock, queue, turns } = setUp()
    const runs: string[] = []
    const worker = runWorker(
      queue,
      (key) => {
        runs.push(key)
        worker.stop()
      },
      { clock, schedule: turns.schedule },
    )

    queue.add('a', 0)
    queue.add('b', 0)
    turns.all()
    queue.add('c', 0)
    turns.all()

    expect(runs).toEqual(['a'])
  })

  test('what a reconcile adds for its own key runs afterwards, not inside', () => {
    const { clock, queue, turns } = setUp()
    let depth = 0
    let runs = 0
    runWorker(
      queue,
      (key) => {
        depth += 1
        expect(depth).toBe(1)
        runs += 1
        if (runs < 3) queue.add(key, 0)
        depth -= 1
      },
      { clock, schedule: turns.schedule },
    )

    queue.add('a', 0)
    turns.all()

    expect(runs).toBe(3)
  })

  test('whatever is added between slices of whatever length, every column reaches the reconciler', () => {
    const adds = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(5), fc.nat(4), fc.boolean()), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(adds, (steps) => {
        const { clock, queue, turns } = setUp()
        const got = new Map<string, Set<number>>()
        runWorker(
          queue,
          (key, dirty) => {
            clock.advance(1)
            for (const column of dirty === 'all' ? [] : dirty) {
              got.set(key, (got.get(key) ?? new Set()).add(column))
            }
          },
          { clock, schedule: turns.schedule },
        )

        for (const [key, column, ms, turn] of steps) {
          queue.add(key, column)
          clock.advance(ms)
          if (turn) turns.next()
        }
        turns.all()

        const want = new Map<string, Set<number>>()
        for (const [key, column] of steps) want.set(key, (want.get(key) ?? new Set()).add(column))
        expect(got).toEqual(want)
        expect(queue.idle).toBe(true)
      }),
    )
  })
})
