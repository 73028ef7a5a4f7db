import { MAX_NAME_BYTES } from '../names.ts'
import type { FormatError, FormatReason, WireName } from './message.ts'

const EMPTY = new Uint8Array(0)
const ROOT = Uint8Array.of(0)
const POINTER_BITS = 0xc0
/** As many as a name can have labels; without a bound, long chains asked for often make one message cost a tenth of a second. */
const MAX_POINTERS = 127

/**
 * Reads octets from front to back. The first fault sticks: every later read gives zero or nothing, so that callers
 * check once, at the end. Nothing read is trusted: each length is held against what is left.
 */
export class Cursor {
  readonly bytes: Uint8Array
  readonly #end: number
  offset: number
  fault: FormatError | undefined

  constructor(bytes: Uint8Array, offset: number, end: number = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.#end = end
  }

  get left(): number {
    return this.#end - this.offset
  }

  fail(reason: FormatReason): void {
    this.fault ??= { reason, offset: this.offset }
  }

  u8(): number {
    if (!this.#has(1)) return 0
    this.offset += 1
    return this.bytes[this.offset - 1]! // #has
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8()
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16()
  }

  /** A copy of the next octets. */
  take(length: number): Uint8Array {
    if (!this.#has(length)) return EMPTY
    this.offset += length
    return copyOf(this.bytes, this.offset - length, this.offset)
  }

  /**
   * A name, with its pointers followed (RFC 1035, 4.1.4). Each pointer must lead before the place where the labels in hand
   * began, so that no chain is longer than the message and none can loop.
   * @param pointers - `forbid` in a question, which nothing stands in front of
   */
  name(pointers: 'follow' | 'forbid'): WireName {
    const out = new Uint8Array(MAX_NAME_BYTES)
    let length = 0
    let at = this.offset
    let start = at
    let resumeAt = -1
    let hops = 0
    for (;;) {
      if (this.fault !== undefined) return ROOT
      const octet = at < this.#end ? this.bytes[at]! : -1 // in bounds
      if (octet < 0) this.fail('message ends too early')
      else if (octet === 0) break
      else if ((octet & POINTER_BITS) === POINTER_BITS) {
        if (resumeAt < 0) resumeAt = at + 2
        at = this.#pointer(at, start, pointers)
        start = at
        hops += 1
        if (hops > MAX_POINTERS) this.fail('too many pointers')
      } else if (octet > 63) this.fail('label type')
      else if (length + octet + 2 > MAX_NAME_BYTES) this.fail('name too long')
      else if (at + octet >= this.#end) this.fail('message ends too early')
      else {
        out.set(this.bytes.subarray(at, at + octet + 1), length)
        length += octet + 1
        at += octet + 1
      }
    }
    this.offset = resumeAt < 0 ? at + 1 : resumeAt
    return out.slice(0, length + 1)
  }

  #pointer(at: number, start: number, pointers: 'follow' | 'forbid'): number {
    if (pointers === 'forbid') this.fail('pointer in question')
    if (at + 1 >= this.#end) {
      this.fail('message ends too early')
      return 0
    }
    const target = (this.bytes[at]! & 0x3f) * 0x100 + this.bytes[at + 1]! // in bounds
    if (target >= start) this.fail('pointer not backwards')
    return target
  }

  #has(length: number): boolean {
    if (this.fault !== undefined) return false
    if (length <= this.left) return true
    this.fail('message ends too early')
    return false
  }
}

/** Octets of their own: Buffer.slice() would give a view of memory that is written over. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copy = new Uint8Array(to - from)
  for (let i = from; i < to; i += 1) copy[i - from] = bytes[i]!
  return copy
}
