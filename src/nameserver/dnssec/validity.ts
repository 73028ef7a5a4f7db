/** From when to when a signature holds, and from when on it is made anew; Unix seconds. */
export interface Validity {
  readonly inceptionSeconds: number
  readonly expirationSeconds: number
  readonly renewSeconds: number
}

/** Validators' clocks may be behind by this. */
const SKEW_SECONDS = 3_600
const LIFETIME_SECONDS = 4 * 86_400
/** What is handed out holds for at least two days more: longer than what resolvers keep (usually a day at the most). */
const RENEW_AFTER_SECONDS = 86_400
const JITTER_SECONDS = 86_400

/**
 * The validity of a signature made now: four days, taken for one or two of them.
 * @param share - 0 to 1, from the set itself: signatures of one moment are not renewed in one moment
 */
export function validityAt(nowSeconds: number, share: number): Validity {
  const jitterSeconds = Math.floor(share * JITTER_SECONDS)
  return {
    inceptionSeconds: nowSeconds - SKEW_SECONDS,
    expirationSeconds: nowSeconds + LIFETIME_SECONDS,
    renewSeconds: nowSeconds + RENEW_AFTER_SECONDS + jitterSeconds,
  }
}

/** Whether a signature may be handed out: neither due for renewal nor, where the clock was set back, from the future. */
export function isFresh({ inceptionSeconds, renewSeconds }: Validity, nowSeconds: number): boolean {
  return nowSeconds >= inceptionSeconds && nowSeconds < renewSeconds
}
