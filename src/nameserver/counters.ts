import { RCODE, TYPE } from '../dns/protocol.ts'

/** What every worker counts, and where in its row. Closed: these are also the labels of metrics. */
export const COUNTER = {
  queries_udp: 0,
  queries_tcp: 1,
  responses_noerror: 2,
  responses_formerr: 3,
  responses_servfail: 4,
  responses_nxdomain: 5,
  responses_notimp: 6,
  responses_refused: 7,
  responses_badvers: 8,
  truncated: 9,
  dropped: 10,
  malformed: 11,
  send_queued: 12,
  tcp_connections: 13,
  tcp_refused: 14,
  tcp_timeouts: 15,
  rate_dropped: 16,
  rate_truncated: 17,
} as const

export type CounterName = keyof typeof COUNTER

export const COUNTER_NAMES = Object.keys(COUNTER) as readonly CounterName[] // its own keys

const TRUNCATED_BIT = 0x02
/** From a row to the next: a cache line of its own, so that workers do not slow each other. */
const ROW_LENGTH = Math.ceil(COUNTER_NAMES.length / 8) * 8

/** Memory for the counters of so many workers. Numbers are exact up to 2^53. */
export function createCounters(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT)
}

/** One worker's counters: it alone writes them. */
export class CounterRow {
  readonly #row: Float64Array

  constructor(memory: SharedArrayBuffer, row: number) {
    this.#row = new Float64Array(
      memory,
      row * ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT,
      COUNTER_NAMES.length,
    )
  }

  /** @param counter - one of COUNTER */
  add(counter: number): void {
    this.#row[counter]! += 1
  }

  /** Count what became of a query: a response of `length` octets from `offset` on, or none when that is 0. */
  response(out: Uint8Array, offset: number, length: number): void {
    const row = this.#row
    if (length === 0) {
      row[COUNTER.dropped]! += 1
      return
    }
    const rcode = out[offset + 3]! & 15 // a response has a header
    if (rcode === RCODE.NOERROR && isBadVersion(out, offset, length)) row[COUNTER.responses_badvers]! += 1
    else row[COUNTER.responses_noerror + rcode]! += 1
    if (rcode === RCODE.FORMERR) row[COUNTER.malformed]! += 1
    if ((out[offset + 2]! & TRUNCATED_BIT) !== 0) row[COUNTER.truncated]! += 1
  }
}

/** All workers together. */
export function sumCounters(memory: SharedArrayBuffer): Readonly<Record<CounterName, number>> {
  const all = new Float64Array(memory)
  return Object.fromEntries(
    COUNTER_NAMES.map((name) => {
      let sum = 0
      for (let at: number = COUNTER[name]; at < all.length; at += ROW_LENGTH) sum += all[at]! // at < length
      return [name, sum]
    }),
  ) as Record<CounterName, number> // one for each name
}

/** BADVERS shows only in the OPT record without options, which then ends our responses: extended code 1 (RFC 6891, 6.1.3). */
function isBadVersion(out: Uint8Array, offset: number, length: number): boolean {
  const end = offset + length
  const hasNothing = out[offset + 7] === 0 && out[offset + 9] === 0 && out[offset + 11] === 1
  const endsInOpt = out[end - 11] === 0 && out[end - 9] === TYPE.OPT && out[end - 1] === 0
  return hasNothing && endsInOpt && out[end - 6] === 1
}
