import { describe, expect, test } from 'vitest'
import { WorkQueue } from '../../../src/runtime/queue.ts'
import type { WorkQueueOptions } from '../../../src/runtime/queue.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function newQueue(options: Partial<WorkQueueOptions> = {}): { clock: ManualClock; queue: WorkQueue<string> } {
  const clock = new ManualClock(0)
  const queue = new WorkQueue<string>({
    clock,
    backoff: { baseMs: 100, maxMs: 1000, jitter: 0 },
    retries: { perSecond: 1000, burst: 1000 },
    random: () => 0,
    ...options,
  })
  return { clock, queue }
}

/** Take and finish everything that is ready. */
function drain(queue: WorkQueue<string>): { key: string; dirty: readonly number[] | 'all' }[] {
  const taken = []
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    taken.push(next)
    queue.done(next.key)
  }
  return taken
}

describe('add', () => {
  test('a first add is immediate', () => {
    const { queue } = newQueue()

    queue.add('a', 1)

    expect(queue.take()).toEqual({ key: 'a', dirty: [1] })
  })

  test('columns of one key coalesce, ascending and distinct', () => {
    const { queue } = newQueue()

    for (const column of [3, 1, 3, 2]) queue.add('a', column)
    queue.add('a', [9, 1])

    expect(drain(queue)).toEqual([{ key: 'a', dirty: [1, 2, 3, 9] }])
  })

  test('all swallows columns, before and after', () => {
    const { queue } = newQueue()

    queue.add('a', 1)
    queue.add('a', 'all')
    queue.add('a', 2)

    expect(drain(queue)).toEqual([{ key: 'a', dirty: 'all' }])
  })

  test('keys come in the order of their first add', () => {
    const { queue } = newQueue()

    for (const key of ['b', 'a', 'c', 'b', 'a']) queue.add(key, 0)

    expect(drain(queue).map(({ key }) => key)).toEqual(['b', 'a', 'c'])
  })

  test('a key that is being processed is not handed out, and runs once more afterwards with what was added', () => {
    const { queue } = newQueue()

    queue.add('a', 1)
    queue.take()
    queue.add('a', 2)
    queue.add('a', 3)
    expect(queue.take()).toBeUndefined()
    queue.done('a')

    expect(drain(queue)).toEqual([{ key: 'a', dirty: [2, 3] }])
  })

  test('a key that runs again goes behind those that wait', () => {
    const { queue } = newQueue()

    queue.add('a', 1)
    queue.take()
    queue.add('a', 1)
    queue.add('b', 1)
    queue.done('a')

    expect(drain(queue).map(({ key }) => key)).toEqual(['b', 'a'])
  })

  test('wakes once when a key becomes ready while none was', () => {
    const { queue } = newQueue()
    let wakes = 0
    queue.onReady(() => (wakes += 1))

    queue.add('a', 1)
    queue.add('b', 1)
    drain(queue)
    queue.add('c', 1)

    expect(wakes).toBe(2)
  })

  test('a listener that comes late is woken for what is ready', () => {
    const { queue } = newQueue()
    let wakes = 0

    queue.add('a', 1)
    queue.onReady(() => (wakes += 1))

    expect(wakes).toBe(1)
  })

  test('a hundred thousand keys are taken in linear time', () => {
    const { queue } = newQueue()
    for (let i = 0; i < 100_000; i += 1) queue.add(`key-${i}`, 0)

    let steps = 0
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      queue.done(next.key)
      steps += 1
    }

    expect(steps).toBe(100_000) // a walk over removed entries for each take would run into the test's time limit
  })
})

