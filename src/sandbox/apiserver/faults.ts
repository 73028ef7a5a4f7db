import type { Clock } from '../../runtime/clock.ts'
import { expired, failure, unauthorized } from './model/status.ts'
import type { StatusError } from './model/status.ts'
import type { Fault, Faults } from './types.ts'

/** What the server does when a fault comes or goes. */
export interface FaultEffects {
  /** Cut every connection; with a reset where `reset` says so. */
  cut(reset: boolean): void
  stopListening(): void
  listenAgain(): void
  /** Drop all history and end the open watches. */
  compact(): void
  /** Slip something that is no object into every open watch. */
  spoilWatches(): void
  /** Let the open watches fall silent. */
  holdWatches(): void
  /** Let the open watches say what they held back. */
  resumeWatches(): void
}

/** The fault that is set, and the requests that wait for its end. */
export class FaultState implements Faults {
  readonly #effects: FaultEffects
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #current: Fault | undefined

  constructor(effects: FaultEffects, clock: Clock) {
    this.#effects = effects
    this.#clock = clock
  }

  get current(): Fault | undefined {
    return this.#current
  }

  set(fault: Fault): void {
    this.clear()
    this.#current = fault
    switch (fault.kind) {
      case 'reset':
        this.#effects.cut(true)
        break
      case 'down':
        this.#effects.stopListening()
        this.#effects.cut(false)
        break
      case 'compact':
        this.#effects.compact()
        break
      case 'malformed':
        this.#effects.spoilWatches()
        break
      case 'hang':
        this.#effects.holdWatches()
        break
      case 'slow':
      case 'status':
        break
    }
  }

  clear(): void {
    const before = this.#current
    this.#current = undefined
    if (before?.kind === 'down') this.#effects.listenAgain()
    if (before?.kind === 'hang') this.#effects.resumeWatches()
    for (const go of [...this.#waiting]) go()
  }

  /** Resolves when a request may be answered: at once, after the delay of `slow`, or when `hang` is cleared. */
  async admitted(signal: AbortSignal): Promise<void> {
    const fault = this.#current
    if (fault?.kind === 'slow') await this.#until(signal, fault.delayMs)
    else if (fault?.kind === 'hang') await this.#until(signal)
  }

  async #until(signal: AbortSignal, delayMs?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = delayMs === undefined ? undefined : this.#clock.after(delayMs, () => go())
      const go = (): void => {
        timer?.cancel()
        this.#waiting.delete(go)
        signal.removeEventListener('abort', go)
        resolve()
      }
      this.#waiting.add(go)
      signal.addEventListener('abort', go)
      if (signal.aborted) go()
    })
  }
}

/** What a `status` fault answers. */
export function faultStatus(fault: Extract<Fault, { kind: 'status' }>): StatusError {
  const { retryAfterSeconds } = fault
  const details = { details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds } }
  switch (fault.code) {
    case 401:
      return unauthorized()
    case 403:
      return failure(403, 'Forbidden', 'forbidden: injected fault', details)
    case 410:
      return expired('The resourceVersion for the provided list is too old.')
    case 429:
      return failure(
        429,
        'TooManyRequests',
        'the server has received too many requests and has asked us to try again later',
        details,
      )
    case 500:
      return failure(500, 'InternalError', 'Internal error occurred: injected fault', details)
    case 503:
      return failure(
        503,
        'ServiceUnavailable',
        'the server is currently unable to handle the request',
        details,
      )
  }
}
