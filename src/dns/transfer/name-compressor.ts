import type { WireName } from '../wire/message.ts'

const SLOTS = 8_192
/** Beyond, what is found takes longer to find than it saves. */
const MAX_KNOWN = 4_096
const MAX_LABELS = 128
/** A pointer has 14 bits (RFC 1035, 4.1.4). */
const MAX_POINTER = 0x3fff
const POINTER = 0xc0

/**
 * Writes names into one message after another, each suffix that stands in the message already as a pointer. Octets have to be
 * the same, case included. Allocates nothing.
 */
export class NameCompressor {
  readonly #out: Uint8Array
  /** By hash of a suffix: where it stands; 0 = free. */
  readonly #slots = new Uint16Array(SLOTS)
  readonly #hashes = new Int32Array(MAX_LABELS)
  readonly #starts = new Uint8Array(MAX_LABELS)
  #known = 0

  /** @param out - the message's octets, from its header on */
  constructor(out: Uint8Array) {
    this.#out = out
  }

  /** Forget all names: another message begins. */
  clear(): void {
    this.#slots.fill(0)
    this.#known = 0
  }

  /**
   * @param name - in `bytes` from `start` on, uncompressed
   * @returns the offset behind the name in the message; the caller has seen to room for 255 octets
   */
  write(bytes: WireName, start: number, at: number): number {
    const labels = this.#read(bytes, start)
    let end = at
    for (let label = 0; label < labels; label += 1) {
      const from = start + this.#starts[label]! // below labels
      const hash = this.#hashes[label]! // likewise
      const known = this.#find(hash, bytes, from)
      if (known > 0) {
        this.#out[end] = POINTER | (known >> 8)
        this.#out[end + 1] = known & 0xff
        return end + 2
      }
      this.#remember(hash, end)
      const length = bytes[from]! + 1 // read before
      for (let i = 0; i < length; i += 1) this.#out[end + i] = bytes[from + i]!
      end += length
    }
    this.#out[end] = 0
    return end + 1
  }

  /** Labels of the name, with the hash of what begins at each. */
  #read(bytes: WireName, start: number): number {
    let labels = 0
    let at = start
    for (; at < bytes.length && bytes[at] !== 0 && labels < MAX_LABELS; at += bytes[at]! + 1) {
      this.#starts[labels] = at - start
      labels += 1
    }
    let hash = 0
    let end = at
    for (let label = labels - 1; label >= 0; label -= 1) {
      const from = start + this.#starts[label]! // below labels
      for (let i = from; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
      hash = (hash ^ (hash >>> 15)) | 0
      this.#hashes[label] = hash
      end = from
    }
    return labels
  }

  #find(hash: number, bytes: WireName, from: number): number {
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const known = this.#slots[slot]! // masked; some are always free
      if (known === 0 || this.#stands(known, bytes, from)) return known
    }
  }

  #remember(hash: number, at: number): void {
    if (at > MAX_POINTER || this.#known >= MAX_KNOWN) return
    let slot = hash & (SLOTS - 1)
    while (this.#slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
    this.#slots[slot] = at
    this.#known += 1
  }

  /** Whether the name at `known` in the message is the one in `bytes`. */
  #stands(known: number, bytes: WireName, from: number): boolean {
    const out = this.#out
    let at = known
    let other = from
    for (;;) {
      const octet = out[at]! // written by us
      if (octet >= POINTER) {
        at = ((octet & 0x3f) << 8) | out[at + 1]! // leads backwards
        continue
      }
      if (octet !== bytes[other]) return false
      if (octet === 0) return true
      for (let i = 1; i <= octet; i += 1) if (out[at + i] !== bytes[other + i]) return false
      at += octet + 1
      other += octet + 1
    }
  }
}
