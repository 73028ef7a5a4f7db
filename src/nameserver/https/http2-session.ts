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
/** Octets of bodies and of answers not yet sent that one connection may make us hold. */
const MAX_HELD_BYTES = 1024 * 1024

/** Bounds on what one connection can cost. */
const LIMITS: ServerOptions = {
  settings: { maxConcurrentStreams: 100, maxHeaderListSize: MAX_HEADER_BYTES },
  maxHeaderListPairs: 64,
  maxSessionMemory: 2, // in MB: streams beyond it are refused
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
  #heldBytes = 0

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
    const request = new Request(stream, (sizeBytes) => (this.#heldBytes += sizeBytes) <= MAX_HELD_BYTES)
    const reply = this.#client.head({
      method: headers[':method'] ?? '',
      target: headers[':path'] ?? '',
      contentType: headers['content-type'],
      contentLength: headers['content-length'],
    })
    if (reply === undefined) request.read(this.#client)
    else request.answer(reply)
  }
}

/** One request and its answer. */
class Request {
  readonly #stream: ServerHttp2Stream
  readonly #hold: (sizeBytes: number) => boolean
  #heldBytes = 0

  /** @param hold - told of octets held or, below 0, let go; @returns false when that is too much for one connection */
  constructor(stream: ServerHttp2Stream, hold: (sizeBytes: number) => boolean) {
    this.#stream = stream
    this.#hold = hold
    stream.on('error', () => {}) // resets are the peer's right
    stream.on('close', () => hold(-this.#heldBytes))
  }

  read(client: DohClient): void {
    const stream = this.#stream
    const deadline = setTimeout(() => {
      client.failed()
      stream.close(constants.NGHTTP2_CANCEL)
    }, client.requestMs)
    stream.on('close', () => clearTimeout(deadline))
    readBody(stream, {
      arrived: (sizeBytes) => this.#holds(sizeBytes),
      complete: (body) => {
        clearTimeout(deadline)
        if (!stream.closed && !stream.aborted) this.#send(client.message(body)) // else it has only ended, not arrived
      },
      tooLarge: () => {
        client.failed()
        this.#send(tooLarge())
      },
    })
  }

  /** Answer without a look at what else is sent. */
  answer(reply: DohReply): void {
    this.#stream.resume()
    this.#send(reply)
  }

  #send({ status, headers, body }: DohReply): void {
    const stream = this.#stream
    if (stream.destroyed || stream.closed || !this.#holds(body.length)) return
    stream.respond({ ':status': status, ...headers })
    stream.end(body, () => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR) // the rest is not needed (RFC 9113, 8.1)
    })
  }

  #holds(sizeBytes: number): boolean {
    this.#heldBytes += sizeBytes
    const isBearable = this.#hold(sizeBytes)
    if (!isBearable) this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    return isBearable
  }
}
