import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimerHeap } from '../../../src/runtime/timer-heap.ts'
import { ManualClock } from '../../support/manual-clock.ts'

describe('TimerHeap', () => {
  test('entries fall due in order of time, then of their making', () => {
    const clock = new ManualClock(0)
    const fired: string[] = []
    const heap = new TimerHeap<string>(clock, (value) => fired.push(value))

    heap.add(30, 'c')
    heap.add(10, 'a1')
    heap.add(10, 'a2')
    heap.add(20, 'b')
    clock.advance(25)

    expect(fired).toEqual(['a1', 'a2', 'b'])
    expect(heap.size).toBe(1)
  })

  test('however many entries wait, one timer of the clock does', () => {
    const clock = new ManualClock(0)
    const heap = new TimerHeap<number>(clock, () => {})

    for (let i = 100; i > 0; i -= 1) heap.add(i, i)

    expect(clock.pending).toBe(1)
  })

  test('a cancelled entry never falls due', () => {
    const clock = new ManualClock(0)
    const fired: string[] = []
    const heap = new TimerHeap<string>(clock, (value) => fired.push(value))

    const entry = heap.add(10, 'cancelled')
    heap.add(20, 'kept')
    entry.cancel()
    entry.cancel()
    clock.advance(100)

    expect(fired).toEqual(['kept'])
  })

  test('a due time in the past fires in the next turn of the clock, not inside add', () => {
    const clock = new ManualClock(1000)
    const fired: string[] = []
    const heap = new TimerHeap<string>(clock, (value) => fired.push(value))

    heap.add(1, 'late')
    expect(fired).toEqual([])
    clock.advance(0)

    expect(fired).toEqual(['late'])
  })

  test('what is added while entries fire is not lost', () => {
    const clock = new ManualClock(0)
    const fired: number[] = []
    const heap: TimerHeap<number> = new TimerHeap(clock, (value) => {
      fired.push(value)
      if (value < 5) heap.add(clock.nowMs(), value + 1)
    })

    heap.add(10, 1)
    clock.advance(10)

    expect(fired).toEqual([1, 2, 3, 4, 5])
  })

  test('a due time beyond what one timer can wait still comes', () => {
    const clock = new ManualClock(0)
    const fired: string[] = []
    const heap = new TimerHeap<string>(clock, (value) => fired.push(value))

    heap.add(2 ** 32, 'far')
    clock.advance(2 ** 32 - 1)
    expect(fired).toEqual([])
    clock.advance(1)

    expect(fired).toEqual(['far'])
  })

  test('an entry that throws does not stop the others', () => {
    const clock = new ManualClock(0)
    const fired: string[] = []
    const heap = new TimerHeap<string>(clock, (value) => {
      fired.push(value)
      if (value === 'bad') throw new Error('bad')
    })

    heap.add(1, 'bad')
    heap.add(1, 'good')
    expect(() => clock.advance(1)).toThrow('bad')
    clock.advance(1)

    expect(fired).toEqual(['bad', 'good'])
  })

  test('any entries and cancellations: what fires is what was not cancelled, sorted by time', () => {
    const adds = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 80 })
    fc.assert(
      fc.property(adds, (entries) => {
        const clock = new ManualClock(0)
        const fired: number[] = []
        const heap = new TimerHeap<number>(clock, (i) => fired.push(i))
        const handles = entries.map(([atMs], i) => heap.add(atMs, i))
        for (const [i, [, cancelled]] of entries.entries()) if (cancelled) handles[i]?.cancel()

        clock.advance(100)

        const want = entries
          .map(([atMs, cancelled], i) => ({ atMs, cancelled, i }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.atMs - b.atMs || a.i - b.i)
          .map(({ i }) => i)
        expect(fired).toEqual(want)
      }),
    )
  })
})
