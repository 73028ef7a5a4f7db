import {
  CELL,
  PROTO_CELLS,
  PROTOS,
  QUERY_TYPES,
  RCODES,
  WORKER_CELLS,
  ZONE_CELLS,
  type Proto,
  type Rcode,
} from './observe/cells.ts'
import { ZONE_TABLE_BYTES, ZoneTable } from './observe/zones/zone-slots.ts'

/** What every worker counts of itself, and where in its row. Closed: these are also names of metrics, told of in app/http/counter-help.ts. */
export const COUNTER = {
  truncated: 0,
  dropped: 1,
  malformed: 2,
  send_queued: 3,
  tcp_connections: 4,
  tcp_refused: 5,
  tcp_timeouts: 6,
  rate_dropped: 7,
  rate_truncated: 8,
  query_log_dropped: 9,
  dnstap_frames: 10,
  dnstap_dropped: 11,
  tls_connections: 12,
  tls_refused: 13,
  tls_timeouts: 14,
  tls_handshake_failures: 15,
  https_connections: 16,
  https_refused: 17,
  https_timeouts: 18,
  https_handshake_failures: 19,
  https_bad_requests: 20,
  signatures_made: 21,
  signatures_refused: 22,
} as const

/** Those, and what follows from the cells of zones: queries by transport, responses by code. */
export type CounterName = keyof typeof COUNTER | `queries_${Proto}` | `responses_${Lowercase<Rcode>}`

const OWN_NAMES = Object.keys(COUNTER) as readonly (keyof typeof COUNTER)[] // its own keys
/** Own counters at the beginning of a row: whole cache lines, so that workers do not slow each other. */
const OWN_LENGTH = Math.ceil(OWN_NAMES.length / 8) * 8
const ROW_LENGTH = OWN_LENGTH + WORKER_CELLS
const ROW_BYTES = ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT

/** Memory for the counters of so many workers: where zones are counted, then a row for each worker. Numbers are exact up to 2^53. */
export function createCounters(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(ZONE_TABLE_BYTES + workers * ROW_BYTES)
}

/** The table of zones in the memory of counters. */
export function zoneTable(memory: SharedArrayBuffer): ZoneTable {
  return new ZoneTable(memory, 0)
}

/** One worker's counters: it alone writes them. */
export class CounterRow {
  readonly #own: Float64Array
  /** By transport, family, zone: see observe/cells.ts. Written by the Observers. */
  readonly cells: Float64Array
  readonly zones: ZoneTable

  constructor(memory: SharedArrayBuffer, row: number) {
    const start = ZONE_TABLE_BYTES + row * ROW_BYTES
    this.#own = new Float64Array(memory, start, OWN_NAMES.length)
    this.cells = new Float64Array(memory, start + OWN_LENGTH * Float64Array.BYTES_PER_ELEMENT, WORKER_CELLS)
    this.zones = zoneTable(memory)
  }

  /** @param counter - one of COUNTER */
  add(counter: number, by = 1): void {
    this.#own[counter]! += by
  }
}

/** The cells of each worker. */
export function cellsOf(memory: SharedArrayBuffer): readonly Float64Array[] {
  const workers = (memory.byteLength - ZONE_TABLE_BYTES) / ROW_BYTES
  return Array.from({ length: workers }, (_, row) => new CounterRow(memory, row).cells)
}

/** All workers together. */
export function sumCounters(memory: SharedArrayBuffer): Readonly<Record<CounterName, number>> {
  const rows = new Float64Array(memory, ZONE_TABLE_BYTES)
  const own = OWN_NAMES.map((name) => {
    let sum = 0
    for (let at: number = COUNTER[name]; at < rows.length; at += ROW_LENGTH) sum += rows[at]! // at < length
    return [name, sum] as const
  })
  const cells = cellsOf(memory)
  const queries = PROTOS.map((proto, index) => {
    const first = index * PROTO_CELLS
    return [
      `queries_${proto}`,
      sumOf(cells, [first, first + PROTO_CELLS], [CELL.types, QUERY_TYPES.length]),
    ] as const
  })
  const responses = RCODES.map((rcode, index) => {
    const sum = sumOf(cells, [0, WORKER_CELLS], [CELL.rcodes + index, 1])
    return [`responses_${rcode.toLowerCase()}`, sum] as const
  })
  return Object.fromEntries([...queries, ...responses, ...own]) as Record<CounterName, number> // one for each name
}

/** Sums `count` cells from `first` on, of every zone from cell `start` to `end`. */
function sumOf(
  rows: readonly Float64Array[],
  [start, end]: readonly [number, number],
  [first, count]: readonly [number, number],
): number {
  let sum = 0
  for (const cells of rows)
    for (let zone = start; zone < end; zone += ZONE_CELLS)
      for (let at = zone + first; at < zone + first + count; at += 1) sum += cells[at]! // in bounds
  return sum
}
