/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void
}

/** The only source of time for everything that waits. Tests pass a manual one. */
export interface Clock {
  nowMs(): number
  /** Fires once, not before `delayMs`; does not keep the process alive. */
  after(delayMs: number, act: () => void): Timer
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, act) {
    const handle = setTimeout(act, delayMs)
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}
