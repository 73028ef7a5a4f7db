import { AppError } from '../../errors.ts'
import { MAX_NAME_BYTES, writeWireName, type DomainName } from '../names.ts'
import { CLASS, EDNS_DO, HEADER_BYTES, MAX_UDP_BYTES, OPCODE, OPT_BYTES, TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import { NAMES_IN_RDATA } from '../wire/compressed-names.ts'
import type { Edns, Question } from '../wire/message.ts'
import { nameEnd } from '../wire/name.ts'
import type { OwnedSet } from './canonical.ts'
import { NameCompressor } from './name-compressor.ts'

/** What the messages of a reply have in common. */
export interface TransferFrame {
  readonly id: number
  readonly recursionDesired: boolean
  /** In the first message only (RFC 5936, 2.2.1). */
  readonly question: Question
  /** Of the request: the first message has an OPT record too then (RFC 5936, 2.2.5). */
  readonly edns: Edns | undefined
  /** No message may be longer. */
  readonly maxBytes: number
}

/** A message is closed when the next record would make it longer: pointers reach no further, and readers need not hold more. */
export const USUAL_MESSAGE_BYTES = 16_384

const RECORD_FIELDS_BYTES = 10
const QUESTION_FIELDS_BYTES = 4

/** A record that no message can carry. */
export class TransferError extends AppError {
  constructor(name: DomainName, type: number) {
    super('record is too long for a message', { code: 'DNS_RECORD_TOO_LONG', fields: { name, type } })
  }
}

/**
 * Pack records into messages, as many as fit into each, names compressed (RFC 5936, 2.2, 3.4). Lazily: each message is made when
 * it is asked for, from as many records as it takes.
 * @throws TransferError
 */
export function* transferMessages(records: Iterable<OwnedSet>, frame: TransferFrame): Generator<Uint8Array> {
  const writer = new TransferWriter(frame)
  for (const { name, set } of records) {
    for (const rdata of set.rdata) {
      if (writer.add(name, set, rdata)) continue
      yield writer.finish()
      if (!writer.add(name, set, rdata)) throw new TransferError(name, set.type)
    }
  }
  yield writer.finish()
}

/** Writes message after message into one buffer. */
class TransferWriter {
  readonly #frame: TransferFrame
  readonly #usualBytes: number
  /** With room behind the limit, so that a record is written before it is known to fit. */
  readonly #out: Uint8Array
  readonly #view: DataView
  readonly #names: NameCompressor
  readonly #owner = new Uint8Array(MAX_NAME_BYTES + 1)
  #at = 0
  #records = 0
  #isFirst = true

  constructor(frame: TransferFrame) {
    this.#frame = frame
    this.#usualBytes = Math.min(frame.maxBytes, USUAL_MESSAGE_BYTES)
    this.#out = new Uint8Array(frame.maxBytes + 2 * MAX_NAME_BYTES + RECORD_FIELDS_BYTES)
    this.#view = new DataView(this.#out.buffer)
    this.#names = new NameCompressor(this.#out)
    this.#begin()
  }

  /** @returns false when the record has no room in this message */
  add(name: DomainName, set: RecordSet, rdata: Uint8Array): boolean {
    const start = this.#at
    const limit = (this.#records === 0 ? this.#frame.maxBytes : this.#usualBytes) - this.#optBytes
    if (start + rdata.length > limit) return false // and there is room to try
    writeWireName(name, this.#owner, 0)
    let at = this.#names.write(this.#owner, 0, start)
    this.#view.setUint16(at, set.type)
    this.#view.setUint16(at + 2, CLASS.IN)
    this.#view.setUint32(at + 4, set.ttlSeconds)
    const rdataAt = at + RECORD_FIELDS_BYTES
    at = this.#rdata(set.type, rdata, rdataAt)
    this.#view.setUint16(rdataAt - 2, at - rdataAt)
    if (at > limit) return false // what was remembered of its names goes with the message
    this.#at = at
    this.#records += 1
    return true
  }

  /** The message as it is; then the next one begins. */
  finish(): Uint8Array {
    const opt = this.#optBytes
    if (opt > 0) this.#opt()
    this.#view.setUint16(4, this.#isFirst ? 1 : 0)
    this.#view.setUint16(6, this.#records)
    this.#view.setUint16(10, opt > 0 ? 1 : 0)
    const message = this.#out.slice(0, this.#at)
    this.#isFirst = false
    this.#begin()
    return message
  }

  get #optBytes(): number {
    return this.#isFirst && this.#frame.edns !== undefined ? OPT_BYTES : 0
  }

  #begin(): void {
    const { id, recursionDesired, question } = this.#frame
    this.#out.fill(0, 0, HEADER_BYTES)
    this.#view.setUint16(0, id)
    this.#view.setUint16(2, 0x8400 | (OPCODE.QUERY << 11) | (recursionDesired ? 0x0100 : 0)) // QR, AA
    this.#names.clear()
    this.#records = 0
    this.#at = HEADER_BYTES
    if (!this.#isFirst) return
    const at = this.#names.write(question.name, 0, HEADER_BYTES)
    this.#view.setUint16(at, question.type)
    this.#view.setUint16(at + 2, question.class)
    this.#at = at + QUESTION_FIELDS_BYTES
  }

  /** Names in rdata are compressed in the types of RFC 1035 (RFC 3597, 4). */
  #rdata(type: number, rdata: Uint8Array, start: number): number {
    const names = NAMES_IN_RDATA.get(type)
    if (names === undefined) {
      this.#out.set(rdata, start)
      return start + rdata.length
    }
    this.#out.set(rdata.subarray(0, names.before), start)
    let from = names.before
    let at = start + names.before
    for (let i = 0; i < names.count; i += 1) {
      at = this.#names.write(rdata, from, at)
      from = nameEnd(rdata, from)
    }
    this.#out.set(rdata.subarray(from), at)
    return at + rdata.length - from
  }

  #opt(): void {
    const at = this.#at
    this.#out.fill(0, at, at + OPT_BYTES)
    this.#view.setUint16(at + 1, TYPE.OPT)
    this.#view.setUint16(at + 3, MAX_UDP_BYTES)
    this.#view.setUint16(at + 7, (this.#frame.edns?.flags ?? 0) & EDNS_DO)
    this.#at = at + OPT_BYTES
  }
}
