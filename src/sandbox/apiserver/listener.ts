import { createSecureServer } from 'node:http2'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { ServerCertificate } from '../certificates.ts'

/** A request and its response, over HTTP/1.1 or HTTP/2. */
export interface Exchange {
  readonly request: Http2ServerRequest
  readonly response: Http2ServerResponse
}

const MAX_STREAMS = 250
const MAX_SESSION_MEGABYTES = 512

/** The TLS port of one server: HTTP/1.1 and HTTP/2 by ALPN, and every connection to it. */
export class Listener {
  readonly #server: Http2SecureServer
  readonly #sockets = new Set<Socket>()
  readonly #host: string
  #port: number

  constructor(
    certificate: ServerCertificate,
    address: { readonly host: string; readonly port: number },
    onExchange: (exchange: Exchange) => void,
  ) {
    this.#host = address.host
    this.#port = address.port
    this.#server = createSecureServer({
      key: certificate.keyPem,
      cert: certificate.certPem,
      allowHTTP1: true,
      maxSessionMemory: MAX_SESSION_MEGABYTES,
      settings: { maxConcurrentStreams: MAX_STREAMS },
    })
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#sockets.delete(socket))
    })
    // What a peer does wrong on its connection ends that connection, nothing else.
    for (const event of ['sessionError', 'tlsClientError']) this.#server.on(event, () => {})
    this.#server.on('clientError', (_error: Error, socket: Socket) => socket.destroy())
    this.#server.on('unknownProtocol', (socket: Socket) => socket.destroy())
    this.#server.on('request', (request, response) => onExchange({ request, response }))
  }

  get port(): number {
    return this.#port
  }

  /** Listen; rejects when the port is taken. A port of 0 is chosen once and kept. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', reject)
        const address = this.#server.address()
        if (typeof address === 'object' && address !== null) this.#port = address.port
        resolve()
      })
    })
  }

  /** Close the port; connections stay. */
  stopListening(): void {
    this.#server.close()
  }

  /** Cut every connection, by a reset where asked. */
  cut(reset: boolean): void {
    for (const socket of this.#sockets) {
      if (reset) socket.resetAndDestroy()
      else socket.destroy()
    }
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.cut(false)
    })
  }
}
