import { MAX_LABEL_BYTES, MAX_NAME_BYTES, writeWireName, type DomainName } from '../../dns/names.ts'
import { BLOCK_NAME, BLOCK_NAME_LENGTH } from './layout.ts'

const MAX_LABELS = 127

/** Octet to octet, ASCII letters to lower case (RFC 4343, 3). */
const FOLDED = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet,
)

/**
 * One name at a time, in wire form and lower case, with the hash of each of its suffixes: a name, its parents and its
 * zone are then found without hashing again. Reused for query after query; allocates nothing.
 *
 * The hash is HalfSipHash-1-3 with a random key, over the labels from the root down, each padded to words: who can choose
 * names cannot choose collisions.
 */
export class NameKey {
  readonly bytes = new Uint8Array(MAX_NAME_BYTES + 1)
  /** Where each label's length octet is; `starts[labels]` is the root's. */
  readonly starts = new Uint8Array(MAX_LABELS + 2)
  /** By label: the hash of the name from that label on; `hashes[labels]` is the root's. */
  readonly hashes = new Int32Array(MAX_LABELS + 2)
  length = 0
  labels = 0
  readonly #words = new Int32Array(this.bytes.buffer)
  readonly #seedLow: number
  readonly #seedHigh: number

  constructor(seedLow: number, seedHigh: number) {
    this.#seedLow = seedLow
    this.#seedHigh = seedHigh
  }

  /**
   * Take an uncompressed name out of a message or out of shared memory.
   * @returns the offset behind it; -1 when it has a pointer, is too long or runs beyond `end`
   */
  read(source: Uint8Array, start: number, end: number): number {
    const { bytes, starts } = this
    let at = start
    let length = 0
    let labels = 0
    for (;;) {
      const size = at < end ? source[at]! : -1 // in bounds
      if (size === 0) break
      if (size < 0 || size > MAX_LABEL_BYTES || length + size + 2 > MAX_NAME_BYTES || at + size >= end)
        return -1
      starts[labels] = length
      labels += 1
      bytes[length] = size
      for (let i = 1; i <= size; i += 1) bytes[length + i] = FOLDED[source[at + i]!]! // at + size < end
      length += size + 1
      at += size + 1
    }
    bytes[length] = 0
    starts[labels] = length
    this.length = length + 1
    this.labels = labels
    this.#hash()
    return at + 1
  }

  set(name: DomainName): void {
    this.length = writeWireName(name, this.bytes, 0)
    this.labels = 0
    for (let at = 0; this.bytes[at] !== 0; at += this.bytes[at]! + 1) {
      this.starts[this.labels] = at
      this.labels += 1
    }
    this.starts[this.labels] = this.length - 1
    this.#hash()
  }

  /** True when the block at `block` bears the name from this label on. */
  isAt(label: number, memory: Uint8Array, words: Int32Array, block: number): boolean {
    const start = this.starts[label]!
    const length = this.length - start
    if (memory[block + BLOCK_NAME_LENGTH] !== length) return false
    const name = block + BLOCK_NAME
    let i = 0
    if (start === 0) {
      const first = name >> 2 // blocks and the name in them begin at a word
      for (; i + 4 <= length; i += 4) if (this.#words[i >> 2] !== words[first + (i >> 2)]) return false
    }
    for (; i < length; i += 1) if (this.bytes[start + i] !== memory[name + i]) return false
    return true
  }

  #hash(): void {
    const { bytes, hashes, starts } = this
    let v0 = this.#seedLow
    let v1 = this.#seedHigh
    let v2 = 0x6c796765 ^ this.#seedLow
    let v3 = 0x74656462 ^ this.#seedHigh
    for (let label = this.labels; ; label -= 1) {
      hashes[label] = finalHash(v0, v1, v2, v3)
      if (label === 0) return
      const end = starts[label]!
      for (let at = starts[label - 1]!; at < end; at += 4) {
        let word = bytes[at]! // at < end
        if (at + 1 < end) word |= bytes[at + 1]! << 8
        if (at + 2 < end) word |= bytes[at + 2]! << 16
        if (at + 3 < end) word |= bytes[at + 3]! << 24
        v3 ^= word
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
        v0 ^= word
      }
    }
  }
}

function finalHash(s0: number, s1: number, s2: number, s3: number): number {
  let v0 = s0
  let v1 = s1
  let v2 = s2 ^ 0xff
  let v3 = s3
  for (let round = 0; round < 3; round += 1) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  return v1 ^ v3
}
