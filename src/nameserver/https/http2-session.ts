import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Session } from '../streams/stream-service.ts'
import { readBody } from './body.ts'
import { tooLarge, type DohClient, type DohReply } from './exchange.ts'

/** Octets of headers that are read of one request: a message of 12 KB fits into the target of a GET. */
export const MAX_HEADER_BYTES = 16 * 1024
/** Octets of bodies, and again of answers not yet sent, that one connection may make us hold. */
const MAX_HELD_BYTES = 1024 * 1024

/** Bounds on what one connection can cost. */
const LIMITS: ServerOptions = {
  settings: { maxConcurrentStreams: 100, maxHeaderListSize: MAX_HEADER_BYTES },
  maxHeaderListPairs: 64,
  maxSessionMemory: 10, // in MB: a hundred streams and what they hold; streams beyond it are refused
  // Streams that the client takes back as soon as it has opened them ("rapid reset", CVE-2023-44487): a resolver that gives
  // up on some is far below it.
  streamResetBurst: 200,
  streamResetRate: 20,
  maxSessionInvalidFrames: 32,
  maxSessionRejectedStreams: 32,
  maxOutstandingPings: 4,
}

/** DNS over HTTP/2 on one connection. */
export class Http2Session implements Session {
  readonly #client: DohClient
  readonly #session: ServerHttp2Session
  readonly #bodies = new Held()
  readonly #answers = new Held()

  constructor(socket: TLSSocket, client: DohClient) {
    this.#client = client
    this.#session = performServerHandshake(socket, LIMITS)
    this.#session.on('error', () => {}) // what a peer breaks is its own loss; the socket's 'close' follows
    this.#session.on('stream', (stream, headers) => this.#begin(stream, headers))
  }

  /** GOAWAY: what has been asked is answered, anything later the client can safely ask elsewhere (RFC 9113, 6.8). */
  finish(): void {
    if (!this.#session.destroyed) this.#session.close()
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const head = {
      method: headers[':method'] ?? '',
      target: headers[':path'] ?? '',
      contentType: headers['content-type'],
      contentLength: headers['content-length'],
    }
    stream.on('error', () => {}) // resets are the peer's right
    stream.on('close', () => {
      this.#bodies.forget(stream)
      this.#answers.forget(stream)
    })
    this.#answers.whenRoom(stream, () => {
      const reply = this.#client.head(head)
      if (reply === undefined) return this.#read(stream)
      stream.resume()
      this.#send(stream, reply)
    })
  }

  #read(stream: ServerHttp2Stream): void {
    const deadline = setTimeout(() => {
      this.#client.failed()
      stream.close(constants.NGHTTP2_CANCEL)
    }, this.#client.requestMs)
    stream.on('close', () => clearTimeout(deadline))
    readBody(stream, {
      arrived: (sizeBytes) => {
        const isBearable = this.#bodies.add(stream, sizeBytes)
        if (!isBearable) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM) // no query is that long
        return isBearable
      },
      complete: (body) => {
        clearTimeout(deadline)
        if (stream.closed || stream.aborted) return // it has ended, but not arrived
        this.#answers.whenRoom(stream, () => this.#send(stream, this.#client.message(body)))
      },
      tooLarge: () => {
        this.#client.failed()
        this.#send(stream, tooLarge())
      },
    })
  }

  #send(stream: ServerHttp2Stream, { status, headers, body }: DohReply): void {
    if (stream.destroyed || stream.closed) return
    this.#answers.add(stream, body.length)
    stream.respond({ ':status': status, ...headers })
    stream.end(body, () => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR) // the rest is not needed (RFC 9113, 8.1)
    })
  }
}

/** What is held for the streams of one connection, and which of them wait until it is less. */
class Held {
  #sizeBytes = 0
  readonly #streams = new Map<ServerHttp2Stream, number>()
  /** In the order in which they came; never more than there are streams. */
  readonly #waiting = new Map<ServerHttp2Stream, () => void>()

  /** @returns false when that is more than one connection may have */
  add(stream: ServerHttp2Stream, sizeBytes: number): boolean {
    this.#sizeBytes += sizeBytes
    this.#streams.set(stream, (this.#streams.get(stream) ?? 0) + sizeBytes)
    return this.#sizeBytes <= MAX_HELD_BYTES
  }

  /** Act now, or when earlier answers have been sent. */
  whenRoom(stream: ServerHttp2Stream, act: () => void): void {
    this.#waiting.set(stream, act)
    this.#review()
  }

  /** The stream is closed. */
  forget(stream: ServerHttp2Stream): void {
    this.#sizeBytes -= this.#streams.get(stream) ?? 0
    this.#streams.delete(stream)
    this.#waiting.delete(stream)
    this.#review()
  }

  #review(): void {
    for (const [stream, act] of this.#waiting) {
      if (this.#sizeBytes >= MAX_HELD_BYTES) return
      this.#waiting.delete(stream)
      act()
    }
  }
}
