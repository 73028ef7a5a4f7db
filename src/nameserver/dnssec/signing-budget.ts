/** Signatures in one second for names that exist only because they are asked for; of one worker. */
export interface SigningLimits {
  /** For whoever may have forged the address. */
  readonly unprovenPerSecond: number
  /** Beside these, for whoever has a cookie or comes by a stream. */
  readonly provenPerSecond: number
}

/** A fifth of a core each, at 20,000 signatures a second and core. */
export const DEFAULT_SIGNING_LIMITS: SigningLimits = { unprovenPerSecond: 4_000, provenPerSecond: 4_000 }

/**
 * Bounds what a flood of random names can cost. Names of the zone are not counted: there are only so many of them, and each is signed
 * once in a day.
 */
export class SigningBudget {
  readonly #limits: SigningLimits
  #second = 0
  #unproven = 0
  #proven = 0

  constructor(limits: SigningLimits) {
    this.#limits = limits
  }

  /** @returns whether one more signature may be made; it is counted then */
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
}
