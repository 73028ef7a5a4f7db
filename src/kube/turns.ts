import type { Clock, Timer } from '../runtime/clock.ts'

/** The right to read a first list now. It may end by itself at any time between two uses. */
export interface Turn {
  readonly held: boolean
  /** Idempotent. */
  leave(): void
}

export interface TurnsOptions {
  readonly clock: Clock
  /** Lists that are read at the same time. */
  readonly places: number
  /** A holder that others wait for gives its place up after this long (1 s): who trickles or hangs delays nobody. */
  readonly turnMs?: number
}

const TURN_MS = 1000

/**
 * A few places for many readers of lists, so that a cold start of a hundred clusters keeps few lists in memory and each
 * of them moves. Whoever waits is served in order of coming. Backpressure does the rest: who has no turn does not read.
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #waiting = new Set<(turn: Turn) => void>()
  readonly #holders = new Set<Holder>()

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get inUse(): number {
    return this.#holders.size
  }

  /** Resolves when a place is free. @throws the signal's reason when it aborts first */
  async enter(signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted()
    const isFree = this.#holders.size < this.#options.places && this.#waiting.size === 0
    return isFree ? this.#grant() : this.#wait(signal)
  }

  #wait(signal: AbortSignal): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const enter = (turn: Turn): void => {
        signal.removeEventListener('abort', abort)
        resolve(turn)
      }
      const abort = (): void => {
        this.#waiting.delete(enter)
        reject(signal.reason as Error) // an AbortSignal's reason is what its owner gave; rethrown as it is
      }
      this.#waiting.add(enter)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** The place is taken before the waiting reader runs: nobody can slip in between. */
  #grant(): Turn {
    const holder = new Holder((left) => this.#left(left))
    this.#holders.add(holder)
    this.#arm(holder)
    return holder
  }

  #arm(holder: Holder): void {
    holder.timer = this.#options.clock.after(this.#options.turnMs ?? TURN_MS, () => {
      if (this.#waiting.size > 0) holder.leave()
      else this.#arm(holder)
    })
  }

  #left(holder: Holder): void {
    holder.timer?.cancel()
    this.#holders.delete(holder)
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    next(this.#grant())
  }
}

class Holder implements Turn {
  timer: Timer | undefined
  held = true
  readonly #left: (holder: Holder) => void

  constructor(left: (holder: Holder) => void) {
    this.#left = left
  }

  leave(): void {
    if (!this.held) return
    this.held = false
    this.#left(this)
  }
}
