import { HEADER_BYTES, RCODE, TYPE } from '../../dns/protocol.ts'
import type { Client } from '../client.ts'
import { COUNTER, type CounterRow } from '../counters.ts'
import type { ListenAddress } from '../types.ts'
import {
  CELL,
  DURATION_BOUNDS,
  FAMILY_CELLS,
  PROTO_CELLS,
  PROTOS,
  QUERY_TYPES,
  RCODES,
  SIZE_BOUNDS,
  ZONE_CELLS,
  type Proto,
} from './cells.ts'
import { Question } from './question.ts'
import { responseCode } from './response-code.ts'
import type { ZoneTable } from './zones/zone-slots.ts'

/** A clock that only goes on, in ms with fractions. */
export type MonotonicClock = () => number

/** Told of every query, in the turn in which it is answered: copies what it needs and returns. */
export interface Tap {
  answered(client: Client, exchange: Exchange): void
}

/** A query and its response, both valid during the call only. */
interface Messages {
  readonly query: Uint8Array
  readonly length: number
  readonly response: Uint8Array
  /** 0 = none. */
  readonly written: number
}

/** What has become of a query. */
export interface Exchange extends Messages {
  readonly proto: Proto
  /** Where it was asked, as far as the transport knows. */
  readonly local: ListenAddress | undefined
  /** By the Observer's clock. */
  readonly doneMs: number
}

/** One query in so many is timed, on average: two looks at the clock cost as much as all other counting. */
export const TIMED_ONE_IN = 16

const TRUNCATED_BIT = 0x02
/** RFC 7873, 8. */
const BADCOOKIE = 23
const CACHED_TYPES = 258
const SIZE_BUCKETS = Uint8Array.from({ length: 65_536 }, (_, size) => bucketOf(SIZE_BOUNDS, size))
const TYPE_CELLS = Uint8Array.from({ length: CACHED_TYPES }, (_, type) => typeCell(type))
const RCODE_CELLS = Uint8Array.from({ length: 4096 }, (_, code) => rcodeCell(code))

/**
 * Counts what one worker answers over one transport. Each transport calls `asked` before it asks the reader, and `answered`
 * after, once for each message, whatever became of it. Allocates nothing while no tap is there.
 */
export class Observer {
  readonly counters: CounterRow
  readonly #cells: Float64Array
  readonly #zones: ZoneTable
  readonly #now: MonotonicClock
  readonly #question = new Question()
  readonly #proto: Proto
  readonly #local: ListenAddress | undefined
  readonly #tap: Tap | undefined
  /** Queries until the next one that is timed. */
  #untilTimed = 1
  /** Queries since the last one that was timed, for which the next one stands too. */
  #stride = 1
  #random = 0x2545f491

  constructor(counters: CounterRow, proto: Proto, options: ObserverOptions) {
    this.counters = counters
    const first = PROTOS.indexOf(proto) * PROTO_CELLS
    this.#cells = counters.cells.subarray(first, first + PROTO_CELLS)
    this.#zones = counters.zones
    this.#now = options.now
    this.#proto = proto
    this.#local = options.local
    this.#tap = options.tap
  }

  /** A query has come in from this client: what is left of the one before is forgotten. */
  asked(client: Client): void {
    client.zone = 0
    client.type = 0
    client.dnssecOk = false
    this.#untilTimed -= 1
    client.askedMs = this.#untilTimed <= 0 || this.#tap !== undefined ? this.#now() : 0
  }

  /**
   * What became of the query.
   * @param length - octets of `query` that are the message
   * @param written - octets of the response in `out`; 0 = none is sent
   */
  answered(client: Client, query: Uint8Array, length: number, out: Uint8Array, written: number): void {
    if (client.type === 0) this.#look(client, query, length)
    const cells = this.#cells
    const slot = this.#zones.slotOf(client.zone)
    const zone = (client.length === 4 ? 0 : FAMILY_CELLS) + slot * ZONE_CELLS
    cells[zone + CELL.types + (client.type < CACHED_TYPES ? TYPE_CELLS[client.type]! : 0)]! += 1 // in bounds
    cells[zone + CELL.querySizes + SIZE_BUCKETS[length]!]! += 1
    cells[zone + CELL.querySizeSum]! += length
    if (client.dnssecOk) cells[zone + CELL.dnssecOk]! += 1
    if (written > 0) this.#response(zone, out, written)
    else this.counters.add(COUNTER.dropped)
    if (this.#untilTimed <= 0 && client.askedMs > 0) this.#time(zone, client) // 0: asked before it was time
    if (this.#tap !== undefined) this.#tell(this.#tap, client, { query, length, response: out, written })
  }

  #tell(tap: Tap, client: Client, messages: Messages): void {
    tap.answered(client, {
      ...messages,
      proto: this.#proto,
      local: client.local ?? this.#local,
      doneMs: this.#now(),
    })
  }

  #response(zone: number, out: Uint8Array, written: number): void {
    const cells = this.#cells
    const rcode = RCODE_CELLS[responseCode(out, written)]! // eight upper bits and four lower ones
    cells[zone + CELL.rcodes + rcode]! += 1
    cells[zone + CELL.responseSizes + SIZE_BUCKETS[written]!]! += 1
    cells[zone + CELL.responseSizeSum]! += written
    if (rcode === RCODE.FORMERR) this.counters.add(COUNTER.malformed)
    if ((out[2]! & TRUNCATED_BIT) !== 0) this.counters.add(COUNTER.truncated)
  }

  /** For queries that did not take the fast path. */
  #look(client: Client, query: Uint8Array, length: number): void {
    if (length < HEADER_BYTES) this.counters.add(COUNTER.malformed)
    this.#question.read(query, length)
    client.type = this.#question.type
    client.dnssecOk = this.#question.dnssecOk
  }

  /** The query just answered stands for all since the last one that was timed. */
  #time(zone: number, client: Client): void {
    const seconds = (this.#now() - client.askedMs) / 1000
    this.#cells[zone + CELL.durations + bucketOf(DURATION_BOUNDS, seconds)]! += this.#stride
    this.#cells[zone + CELL.durationSum]! += this.#stride * seconds
    // steps of random length, so that no pattern of queries stays in step with the choice
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
    this.#stride = 1 + ((this.#random >>> 16) % (2 * TIMED_ONE_IN - 1))
    this.#untilTimed = this.#stride
  }
}

export interface ObserverOptions {
  readonly now: MonotonicClock
  /** The address that the transport listens on, where it is one and Clients do not say. */
  readonly local?: ListenAddress | undefined
  readonly tap?: Tap | undefined
}

function typeCell(type: number): number {
  const name = Object.keys(TYPE).find((key) => TYPE[key as keyof typeof TYPE] === type) // its own keys
  return Math.max(0, QUERY_TYPES.indexOf((name ?? 'other') as (typeof QUERY_TYPES)[number])) // -1: not among them
}

function rcodeCell(code: number): number {
  if (code < RCODES.indexOf('BADVERS')) return code
  return RCODES.indexOf(code === RCODE.BADVERS ? 'BADVERS' : code === BADCOOKIE ? 'BADCOOKIE' : 'other')
}

/** The first bucket whose bound is not exceeded. */
function bucketOf(bounds: readonly number[], value: number): number {
  let bucket = 0
  while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1
  return bucket
}
