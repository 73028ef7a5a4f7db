import type { Clock, Timer } from '../../runtime/clock.ts'

export interface StartGateOptions {
  readonly clock: Clock
  /** How long members are waited for once the host is complete (DESIGN 5.10). */
  readonly firstListTimeoutMs: number
  hostComplete(): boolean
  /** Members that have not listed yet, of those that can be connected at all. */
  waitingFor(): readonly string[]
  /** Of these, members without which nothing may be said: no record tells what was decided of them before. */
  untold(members: readonly string[]): readonly string[]
  /** Called once: deciding may begin. `missing`: members given up for now. */
  open(missing: readonly string[]): void
  /** Called once, with or after `open`: every member has listed, or had its time. */
  settle(): void
}

/** When deciding may begin, and when what is decided is worth writing down. */
export interface StartGate {
  readonly isOpen: boolean
  /** Something it waits for may have come. */
  review(): void
  close(): void
}

/**
 * Deciding begins when the host's lists are complete and what is known covers every member: it has listed, or the
 * records' status tells of it (a restart answers as before at once), or it had its time. The host has no limit: without
 * it nothing is known.
 */
export function createStartGate(options: StartGateOptions): StartGate {
  let isOpen = false
  let isSettled = false
  let isClosed = false
  let isOver = false
  let timer: Timer | undefined

  const review = (): void => {
    if (isSettled || isClosed || !options.hostComplete()) return
    timer ??= options.clock.after(options.firstListTimeoutMs, () => {
      isOver = true
      review()
    })
    const waiting = options.waitingFor()
    if (!isOpen && (isOver || options.untold(waiting).length === 0)) {
      isOpen = true
      options.open(waiting)
    }
    if (!isOver && waiting.length > 0) return
    isSettled = true
    timer.cancel()
    options.settle()
  }
  return {
    get isOpen() {
      return isOpen
    },
    review,
    close() {
      isClosed = true
      timer?.cancel()
    },
  }
}
