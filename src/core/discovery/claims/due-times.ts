/** Keys by the time they fall due, as a binary heap: a writer may hold back tens of thousands of names at once. */
export interface DueTimes<K> {
  add(key: K, atMs: number): void
  /** The earliest time; undefined when empty. */
  next(): number | undefined
  /** The keys due by then, earliest first, taken out. */
  takeDue(nowMs: number): readonly K[]
  clear(): void
}

interface Due<K> {
  readonly key: K
  readonly atMs: number
}

/** Nothing is due. */
export function createDueTimes<K>(): DueTimes<K> {
  const heap: Due<K>[] = []
  return {
    add(key, atMs) {
      heap.push({ key, atMs })
      siftUp(heap)
    },
    next: () => heap[0]?.atMs,
    takeDue(nowMs) {
      const due: K[] = []
      for (let first = heap[0]; first !== undefined && first.atMs <= nowMs; first = heap[0]) {
        due.push(first.key)
        const last = heap.pop()
        if (heap.length > 0 && last !== undefined) siftDown(heap, last)
      }
      return due
    },
    clear() {
      heap.length = 0
    },
  }
}

function siftUp<K>(heap: Due<K>[]): void {
  let at = heap.length - 1
  const moving = heap[at]! // called after a push
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]! // parent < at
    if (above.atMs <= moving.atMs) break
    heap[at] = above
    at = parent
  }
  heap[at] = moving
}

/** Put `moving` in the place of the first. */
function siftDown<K>(heap: Due<K>[], moving: Due<K>): void {
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const right = left + 1
    const least = (heap[right]?.atMs ?? Infinity) < (heap[left]?.atMs ?? Infinity) ? right : left
    const below = heap[least]
    if (below === undefined || below.atMs >= moving.atMs) break
    heap[at] = below
    at = least
  }
  heap[at] = moving
}
