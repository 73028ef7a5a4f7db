import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Session } from '../streams/stream-service.ts'
import { readBody } from './body.ts'
import { tooLarge, type DohClient, type DohReply } from './exchange.ts'

/** DNS over HTTP/1.1 on one connection: for clients that know nothing else. */
export class Http1Session implements Session {
  readonly #socket: TLSSocket
  readonly #client: DohClient
  /** Requests that are not answered yet. */
  #open = 0
  #isFinishing = false

  constructor(socket: TLSSocket, client: DohClient) {
    this.#socket = socket
    this.#client = client
  }

  finish(): void {
    this.#isFinishing = true
    if (this.#open === 0) this.#socket.end()
  }

  /** Answer a request of this connection. */
  take(request: IncomingMessage, response: ServerResponse): void {
    this.#open += 1
    response.on('close', () => {
      this.#open -= 1
      if (this.#isFinishing && this.#open === 0) this.#socket.end()
    })
    const reply = this.#client.head({
      method: request.method ?? '',
      target: request.url ?? '',
      contentType: request.headers['content-type'],
      contentLength: request.headers['content-length'],
    })
    if (reply === undefined) return this.#read(request, response)
    request.resume()
    this.#send(response, reply)
  }

  #read(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, {
      arrived: () => true, // one request after the other: there is no more than one body
      complete: (body) => this.#send(response, this.#client.message(body)),
      tooLarge: () => {
        this.#client.failed()
        this.#isFinishing = true // what is left of the body is not worth waiting for
        this.#send(response, tooLarge())
      },
    })
  }

  #send(response: ServerResponse, { status, headers, body }: DohReply): void {
    response.writeHead(status, { ...headers, ...(this.#isFinishing ? { connection: 'close' } : {}) })
    response.end(body)
  }
}
