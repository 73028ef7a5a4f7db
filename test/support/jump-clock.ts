import type { Clock, Timer } from '../../src/runtime/clock.ts'

interface Pending {
  readonly dueMs: number
  readonly act: () => void
  handle: NodeJS.Timeout
}

/**
 * Time that passes by itself and can be made to pass at once: for whole applications over real sockets, whose periods of
 * many seconds no test waits for. Timers fire not before they are due, on their own or in the jump that makes them due.
 */
export class JumpClock implements Clock {
  readonly #startMs = Date.now() - performance.now()
  readonly #pending = new Set<Pending>()
  #jumpedMs = 0

  nowMs(): number {
    return Math.floor(this.#startMs + performance.now() + this.#jumpedMs)
  }

  after(delayMs: number, act: () => void): Timer {
    const timer: Pending = {
      dueMs: this.nowMs() + Math.max(0, delayMs),
      act,
      handle: this.#arm(Math.max(0, delayMs), () => this.#fire(timer)),
    }
    this.#pending.add(timer)
    return {
      cancel: () => {
        clearTimeout(timer.handle)
        this.#pending.delete(timer)
      },
    }
  }

  /** What falls due on the way fires, in order. */
  jump(byMs: number): void {
    this.#jumpedMs += byMs
    const nowMs = this.nowMs()
    const due = [...this.#pending].filter((timer) => timer.dueMs <= nowMs)
    for (const timer of due.sort((left, right) => left.dueMs - right.dueMs)) this.#fire(timer)
    for (const timer of this.#pending) {
      clearTimeout(timer.handle)
      timer.handle = this.#arm(Math.max(0, timer.dueMs - this.nowMs()), () => this.#fire(timer))
    }
  }

  #arm(delayMs: number, fire: () => void): NodeJS.Timeout {
    const handle = setTimeout(fire, delayMs)
    handle.unref()
    return handle
  }

  #fire(timer: Pending): void {
    clearTimeout(timer.handle)
    if (this.#pending.delete(timer)) timer.act()
  }
}
