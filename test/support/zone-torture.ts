/** What writer and reader of the torture run agree on. */

/** Always there once the run has begun. */
export const LASTING_NAMES = ['one.torture', 'two.torture', 'a.b.three.torture'] as const
/** Comes and goes. */
export const PASSING_NAME = 'four.torture'

/** Words of the control memory. */
export const WORD = { stop: 0, ready: 1, writes: 2 } as const

/** An answer that shows by itself whether it is whole: all follows from one number, sizes vary between a few octets and 1 KiB. */
export function tortureValue(round: number): {
  readonly ttlSeconds: number
  readonly address: string
  readonly count: number
} {
  const value = round & 0xff_ffff
  return {
    ttlSeconds: value,
    address: `10.${value >> 16}.${(value >> 8) & 255}.${value & 255}`,
    count: 1 + (value % 251),
  }
}
