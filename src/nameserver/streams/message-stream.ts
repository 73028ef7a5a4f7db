import type { Duplex } from 'node:stream'
import { MAX_TCP_BYTES } from '../../dns/protocol.ts'
import type { Client } from '../client.ts'
import { LATER } from '../control/request-front.ts'
import { StreamReplies } from '../control/stream-replies.ts'
import type { Observer } from '../observe/observer.ts'
import type { ZoneReader } from '../types.ts'
import { LENGTH_BYTES, MessageSplitter } from './message-splitter.ts'

/** Responses of a burst are written together, in pieces of about this size. */
const WRITE_BYTES = 64 * 1024
const NOTHING_YET = Buffer.alloc(0)

/** Answers messages of one transport. One for all its connections: what it gives out is valid until it is asked again. */
export class MessageAnswerer {
  readonly #reader: ZoneReader
  readonly observer: Observer
  readonly #out = Buffer.allocUnsafeSlow(MAX_TCP_BYTES)
  /** Responses with their lengths, to be written together; one that begins before WRITE_BYTES has room. */
  readonly batch = Buffer.allocUnsafeSlow(WRITE_BYTES + LENGTH_BYTES + MAX_TCP_BYTES)

  constructor(reader: ZoneReader, observer: Observer) {
    this.#reader = reader
    this.observer = observer
  }

  /** @returns undefined for what gets no response; nothing at all for what gets it later, on the client's reply path */
  answer(message: Buffer, client: Client): Buffer | undefined {
    this.observer.asked(client)
    const length = this.#reader.answer(message, message.length, client, this.#out)
    if (length === LATER) return NOTHING_YET
    this.observer.answered(client, message, message.length, this.#out, length)
    return length === 0 ? undefined : this.#out.subarray(0, length)
  }
}

export interface MessageStreamOptions {
  readonly stream: Duplex
  readonly client: Client
  readonly answerer: MessageAnswerer
  /** Called for every whole message, as long as more are taken. */
  readonly touched: () => void
}

/**
 * DNS on one connection, plain or encrypted: answers in the order of the queries (RFC 7766, 7), those of a burst in one write
 * (8). Takes nothing further while the peer does not read what it was sent.
 */
export class MessageStream {
  readonly #options: MessageStreamOptions
  readonly #splitter = new MessageSplitter()
  readonly #later: StreamReplies
  /** We are to close: what is under way may not take longer for being in use. */
  #dismissed = false
  /** No more is taken from the peer: what it asked for is answered, then our side is closed. */
  #finishing = false

  /** @param options.stream - with `allowHalfOpen`, so that a peer that has asked all it wants still gets its answers */
  constructor(options: MessageStreamOptions) {
    this.#options = options
    const { stream, client, answerer, touched } = options
    this.#later = new StreamReplies({
      ...{ stream, client, observer: answerer.observer },
      touched: () => this.#dismissed || touched(),
      settled: () => this.#serve(),
    })
    client.replies = this.#later
    stream.on('data', (piece: Buffer) => {
      if (this.#finishing) return
      this.#splitter.push(piece)
      this.#serve()
    })
    stream.on('drain', () => {
      this.#serve()
      this.#later.drained()
    })
    stream.on('end', () => this.#finish())
    stream.on('close', () => this.#later.closed())
    stream.on('error', () => {}) // resets are the peer's right; 'close' follows
  }

  /** Answer the messages that are here as a whole, as fast as the peer reads, then close our side. */
  finish(): void {
    this.#dismissed = true
    this.#finish()
  }

  #finish(): void {
    if (this.#finishing) return
    this.#finishing = true
    this.#serve()
  }

  #serve(): void {
    const { stream } = this.#options
    if (stream.destroyed || stream.writableEnded) return
    if (!this.#answerWaiting()) {
      stream.destroy() // no DNS client: nothing that it says further can be meant for us
      return
    }
    if (stream.writableNeedDrain) {
      stream.pause()
      return
    }
    if (this.#finishing && this.#later.size === 0) stream.end()
    stream.resume()
  }

  /** @returns false for a message that gets no response */
  #answerWaiting(): boolean {
    const { stream, client, answerer, touched } = this.#options
    const { batch } = answerer
    let at = 0
    const flush = (): void => {
      if (at > 0) stream.write(Buffer.from(batch.subarray(0, at))) // a copy: the batch is for all connections
      at = 0
    }
    while (!stream.writableNeedDrain) {
      const message = this.#splitter.next()
      if (message === undefined) break
      if (!this.#finishing) touched()
      const response = answerer.answer(message, client)
      if (response === undefined) return false
      if (response === NOTHING_YET) continue
      at = batch.writeUInt16BE(response.length, at)
      at += response.copy(batch, at)
      if (at >= WRITE_BYTES) flush()
    }
    flush()
    this.#splitter.settle()
    return true
  }
}
