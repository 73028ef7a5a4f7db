/** 2^32 divided by the golden ratio: steps of it visit all 32-bit numbers, evenly from the start. */
const GOLDEN = 0x9e3779b9
/** Turns are counted apart for so many keys, by their hash: in 4 KiB, which stay in the processor's first cache. */
const COUNTERS_LOG2 = 10
/** Of windows up to this size the order changes too; larger ones go round. */
const MAX_SHUFFLED = 255
/** By size: the smallest prime that is not below it. */
const MODULI = Uint16Array.from({ length: MAX_SHUFFLED + 1 }, (_, size) => primeFrom(Math.max(2, size)))

/**
 * Positions of a ring in the order of one response: begin…(), then next() as often as was said.
 *
 * Turns of a key come in rounds of as many as the ring has positions. Each position is first once in a round; where only a window of the
 * ring is given, each is in as many windows of a round as these have positions, and there are no more windows than positions. Where
 * a round begins, at which place of its window the first position is and in which steps the window is walked is another thing in
 * each round and for each key: A and AAAA of one client are not tied together, and who fails at the first address goes on to
 * different ones.
 */
export class Ring {
  readonly #turns: Uint32Array
  #size = 0
  #base = 0
  #window = 0
  #modulus = 0
  #step = 0
  #at = 0

  /** @param seed - any number: where all the keys begin */
  constructor(seed: number) {
    this.#turns = Uint32Array.from({ length: 1 << COUNTERS_LOG2 }, (_, i) =>
      mixed(seed + Math.imul(i, GOLDEN)),
    )
  }

  /** From position 0 on. @returns how many positions next() gives: `most`, or all for 0 */
  beginFirst(size: number, most: number): number {
    this.#size = size
    this.#base = 0
    this.#window = windowOf(size, most)
    this.#modulus = this.#window
    this.#step = 1
    this.#at = 0
    return this.#window
  }

  /** From the position on whose turn it is. @param key - of what rotates by itself; @returns as beginFirst() */
  beginNext(size: number, most: number, key: number): number {
    if (this.beginFirst(size, most) === 0) return 0
    const turn = this.#turn(key)
    const round = (turn / size) >>> 0
    const mix = mixed(Math.imul(round, GOLDEN) + key)
    // Shares of a size by products, which take less time than remainders.
    const first = wrapped(turn - round * size + (Math.imul(mix >>> 16, size) >>> 16), size)
    this.#at = first
    const window = this.#window
    if (window < size) {
      this.#at = Math.imul((mix >>> 8) & 0xff, window) >>> 8
      this.#base = first - this.#at
      if (this.#base < 0) this.#base += size
    }
    if (window <= MAX_SHUFFLED) {
      this.#modulus = MODULI[window]! // has all sizes up to that
      this.#step = 1 + (Math.imul(mix & 0xff, this.#modulus - 1) >>> 8)
    }
    return window
  }

  /** @returns whose turn it is, of so many */
  next(): number {
    const position = wrapped(this.#base + this.#at, this.#size)
    do this.#at = wrapped(this.#at + this.#step, this.#modulus)
    while (this.#at >= this.#window) // a step below a prime modulus comes to every place
    return position
  }

  #turn(key: number): number {
    const counter = Math.imul(key, GOLDEN) >>> (32 - COUNTERS_LOG2)
    const turn = this.#turns[counter]! // a counter for each value
    this.#turns[counter] = turn + 1
    return turn
  }
}

function windowOf(size: number, most: number): number {
  return most === 0 || most > size ? size : most
}

/** @param value - below twice the size */
function wrapped(value: number, size: number): number {
  return value < size ? value : value - size
}

/** A bijection of 32 bits in which every bit depends on every bit. */
function mixed(value: number): number {
  let mix = value
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}

function primeFrom(least: number): number {
  let candidate = least
  while (!isPrime(candidate)) candidate += 1
  return candidate
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) if (value % divisor === 0) return false
  return true
}
