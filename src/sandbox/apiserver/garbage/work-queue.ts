/** Keys worked in one turn of the event loop, so that a large cascade does not keep requests waiting. */
const KEYS_PER_TURN = 200

/** Coalescing: a key that is added often before its turn is worked once. First added, first worked; without keys nothing runs. */
export class WorkQueue<T> {
  readonly #waiting = new Map<string, T>()
  readonly #work: (item: T) => void
  #scheduled: NodeJS.Immediate | undefined

  /** @param work - may add to the queue; must not throw */
  constructor(work: (item: T) => void) {
    this.#work = work
  }

  add(key: string, item: T): void {
    this.#waiting.set(key, item)
    this.#scheduled ??= setImmediate(() => this.#turn())
  }

  /** Forget what is waiting. */
  clear(): void {
    this.#waiting.clear()
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
  }

  #turn(): void {
    this.#scheduled = undefined
    let left = KEYS_PER_TURN
    for (const [key, item] of this.#waiting) {
      if (left === 0) break
      left -= 1
      this.#waiting.delete(key)
      this.#work(item)
    }
    if (this.#waiting.size > 0) this.#scheduled ??= setImmediate(() => this.#turn())
  }
}
