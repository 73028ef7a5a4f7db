import { answer as answerSlowly } from '../../dns/answer/answer.ts'
import {
  isStream,
  type AnswerContext,
  type AnswerSettings,
  type Transport,
} from '../../dns/answer/context.ts'
import { HEADER_BYTES } from '../../dns/protocol.ts'
import type { Client } from '../client.ts'
import { controlKindOf } from '../control/request-kind.ts'
import { LATER, RequestFront, type RequestFrontOptions } from '../control/request-front.ts'
import type { ZoneReader } from '../types.ts'
import { FastAnswer, SLOW } from './fast-answer.ts'
import { FastSignatures } from './fast-signatures.ts'
import { SetReader } from './set-reader.ts'
import { StoreCursor } from './store-cursor.ts'
import { StoreView } from './store-view.ts'

/** What answers depend on, and what is done with requests that are no usual queries; without: no signature is known. */
export interface ReaderSettings extends AnswerSettings {
  readonly requests?: RequestFrontOptions
}

const NO_KEYS: RequestFrontOptions = { keys: new Map() }

/** Answers queries of one transport from a zone store that another thread writes. One per thread and transport. */
export class SharedZoneReader implements ZoneReader {
  readonly #fast: FastAnswer
  readonly #view: StoreView
  readonly #transport: Transport
  readonly #settings: AnswerSettings
  readonly #front: RequestFront
  /** Queries that took the general path, since the start. */
  slow = 0

  /** @param memory - made by createZoneMemory */
  constructor(memory: SharedArrayBuffer, transport: Transport, settings: ReaderSettings) {
    const cursor = new StoreCursor(memory)
    const sets = new SetReader(cursor.bytes)
    const { cookies, signer } = settings
    const signatures =
      signer === undefined ? undefined : new FastSignatures(signer, cursor, isStream(transport))
    this.#fast = new FastAnswer({ cursor, sets }, { transport, cookies, signatures })
    this.#view = new StoreView(cursor, sets)
    this.#transport = transport
    this.#settings = settings
    this.#front = new RequestFront(settings.requests ?? NO_KEYS, transport)
  }

  /** @param out - at least 1232 octets for UDP, 65,535 for streams */
  answer(query: Uint8Array, length: number, client: Client, out: Uint8Array): number {
    client.proven = false
    client.madeFromBytes = 0
    if (length < HEADER_BYTES || (query[2]! & 0x80) !== 0) return 0
    const written = this.#fast.answer(query, length, client, out)
    return written === SLOW ? this.#slowly(query.subarray(0, length), client, out) : written
  }

  #slowly(query: Uint8Array, client: Client, out: Uint8Array): number {
    this.slow += 1
    this.#view.client = client.network
    // what may be answered later is counted then, for the zone that is told now
    client.zone = controlKindOf(query) === undefined ? 0 : this.#view.zoneHashAt(query, HEADER_BYTES)
    this.#view.zoneHash = client.zone
    const context = {
      transport: this.#transport,
      requester: client,
      settings: this.#settings,
      notes: client,
    } satisfies AnswerContext
    const { cookies } = this.#settings
    cookies?.forget()
    const response = this.#front.respond(query, client, (plain, reservedBytes) =>
      answerSlowly(plain, this.#view, { ...context, reservedBytes }),
    )
    if (response === LATER) return LATER
    client.proven = cookies?.proof === 'proven'
    client.zone = this.#view.zoneHash
    if (response === undefined || response.length > out.length) return 0
    out.set(response)
    return response.length
  }
}
