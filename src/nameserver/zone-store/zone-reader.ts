import { answer as answerSlowly, type Transport } from '../../dns/answer.ts'
import { HEADER_BYTES } from '../../dns/protocol.ts'
import type { ZoneReader } from '../types.ts'
import { FastAnswer, SLOW } from './fast-answer.ts'
import { SetReader } from './set-reader.ts'
import { StoreCursor } from './store-cursor.ts'
import { StoreView } from './store-view.ts'

/** Answers queries of one transport from a zone store that another thread writes. One per thread and transport. */
export class SharedZoneReader implements ZoneReader {
  readonly #fast: FastAnswer
  readonly #view: StoreView
  readonly #transport: Transport
  /** Queries that took the general path, since the start. */
  slow = 0

  /** @param memory - made by createZoneMemory */
  constructor(memory: SharedArrayBuffer, transport: Transport) {
    const cursor = new StoreCursor(memory)
    const sets = new SetReader(cursor.bytes)
    this.#fast = new FastAnswer(cursor, sets, transport)
    this.#view = new StoreView(cursor, sets)
    this.#transport = transport
  }

  /** @param out - at least 1232 octets for UDP, 65,535 for TCP */
  answer(query: Uint8Array, length: number, client: number, out: Uint8Array): number {
    if (length < HEADER_BYTES || (query[2]! & 0x80) !== 0) return 0
    const written = this.#fast.answer(query, length, client, out)
    return written === SLOW ? this.#slowly(query.subarray(0, length), client, out) : written
  }

  #slowly(query: Uint8Array, client: number, out: Uint8Array): number {
    this.slow += 1
    this.#view.client = client
    const response = answerSlowly(query, this.#view, this.#transport)
    if (response === undefined || response.length > out.length) return 0
    out.set(response)
    return response.length
  }
}
