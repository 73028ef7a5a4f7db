import { isIPv4 } from 'node:net'
import { HEADER_BYTES } from '../../../dns/protocol.ts'
import { Client } from '../../client.ts'
import type { ListenAddress } from '../../types.ts'
import type { Proto } from '../cells.ts'
import type { Chunk } from '../queue/chunk.ts'
import type { Encoder } from '../queue/conveyor.ts'
import type { QueryEvent } from '../queue/event-queue.ts'
import type { DnstapIdentity } from '../settings.ts'
import type { WallTime } from '../queue/wall-time.ts'

// Numbers of dnstap.proto (dnstap.info): message types, socket protocols; fields with their wire types in the low three bits.
const MESSAGE = { AUTH_QUERY: 1, AUTH_RESPONSE: 2, UPDATE_QUERY: 13, UPDATE_RESPONSE: 14 } as const
const SOCKET_PROTOCOL: Readonly<Record<Proto, number>> = { udp: 1, tcp: 2, dot: 3, doh: 4 }
const VARINT = 0
const BYTES = 2
const FIXED32 = 5
const field = (number: number, wireType: number): number => (number << 3) | wireType
const DNSTAP = {
  identity: field(1, BYTES),
  version: field(2, BYTES),
  message: field(14, BYTES),
  type: field(15, VARINT),
} as const
const FIELD = {
  type: field(1, VARINT),
  socketFamily: field(2, VARINT),
  socketProtocol: field(3, VARINT),
  queryAddress: field(4, BYTES),
  responseAddress: field(5, BYTES),
  queryPort: field(6, VARINT),
  responsePort: field(7, VARINT),
  querySeconds: field(8, VARINT),
  queryNanos: field(9, FIXED32),
  queryMessage: field(10, BYTES),
  responseSeconds: field(12, VARINT),
  responseNanos: field(13, FIXED32),
  responseMessage: field(14, BYTES),
} as const
const TYPE_MESSAGE = 1
const INET = 1
const INET6 = 2
const OPCODE_UPDATE = 5
/** Before what is inserted later: the length of a frame, 32 bits, and that of the message in it, as a varint of three octets. */
const FRAME_LENGTH_BYTES = 4
const VARINT_LENGTH_BYTES = 3

/**
 * Frames of dnstap: an AUTH_QUERY for each query and an AUTH_RESPONSE for each response (UPDATE_QUERY and UPDATE_RESPONSE where
 * the message is an UPDATE), with the fields that dnstap.proto recommends and the address that was asked.
 */
export class DnstapFrames implements Encoder {
  readonly #time: WallTime
  readonly #before: Uint8Array
  /** Octets of the addresses that were asked: of a connection each has its own. */
  readonly #locals = new WeakMap<ListenAddress, Uint8Array>()

  constructor(time: WallTime, { identity, version }: DnstapIdentity) {
    this.#time = time
    this.#before = Buffer.concat([
      ...textField(DNSTAP.identity, identity),
      ...textField(DNSTAP.version, version),
      Uint8Array.of(DNSTAP.type, TYPE_MESSAGE),
    ])
  }

  begin(): void {
    this.#time.adjust()
  }

  encode(event: QueryEvent, chunk: Chunk): number {
    const isUpdate = event.query.length >= HEADER_BYTES && ((event.query[2]! >> 3) & 15) === OPCODE_UPDATE
    this.#frame(chunk, event, isUpdate ? MESSAGE.UPDATE_QUERY : MESSAGE.AUTH_QUERY)
    if (event.response.length === 0) return 1
    this.#frame(chunk, event, isUpdate ? MESSAGE.UPDATE_RESPONSE : MESSAGE.AUTH_RESPONSE)
    return 2
  }

  #frame(chunk: Chunk, event: QueryEvent, type: number): void {
    const start = chunk.length
    chunk.length += FRAME_LENGTH_BYTES
    chunk.octets(this.#before)
    chunk.varint(DNSTAP.message)
    const message = chunk.length + VARINT_LENGTH_BYTES
    chunk.length = message
    this.#about(chunk, event, type)
    if (type === MESSAGE.AUTH_RESPONSE || type === MESSAGE.UPDATE_RESPONSE) {
      this.#moment(chunk, event.doneMs, [FIELD.responseSeconds, FIELD.responseNanos])
      bytesField(chunk, FIELD.responseMessage, event.response)
    } else {
      bytesField(chunk, FIELD.queryMessage, event.query)
    }
    threeOctetVarint(chunk, message - VARINT_LENGTH_BYTES, chunk.length - message)
    chunk.bytes.writeUInt32BE(chunk.length - start - FRAME_LENGTH_BYTES, start)
  }

  #about(chunk: Chunk, { proto, address, port, local, askedMs }: QueryEvent, type: number): void {
    numberField(chunk, FIELD.type, type)
    numberField(chunk, FIELD.socketFamily, address.length === 4 ? INET : INET6)
    numberField(chunk, FIELD.socketProtocol, SOCKET_PROTOCOL[proto])
    bytesField(chunk, FIELD.queryAddress, address)
    if (local !== undefined) bytesField(chunk, FIELD.responseAddress, this.#localOctets(local))
    numberField(chunk, FIELD.queryPort, port)
    if (local !== undefined) numberField(chunk, FIELD.responsePort, local.port)
    this.#moment(chunk, askedMs, [FIELD.querySeconds, FIELD.queryNanos])
  }

  #moment(chunk: Chunk, atMs: number, [seconds, nanos]: readonly [number, number]): void {
    const micros = this.#time.unixMicros(atMs)
    const whole = Math.floor(micros / 1e6)
    numberField(chunk, seconds, whole)
    chunk.varint(nanos)
    chunk.fixed32((micros - whole * 1e6) * 1000)
  }

  #localOctets(local: ListenAddress): Uint8Array {
    const known = this.#locals.get(local)
    if (known !== undefined) return known
    const octets = new Client(Date.now).set(local.host).octets.slice(0, isIPv4(local.host) ? 4 : 16)
    this.#locals.set(local, octets)
    return octets
  }
}

function numberField(chunk: Chunk, tag: number, value: number): void {
  chunk.varint(tag)
  chunk.varint(value)
}

function bytesField(chunk: Chunk, tag: number, octets: Uint8Array): void {
  chunk.varint(tag)
  chunk.varint(octets.length)
  chunk.octets(octets)
}

function textField(tag: number, text: string | undefined): readonly Uint8Array[] {
  if (text === undefined) return []
  const octets = Buffer.from(text)
  const low = octets.length & 0x7f
  const length = octets.length < 0x80 ? [low] : [low | 0x80, octets.length >> 7] // at most MAX_TEXT_BYTES
  return [Uint8Array.of(tag, ...length), octets]
}

/** A length below 2^21 in three octets: longer than need be, which varints may. */
function threeOctetVarint({ bytes }: Chunk, at: number, value: number): void {
  bytes[at] = (value & 0x7f) | 0x80
  bytes[at + 1] = ((value >> 7) & 0x7f) | 0x80
  bytes[at + 2] = value >> 14
}
