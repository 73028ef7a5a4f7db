/** Four 64-bit words, each as two of 32 bits, the low one first. */
type Words = Int32Array

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012), with a key that is used again and again. Allocates nothing after it is made.
 */
export class SipHash {
  readonly #key: Int32Array
  readonly #state: Words = new Int32Array(8)

  /** @param key - 16 octets */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 16)
    this.#key = Int32Array.from({ length: 4 }, (_, i) => view.getInt32(i * 4, true))
  }

  /** Write the 8 octets of the hash of the first `length` octets of `bytes` to `out` from `at` on. */
  write(bytes: Uint8Array, length: number, out: Uint8Array, at: number): void {
    const state = this.#state
    this.#begin()
    const whole = length - (length % 8)
    for (let i = 0; i < whole; i += 8) absorb(state, word(bytes, i, 4), word(bytes, i + 4, 4))
    const rest = length - whole
    const low = word(bytes, whole, Math.min(4, rest))
    const high = word(bytes, whole + 4, Math.max(0, rest - 4))
    absorb(state, low, high | (length << 24))
    state[4]! ^= 0xff
    for (let i = 0; i < 4; i += 1) round(state)
    const lowHash = state[0]! ^ state[2]! ^ state[4]! ^ state[6]!
    const highHash = state[1]! ^ state[3]! ^ state[5]! ^ state[7]!
    for (let i = 0; i < 4; i += 1) {
      out[at + i] = lowHash >>> (i * 8)
      out[at + 4 + i] = highHash >>> (i * 8)
    }
  }

  #begin(): void {
    const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = this.#key
    const state = this.#state
    state[0] = 0x70736575 ^ k0
    state[1] = 0x736f6d65 ^ k1
    state[2] = 0x6e646f6d ^ k2
    state[3] = 0x646f7261 ^ k3
    state[4] = 0x6e657261 ^ k0
    state[5] = 0x6c796765 ^ k1
    state[6] = 0x79746573 ^ k2
    state[7] = 0x74656462 ^ k3
  }
}

/** Up to four octets, the first the lowest. */
function word(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = 0; i < count; i += 1) value |= bytes[at + i]! << (i * 8) // the caller's length
  return value
}

function absorb(state: Words, low: number, high: number): void {
  state[6]! ^= low
  state[7]! ^= high
  round(state)
  round(state)
  state[0]! ^= low
  state[1]! ^= high
}

function round(state: Words): void {
  add(state, 0, 2)
  rotate(state, 2, 13)
  xor(state, 2, 0)
  swap(state, 0)
  add(state, 4, 6)
  rotate(state, 6, 16)
  xor(state, 6, 4)
  add(state, 0, 6)
  rotate(state, 6, 21)
  xor(state, 6, 0)
  add(state, 4, 2)
  rotate(state, 2, 17)
  xor(state, 2, 4)
  swap(state, 4)
}

function add(state: Words, to: number, from: number): void {
  const low = (state[to]! >>> 0) + (state[from]! >>> 0)
  state[to + 1] = state[to + 1]! + state[from + 1]! + (low > 0xffff_ffff ? 1 : 0)
  state[to] = low
}

/** To the left, by 1 to 31 bits. */
function rotate(state: Words, at: number, bits: number): void {
  const low = state[at]!
  const high = state[at + 1]!
  state[at] = (low << bits) | (high >>> (32 - bits))
  state[at + 1] = (high << bits) | (low >>> (32 - bits))
}

function xor(state: Words, to: number, from: number): void {
  state[to]! ^= state[from]!
  state[to + 1]! ^= state[from + 1]!
}

function swap(state: Words, at: number): void {
  const low = state[at]!
  state[at] = state[at + 1]!
  state[at + 1] = low
}
