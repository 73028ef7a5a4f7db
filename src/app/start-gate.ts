import type { Clock, Timer } from '../runtime/clock.ts'

export interface StartGateOptions {
  readonly clock: Clock
  /** How long members are waited for once the host is complete (DESIGN 5.10). */
  readonly firstListTimeoutMs: number
  hostComplete(): boolean
  /** Members that have not listed yet, of those that can be connected at all. */
  waitingFor(): readonly string[]
  /** Called once. `missing`: members given up for now. */
  open(missing: readonly string[]): void
}

/** When deciding may begin: the host's lists are complete, and every member has listed or had its time. */
export interface StartGate {
  readonly isOpen: boolean
  /** Something it waits for may have come. */
  review(): void
  close(): void
}

/** Unreachable members never delay the start for longer than the limit; the host has no limit: without it nothing is known. */
export function createStartGate(options: StartGateOptions): StartGate {
  let isOpen = false
  let timer: Timer | undefined
  let closed = false

  const open = (): void => {
    if (isOpen || closed || !options.hostComplete()) return
    isOpen = true
    timer?.cancel()
    options.open(options.waitingFor())
  }
  return {
    get isOpen() {
      return isOpen
    },
    review() {
      if (isOpen || closed || !options.hostComplete()) return
      timer ??= options.clock.after(options.firstListTimeoutMs, () => {
        timer = undefined
        open()
      })
      if (options.waitingFor().length === 0) open()
    },
    close() {
      closed = true
      timer?.cancel()
    },
  }
}
