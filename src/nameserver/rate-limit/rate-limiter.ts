import { HEADER_BYTES } from '../../dns/protocol.ts'
import type { Client, WallClock } from '../client.ts'
import { AddressPrefixes } from './address-prefixes.ts'
import type { RateLimits } from './rate-limits.ts'
import { questionEnd, RESPONSE_KIND, responseKind, subjectAt } from './response-kind.ts'
import { truncate } from './truncate.ts'

/** What became of a response. */
export type Verdict = 'sent' | 'dropped' | 'truncated'

/** Buckets stand in rows; a response takes the bucket that has been left alone longest. */
const ROWS_LOG2 = 14
const ROW = 4
/** The network that a limit is for: /24 and /56. */
const NETWORK_OCTETS = { 4: 3, 16: 7 } as const
const FOLD_BIT = 0x20
const UPPER_A = 0x41
const UPPER_Z = 0x5a

/**
 * Response rate limiting: a token bucket for each network, kind of response and name, in a table of fixed size. A client that
 * has proven its address is not limited. Allocates nothing.
 */
export class RateLimiter {
  readonly #limits: RateLimits
  readonly #exempt: AddressPrefixes
  readonly #now: WallClock
  readonly #seed: number
  readonly #keys = new Int32Array(ROW << ROWS_LOG2)
  readonly #tokens = new Float32Array(ROW << ROWS_LOG2)
  readonly #filledMs = new Float64Array(ROW << ROWS_LOG2)
  #limited = 0
  /** Of the response judged last. */
  verdict: Verdict = 'sent'

  /** @param seed - random: nobody outside can know who shares a bucket with whom */
  constructor(limits: RateLimits, { now, seed }: { readonly now: WallClock; readonly seed: number }) {
    this.#limits = limits
    this.#exempt = new AddressPrefixes(limits.exempt)
    this.#now = now
    this.#seed = seed
  }

  /** @returns octets of the response that may be sent: all, those that are left of it, or none */
  limit(client: Client, out: Uint8Array, length: number): number {
    this.verdict = 'sent'
    if (length === 0 || client.proven || this.#exempt.has(client)) return length
    const end = questionEnd(out, length)
    if (this.#take(this.#key(client, out, { end, length }))) return length
    const { slip } = this.#limits
    this.#limited = (this.#limited + 1) % Math.max(1, slip)
    this.verdict = slip > 0 && this.#limited === 0 && end > 0 ? 'truncated' : 'dropped'
    return this.verdict === 'truncated' ? truncate(out, length, end) : 0
  }

  /** @returns true when the bucket had a token left */
  #take(key: number): boolean {
    const rate = this.#limits.responsesPerSecond
    const nowMs = this.#now()
    const at = this.#bucket(key, nowMs)
    const passedMs = nowMs - this.#filledMs[at]!
    const tokens = Math.min(rate, this.#tokens[at]! + (Math.max(0, passedMs) * rate) / 1000)
    this.#filledMs[at] = nowMs
    this.#tokens[at] = tokens >= 1 ? tokens - 1 : tokens
    return tokens >= 1
  }

  #bucket(key: number, nowMs: number): number {
    const row = (key & ((1 << ROWS_LOG2) - 1)) * ROW
    let oldest = row
    for (let at = row; at < row + ROW; at += 1) {
      if (this.#keys[at] === key) return at
      if (this.#filledMs[at]! < this.#filledMs[oldest]!) oldest = at
    }
    this.#keys[oldest] = key
    this.#tokens[oldest] = this.#limits.responsesPerSecond
    this.#filledMs[oldest] = nowMs
    return oldest
  }

  /** Never 0, which empty buckets have. */
  #key(
    client: Client,
    out: Uint8Array,
    { end, length }: { readonly end: number; readonly length: number },
  ): number {
    const kind = responseKind(out)
    let hash = mix(this.#seed, kind)
    const octets = NETWORK_OCTETS[client.length]
    for (let i = 0; i < octets; i += 1) hash = mix(hash, client.octets[i]!)
    const isOfName = kind === RESPONSE_KIND.positive && end > 0
    const nameEnd = end - 4
    const from = isOfName ? nameEnd - nameBytes(client, nameEnd) : subjectAt(out, end, length)
    if (from > 0) for (let i = from; i < nameEnd; i += 1) hash = mix(hash, folded(out[i]!))
    return hash === 0 ? 1 : hash
  }
}

/** What a wildcard says, it says to all names below: they are one. */
function nameBytes({ madeFromBytes }: Client, nameEnd: number): number {
  return madeFromBytes > 0 ? madeFromBytes : nameEnd - HEADER_BYTES
}

function folded(octet: number): number {
  return octet >= UPPER_A && octet <= UPPER_Z ? octet | FOLD_BIT : octet
}

function mix(hash: number, octet: number): number {
  const mixed = Math.imul(hash ^ octet, 0x01000193)
  return mixed ^ (mixed >>> 15)
}
