import type { Clock, Timer } from './clock.ts'

/** setTimeout takes 31 bits; a later entry is looked at again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A place in the heap; `cancel` is idempotent and costs nothing until the entry would have fired. */
export interface HeapEntry<T> {
  readonly atMs: number
  readonly value: T
  readonly cancelled: boolean
  cancel(): void
}

class Entry<T> implements HeapEntry<T> {
  readonly atMs: number
  readonly value: T
  readonly sequence: number
  cancelled = false

  constructor(atMs: number, value: T, sequence: number) {
    this.atMs = atMs
    this.value = value
    this.sequence = sequence
  }

  cancel(): void {
    this.cancelled = true
  }
}

/** Many due times behind one timer of the clock. Entries fall due in order of time, then of their making. */
export class TimerHeap<T> {
  readonly #clock: Clock
  readonly #due: (value: T) => void
  readonly #heap: Entry<T>[] = []
  #sequence = 0
  #timer: Timer | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  #firing = false

  constructor(clock: Clock, due: (value: T) => void) {
    this.#clock = clock
    this.#due = due
  }

  /** Entries that wait, cancelled ones included until their time comes. */
  get size(): number {
    return this.#heap.length
  }

  add(atMs: number, value: T): HeapEntry<T> {
    const entry = new Entry(atMs, value, (this.#sequence += 1))
    this.#heap.push(entry)
    this.#up(this.#heap.length - 1)
    this.#arm()
    return entry
  }

  /** Drops every entry and the timer. */
  clear(): void {
    this.#heap.length = 0
    this.#disarm()
  }

  #arm(): void {
    if (this.#firing) return // done once, after the last due entry
    const first = this.#heap[0]
    if (first === undefined || first.atMs >= this.#timerAtMs) return
    this.#timer?.cancel()
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(0, first.atMs - this.#clock.nowMs()))
    this.#timerAtMs = first.atMs
    this.#timer = this.#clock.after(delayMs, () => this.#fire())
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAtMs = Number.POSITIVE_INFINITY
  }

  #fire(): void {
    this.#disarm()
    this.#firing = true
    const nowMs = this.#clock.nowMs()
    try {
      for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
        if (!first.cancelled && first.atMs > nowMs) break
        this.#removeFirst()
        if (!first.cancelled) this.#due(first.value)
      }
    } finally {
      this.#firing = false
      this.#arm()
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#down()
  }

  #up(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(): void {
    let at = 0
    for (;;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #before(left: number, right: number): boolean {
    const a = this.#heap[left]! // both are indices of entries
    const b = this.#heap[right]!
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
  }

  #swap(left: number, right: number): void {
    const kept = this.#heap[left]!
    this.#heap[left] = this.#heap[right]!
    this.#heap[right] = kept
  }
}
