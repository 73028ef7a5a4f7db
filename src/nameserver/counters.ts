import { RCODE } from '../dns/protocol.ts'

/** What every worker counts, in the order of its row in shared memory. Closed: these are also the labels of metrics. */
export const COUNTER_NAMES = [
  'queries_udp',
  'queries_tcp',
  'responses_noerror',
  'responses_formerr',
  'responses_servfail',
  'responses_nxdomain',
  'responses_notimp',
  'responses_refused',
  'responses_badvers',
  'truncated',
  'dropped',
  'malformed',
  'send_queued',
  'tcp_connections',
  'tcp_refused',
  'tcp_timeouts',
] as const

export type CounterName = (typeof COUNTER_NAMES)[number]

const INDEX = Object.fromEntries(COUNTER_NAMES.map((name, index) => [name, index])) as Readonly<
  Record<CounterName, number>
> // built from the same list

const FIRST_RESPONSE = INDEX.responses_noerror
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

  add(name: CounterName): void {
    this.#row[INDEX[name]]! += 1
  }

  /** Count what became of a query of `queryLength` octets: a response of `length` octets, or none when that is 0. */
  response(out: Uint8Array, offset: number, length: number): void {
    const row = this.#row
    if (length === 0) {
      row[INDEX.dropped]! += 1
      return
    }
    const rcode = out[offset + 3]! & 15 // a response has a header
    if (rcode === RCODE.NOERROR && isBadVersion(out, offset, length)) row[INDEX.responses_badvers]! += 1
    else row[FIRST_RESPONSE + rcode]! += 1
    if (rcode === RCODE.FORMERR) row[INDEX.malformed]! += 1
    if ((out[offset + 2]! & TRUNCATED_BIT) !== 0) row[INDEX.truncated]! += 1
  }
}

/** All workers together. */
export function sumCounters(memory: SharedArrayBuffer): Readonly<Record<CounterName, number>> {
  const all = new Float64Array(memory)
  return Object.fromEntries(
    COUNTER_NAMES.map((name, index) => {
      let sum = 0
      for (let at = index; at < all.length; at += ROW_LENGTH) sum += all[at]! // at < length
      return [name, sum]
    }),
  ) as Record<CounterName, number> // built from the same list
}

/** BADVERS shows only in the OPT record, which ends our responses: extended code 1 (RFC 6891, 6.1.3). */
function isBadVersion(out: Uint8Array, offset: number, length: number): boolean {
  return out[offset + 7] === 0 && out[offset + 11] === 1 && out[offset + length - 6] === 1
}
