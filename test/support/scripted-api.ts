import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { makeAuthority } from './test-certificates.ts'
import type { IssuedCertificate, TestAuthority } from './test-certificates.ts'

/** One request, to be answered by the test. Answering twice throws. */
export class Exchange {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or undefined. */
  readonly body: unknown
  readonly httpVersion: string
  readonly #response: Http2ServerResponse
  readonly #request: Http2ServerRequest
  /** Resolves when the client is gone or the answer is complete. */
  readonly closed: Promise<void>

  constructor(request: Http2ServerRequest, response: Http2ServerResponse, body: string) {
    const url = new URL(request.url, 'https://localhost')
    this.method = request.method
    this.path = url.pathname
    this.query = Object.fromEntries(url.searchParams)
    this.headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    this.body = body === '' ? undefined : JSON.parse(body)
    this.httpVersion = request.httpVersion
    this.#response = response
    this.#request = request
    this.closed = new Promise((resolve) => response.on('close', resolve))
  }

  json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.text(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
  }

  text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, headers)
    this.#response.end(body)
  }

  /** A Kubernetes Status as an error. */
  status(
    code: number,
    reason: string,
    message = reason,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }, headers)
  }

  /** Begin an answer that stays open. */
  open(): this {
    this.#response.writeHead(200, { 'content-type': 'application/json' })
    // HTTP/2 sends headers at once; HTTP/1.1 would wait for the first byte of the body.
    if ('flushHeaders' in this.#response) (this.#response as unknown as ServerResponse).flushHeaders()
    return this
  }

  /** Bytes as they are. */
  raw(bytes: string | Buffer): this {
    this.#response.write(bytes)
    return this
  }

  /** A watch event. */
  event(type: string, object: unknown): this {
    return this.raw(`${JSON.stringify({ type, object })}\n`)
  }

  bookmark(resourceVersion: string, initialEnd = false): this {
    const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
    return this.event('BOOKMARK', { metadata: { resourceVersion, ...annotations } })
  }

  /** End an open answer as it should be. */
  end(): void {
    this.#response.end()
  }

  /** Cut the connection without a word. */
  reset(): void {
    const { session } = this.#request.stream ?? {} // HTTP/1.1 requests have no stream
    if (session === undefined) this.#request.socket.destroy()
    else session.destroy()
  }
}

export interface ScriptedApiOptions {
  /** Offer HTTP/2 (true); the client chooses. */
  readonly http2?: boolean
  readonly certificate?: IssuedCertificate
  readonly authority?: TestAuthority
  /** Ask for client certificates, signed by this authority. */
  readonly clientAuthority?: TestAuthority
}

/**
 * An HTTPS server whose every answer the test gives. Strict: `close` throws when a request came that nobody asked for.
 * Requests for `kube-system` are answered by themselves: each connection asks who it is talking to.
 */
export class ScriptedApi {
  readonly url: string
  readonly caPem: string
  readonly port: number
  uid = 'uid-1'
  /** TLS connections that were made. */
  connections = 0
  /** Common names of the client certificates that came. */
  readonly clients: string[] = []
  readonly #server: Http2SecureServer
  readonly #waiting: Exchange[] = []
  readonly #takers: { readonly wants: string; readonly take: (exchange: Exchange) => void }[] = []
  readonly #sockets = new Set<Socket>()

  constructor(server: Http2SecureServer, caPem: string) {
    this.#server = server
    this.caPem = caPem
    this.port = (server.address() as AddressInfo).port // it listens on TCP
    this.url = `https://127.0.0.1:${this.port}`
    server.on('secureConnection', (socket) => {
      this.connections += 1
      const { CN } = socket.getPeerCertificate().subject ?? {}
      if (typeof CN === 'string') this.clients.push(CN)
    })
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.#received(request, response))
  }

  /** Requests that came and were not taken. */
  get pending(): readonly string[] {
    return this.#waiting.map(({ method, path }) => `${method} ${path}`)
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size
  }

  /** The next request for this, such as `GET /api/v1/services`; waits for it. */
  next(wants: string): Promise<Exchange> {
    const index = this.#waiting.findIndex(({ method, path }) => `${method} ${path}` === wants)
    const [found] = index === -1 ? [] : this.#waiting.splice(index, 1)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((take) => this.#takers.push({ wants, take }))
  }

  /** Cut every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** @throws Error when requests came that the test did not take */
  async close(): Promise<void> {
    const unexpected = this.pending
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
    if (unexpected.length > 0) throw new Error(`requests that nobody expected: ${unexpected.join(', ')}`)
  }

  async #received(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    response.on('error', () => {}) // the client may go at any time
    request.on('error', () => {})
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const exchange = new Exchange(request, response, Buffer.concat(chunks).toString('utf8'))
    if (exchange.path === '/api/v1/namespaces/kube-system') {
      exchange.json(200, {
        kind: 'Namespace',
        apiVersion: 'v1',
        metadata: { name: 'kube-system', uid: this.uid },
      })
      return
    }
    const wanted = `${exchange.method} ${exchange.path}`
    const index = this.#takers.findIndex(({ wants }) => wants === wanted)
    const [taker] = index === -1 ? [] : this.#takers.splice(index, 1)
    if (taker === undefined) this.#waiting.push(exchange)
    else taker.take(exchange)
  }
}

/** Start on a free port of 127.0.0.1. */
export async function startScriptedApi(options: ScriptedApiOptions = {}): Promise<ScriptedApi> {
  const authority = options.authority ?? (await makeAuthority())
  const { certPem, keyPem } = options.certificate ?? (await authority.issue())
  const server = createSecureServer({
    cert: certPem,
    key: keyPem,
    allowHTTP1: true,
    ALPNProtocols: options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1'],
    ...(options.clientAuthority === undefined
      ? {}
      : { requestCert: true, rejectUnauthorized: true, ca: options.clientAuthority.certPem }),
  })
  server.on('tlsClientError', () => {}) // clients that do not trust us hang up
  server.on('sessionError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new ScriptedApi(server, authority.certPem)
}
