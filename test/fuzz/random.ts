/** Random numbers from a seed: what failed once can be made again. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]! // below the length
  }

  /** So many items, as they are made. */
  many<T>(count: number, make: () => T): readonly T[] {
    return Array.from({ length: count }, make)
  }

  octets(length: number): Buffer {
    return Buffer.from(this.many(length, () => this.below(256)))
  }

  /** Mostly small, now and then up to the limit. */
  length(limit: number): number {
    return this.below(this.once(4) ? limit + 1 : Math.min(limit, 8) + 1)
  }
}
