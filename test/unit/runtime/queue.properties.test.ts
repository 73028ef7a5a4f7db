import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WorkQueue } from '../../../src/runtime/queue.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const KEYS = ['a', 'b', 'c'] as const
type Key = (typeof KEYS)[number]

/** What a queue owes, straight from its promises: columns by key, and nothing about order or time. */
interface Model {
  /** What must still be delivered. */
  readonly owed: Map<Key, Set<number>>
  /** What may be: a column that was added twice, by an event and by a timer, may come twice. */
  readonly added: Map<Key, Set<number>>
  readonly processing: Set<Key>
}

interface Real {
  readonly clock: ManualClock
  readonly queue: WorkQueue<Key>
  /** Dirty columns of runs that are under way, to give back on failure. */
  readonly taken: Map<Key, readonly number[]>
}

type Command = fc.Command<Model, Real>

function owe(model: Model, key: Key, columns: readonly number[]): void {
  for (const columnsOf of [model.owed, model.added]) {
    const kept = columnsOf.get(key) ?? new Set<number>()
    for (const column of columns) kept.add(column)
    columnsOf.set(key, kept)
  }
}

class Add implements Command {
  readonly key: Key
  readonly column: number
  constructor(key: Key, column: number) {
    this.key = key
    this.column = column
  }
  check = (): boolean => true
  run(model: Model, { queue }: Real): void {
    owe(model, this.key, [this.column])
    queue.add(this.key, this.column)
  }
  toString = (): string => `add(${this.key}, ${this.column})`
}

class AddAt implements Command {
  readonly key: Key
  readonly inMs: number
  readonly column: number
  constructor(key: Key, inMs: number, column: number) {
    this.key = key
    this.inMs = inMs
    this.column = column
  }
  check = (): boolean => true
  run(model: Model, { queue, clock }: Real): void {
    owe(model, this.key, [this.column])
    queue.addAt(this.key, clock.nowMs() + this.inMs, [this.column])
  }
  toString = (): string => `addAt(${this.key}, +${this.inMs}, ${this.column})`
}

class Take implements Command {
  check = (): boolean => true
  run(model: Model, { queue, taken }: Real): void {
    const next = queue.take()
    if (next === undefined) return
    assert(!model.processing.has(next.key), 'a key is never processed twice at once')
    const columns = next.dirty
    assert(columns !== 'all', 'nothing in this model adds all')
    for (const column of columns) {
      assert(model.added.get(next.key)?.has(column), 'only what was added is delivered')
      model.owed.get(next.key)?.delete(column)
    }
    model.processing.add(next.key)
    taken.set(next.key, columns)
  }
  toString = (): string => 'take'
}

class Finish implements Command {
  readonly key: Key
  readonly fails: boolean
  constructor(key: Key, fails: boolean) {
    this.key = key
    this.fails = fails
  }
  check = (model: Readonly<Model>): boolean => model.processing.has(this.key)
  run(model: Model, { queue, taken }: Real): void {
    const columns = taken.get(this.key) ?? []
    if (this.fails) {
      owe(model, this.key, columns)
      queue.retry(this.key, columns)
    } else queue.forget(this.key)
    model.processing.delete(this.key)
    taken.delete(this.key)
    queue.done(this.key)
  }
  toString = (): string => `${this.fails ? 'fail' : 'done'}(${this.key})`
}

class Wait implements Command {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
  check = (): boolean => true
  run(_: Model, { clock }: Real): void {
    clock.advance(this.ms)
  }
  toString = (): string => `wait(${this.ms})`
}

const key = fc.constantFrom(...KEYS)
const column = fc.nat(4)
const commands = fc.commands(
  [
    fc.tuple(key, column).map(([k, c]) => new Add(k, c)),
    fc.tuple(key, fc.integer({ min: -10, max: 300 }), column).map(([k, ms, c]) => new AddAt(k, ms, c)),
    fc.constant(new Take()),
    fc.tuple(key, fc.boolean()).map(([k, fails]) => new Finish(k, fails)),
    fc.nat(400).map((ms) => new Wait(ms)),
  ],
  { maxCommands: 60 },
)

function newReal(): Real {
  const clock = new ManualClock(0)
  const queue = new WorkQueue<Key>({
    clock,
    backoff: { baseMs: 20, maxMs: 200, jitter: 0.5 },
    retries: { perSecond: 20, burst: 2 },
    random: () => 0.5,
  })
  return { clock, queue, taken: new Map() }
}

describe('any sequence of adds, timers, takes, failures and time', () => {
  test('hands each key to one at a time, delivers every column that was added, and nothing else', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const model: Model = { owed: new Map(), added: new Map(), processing: new Set() }
        const real = newReal()

        fc.modelRun(() => ({ model, real }), sequence)

        // Let everything run to its end: whatever was owed must come out.
        for (const [taken] of real.taken) new Finish(taken, false).run(model, real)
        for (let i = 0; i < 100; i += 1) {
          new Take().run(model, real)
          for (const [taken] of real.taken) new Finish(taken, false).run(model, real)
          real.clock.advance(50)
        }
        const missed = [...model.owed].filter(([, columns]) => columns.size > 0)
        expect(missed, 'no wakeup and no column is lost').toEqual([])
        expect(real.queue.idle).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('retries never exceed their cap in any window, whatever fails when', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 40 }), (gaps) => {
        const clock = new ManualClock(0)
        const queue = new WorkQueue<number>({
          clock,
          backoff: { baseMs: 10, maxMs: 80, jitter: 0 },
          retries: { perSecond: 50, burst: 3 },
          random: () => 0,
        })
        const runsAtMs: number[] = []
        queue.onReady(() => {
          for (let next = queue.take(); next !== undefined; next = queue.take()) {
            runsAtMs.push(clock.nowMs())
            queue.done(next.key)
          }
        })

        for (const [i, gap] of gaps.entries()) {
          queue.retry(i, 'all')
          clock.advance(gap)
        }
        clock.advance(10_000)

        expect(runsAtMs).toHaveLength(gaps.length)
        const windows = runsAtMs.flatMap((from, i) =>
          runsAtMs.slice(i).map((to, runs) => ({ runs: runs + 1, allowed: 3 + (to - from) / 20 + 1e-9 })),
        )
        expect(windows.filter(({ runs, allowed }) => runs > allowed)).toEqual([])
      }),
    )
  })
})
