interface Run {
  first: number
  count: number
}

/** Hands out runs of pages of the reserved memory; pages never used before come last. The writer's own bookkeeping. */
export class Pages {
  readonly #end: number
  #next: number
  /** By first page; no two adjacent. */
  readonly #free: Run[] = []

  constructor(first: number, end: number) {
    this.#next = first
    this.#end = end
    this.#used = first
  }

  #used: number

  /** Pages in use, those before the first one handed out included. */
  get used(): number {
    return this.#used
  }

  /** @returns the first page of `count` adjacent ones, -1 when there is no such run */
  take(count: number): number {
    const at = this.#free.findIndex((run) => run.count >= count)
    const run = this.#free[at]
    if (run !== undefined) {
      const { first } = run
      run.first += count
      run.count -= count
      if (run.count === 0) this.#free.splice(at, 1)
      this.#used += count
      return first
    }
    if (this.#next + count > this.#end) return -1
    this.#next += count
    this.#used += count
    return this.#next - count
  }

  give(first: number, count: number): void {
    this.#used -= count
    let at = this.#free.findIndex((run) => run.first > first)
    if (at < 0) at = this.#free.length
    this.#free.splice(at, 0, { first, count })
    this.#join(at)
    if (at > 0) this.#join(at - 1)
    const last = this.#free.at(-1)
    if (last !== undefined && last.first + last.count === this.#next) {
      this.#next = last.first // so that a table of twice the size finds room behind
      this.#free.pop()
    }
  }

  #join(at: number): void {
    const left = this.#free[at]
    const right = this.#free[at + 1]
    if (left === undefined || right === undefined || left.first + left.count !== right.first) return
    left.count += right.count
    this.#free.splice(at + 1, 1)
  }
}
