import type { Random } from './random.ts'

/** Something that takes whatever comes. */
export interface FuzzTarget {
  readonly name: string
  /** How many of a thousand cases are its own. */
  readonly share: number
  /**
   * One case.
   * @throws whatever is wrong, with the input in its message
   */
  run(random: Random): void
  /** Cases that got past the first look, such as the check of a header. */
  readonly deep: () => number
}

/** Something that must not happen, with the input that made it happen. */
export class FuzzFault extends Error {
  constructor(what: string, input: Uint8Array | string) {
    super(
      `${what}: ${typeof input === 'string' ? JSON.stringify(input) : Buffer.from(input).toString('hex')}`,
    )
  }
}

/** Call `act`; whatever it throws becomes a fault with the input. */
export function faultless<T>(input: Uint8Array | string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof FuzzFault) throw error
    throw new FuzzFault(
      error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error),
      input,
    )
  }
}
