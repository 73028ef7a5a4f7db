/** Signatures that one worker makes. */
export interface SigningLimits {
  /** In one second, for names that exist only because they are asked for, and for whoever may have forged the address. */
  readonly unprovenPerSecond: number
  /** Beside these, for whoever has a cookie or comes by a stream. */
  readonly provenPerSecond: number
  /** For names of the zone; absent: STORED_LIMITS. */
  readonly stored?: StoredLimits
}

/** Of each of the two kinds of clients. */
export interface StoredLimits {
  /** All at once, after a rest. */
  readonly atOnce: number
  readonly perSecond: number
}

/** A fifth of a core each, at 20,000 signatures a second and core. */
export const DEFAULT_SIGNING_LIMITS: SigningLimits = { unprovenPerSecond: 4_000, provenPerSecond: 4_000 }
/** As many at once as are kept: a zone whose signatures are kept all is signed as fast as it is asked for. */
const STORED_LIMITS: StoredLimits = { atOnce: 131_072, perSecond: 4_000 }

/**
 * Bounds what a flood can cost. Random names are counted by the second. Names of the zone are signed once in a day, as long as all
 * signatures are kept; where there are more of them, whoever asks for one after the other has each signed again.
 */
export class SigningBudget {
  readonly #limits: SigningLimits
  readonly #unprovenStored: Bucket
  readonly #provenStored: Bucket
  #second = 0
  #unproven = 0
  #proven = 0

  constructor(limits: SigningLimits) {
    this.#limits = limits
    const { stored = STORED_LIMITS } = limits
    this.#unprovenStored = new Bucket(stored)
    this.#provenStored = new Bucket(stored)
  }

  /** For a name that is there because it was asked for. @returns whether one more signature may be made; it is counted then */
  take(isProven: boolean, nowSeconds: number): boolean {
    if (nowSeconds !== this.#second) {
      this.#second = nowSeconds
      this.#unproven = 0
      this.#proven = 0
    }
    if (isProven) {
      this.#proven += 1
      return this.#proven <= this.#limits.provenPerSecond
    }
    this.#unproven += 1
    return this.#unproven <= this.#limits.unprovenPerSecond
  }

  /** The same for a name of the zone. */
  takeStored(isProven: boolean, nowSeconds: number): boolean {
    return (isProven ? this.#provenStored : this.#unprovenStored).take(nowSeconds)
  }
}

class Bucket {
  readonly #limits: StoredLimits
  #left: number
  #second = 0

  constructor(limits: StoredLimits) {
    this.#limits = limits
    this.#left = limits.atOnce
  }

  take(nowSeconds: number): boolean {
    const { atOnce, perSecond } = this.#limits
    const passed = Math.max(0, nowSeconds - this.#second) // a clock that is set back gives nothing
    this.#second = nowSeconds
    this.#left = Math.min(atOnce, this.#left + passed * perSecond)
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