describe('addAt', () => {
  test('runs the key when its time has come, with everything dirty', () => {
    const { clock, queue } = newQueue()

    queue.addAt('a', 500)
    clock.advance(499)
    expect(queue.size).toBe(0)
    clock.advance(1)

    expect(drain(queue)).toEqual([{ key: 'a', dirty: 'all' }])
  })

  test('the earliest of several times counts, with the columns of all', () => {
    const { clock, queue } = newQueue()

    queue.addAt('a', 500, [1])
    queue.addAt('a', 300, [2])
    queue.addAt('a', 900, [3])
    clock.advance(300)

    expect(drain(queue)).toEqual([{ key: 'a', dirty: [1, 2, 3] }])
    expect(queue.waiting).toBe(0)
  })

  test('a time that has passed is now', () => {
    const { clock, queue } = newQueue()
    clock.advance(1000)

    queue.addAt('a', 999)

    expect(queue.size).toBe(1)
  })

  test('an add does not wait for the timer, nor end it', () => {
    const { clock, queue } = newQueue()

    queue.addAt('a', 500)
    queue.add('a', 7)
    expect(drain(queue)).toEqual([{ key: 'a', dirty: [7] }])
    clock.advance(500)

    expect(drain(queue)).toEqual([{ key: 'a', dirty: 'all' }])
  })

  test('keys share one timer of the clock', () => {
    const { clock, queue } = newQueue()

    for (let i = 0; i < 50; i += 1) queue.addAt(`key-${i}`, 1000 - i)

    expect(clock.pending).toBe(1)
  })
})

describe('retry', () => {
  test('waits the backoff of its key, longer with each failure, short again after forget', () => {
    const { queue } = newQueue()

    const delays = [queue.retry('a', [1]), queue.retry('a', [1]), queue.retry('a', [1])]
    queue.forget('a')

    expect([...delays, queue.retry('a', [1])]).toEqual([100, 200, 400, 100])
    expect(queue.retry('b', [1])).toBe(100)
  })

  test('delivers the columns it was given, together with those of earlier retries', () => {
    const { clock, queue } = newQueue()

    queue.retry('a', [1])
    queue.retry('a', [2])
    clock.advance(1000)

    expect(drain(queue)).toEqual([{ key: 'a', dirty: [1, 2] }])
  })

  test('an add overtakes it; what the retry owes comes when its time has', () => {
    const { clock, queue } = newQueue()

    queue.retry('a', [1])
    queue.add('a', 2)
    expect(drain(queue)).toEqual([{ key: 'a', dirty: [2] }])
    clock.advance(100)

    expect(drain(queue)).toEqual([{ key: 'a', dirty: [1] }])
  })

  test('a run with everything dirty covers what it owes', () => {
    const { clock, queue } = newQueue()

    queue.retry('a', [1])
    queue.add('a', 'all')
    drain(queue)
    clock.advance(1000)

    expect(queue.size).toBe(0)
    expect(queue.idle).toBe(true)
  })

  test('an answer that says when is obeyed', () => {
    const { clock, queue } = newQueue()

    expect(queue.retry('a', 'all', 5000)).toBe(5000)
    clock.advance(4999)
    expect(queue.size).toBe(0)
    clock.advance(1)

    expect(queue.size).toBe(1)
  })

  test('a failing server is not asked by all keys at once: the cap spreads them, in order', () => {
    const { clock, queue } = newQueue({ retries: { perSecond: 10, burst: 2 } })
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.retry(key, 'all')

    clock.advance(100)
    const first = drain(queue).map(({ key }) => key)
    clock.advance(200)
    const second = drain(queue).map(({ key }) => key)
    clock.advance(100)
    const third = drain(queue).map(({ key }) => key)

    expect([first, second, third]).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  test('first adds are never held back by the cap', () => {
    const { clock, queue } = newQueue({ retries: { perSecond: 1, burst: 1 } })
    for (let i = 0; i < 10; i += 1) queue.retry(`retried-${i}`, 'all')
    clock.advance(1000)

    for (let i = 0; i < 10; i += 1) queue.add(`new-${i}`, 'all')

    expect(drain(queue).filter(({ key }) => key.startsWith('new'))).toHaveLength(10)
  })
})

describe('close', () => {
  test('drops what waits and accepts nothing more', () => {
    const { clock, queue } = newQueue()
    queue.add('taken', 1)
    queue.take()
    queue.add('taken', 2)
    queue.add('ready', 1)
    queue.addAt('timed', 10)
    queue.retry('failed', 'all')

    queue.close()
    queue.add('late', 1)
    queue.addAt('late', 20)
    queue.retry('late', 'all')
    queue.done('taken')
    clock.advance(10_000)

    expect([queue.take(), queue.size, queue.waiting, queue.processing]).toEqual([undefined, 0, 0, 0])
    expect(clock.pending).toBe(0)
  })
})
