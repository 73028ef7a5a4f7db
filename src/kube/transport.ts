import type { Dispatcher } from 'undici'
import type { Clock } from '../runtime/clock.ts'
import { abortable } from './abortable.ts'
import type { ClientCertificate, ClusterAccess, Credentials } from './access.ts'
import { AnswerBook } from './answer-book.ts'
import type { AnswerCount } from './answer-book.ts'
import { materialHash, newDispatcher } from './dispatcher.ts'
import type { DispatcherOptions } from './dispatcher.ts'
import { KubeError, readStatus, statusError } from './kube-error.ts'
import type { RequestPlace } from './kube-error.ts'
import { RequestLimit } from './request-limit.ts'
import { chunksOf, collect, parseJson } from './response-body.ts'

/** How a body is to be understood (Kubernetes API conventions, "Patch operations"). */
export type ContentType =
  | 'application/json'
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/apply-patch+yaml' // JSON is YAML

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface KubeRequest {
  readonly method?: Method
  /** Absolute, percent-encoded, without query and without the path of the server's URL. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly contentType?: ContentType
  /** `application/json` unless told. */
  readonly accept?: string
  /** For the whole exchange; of a stream, until its headers are there (30 s). */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** An answer of any status, read to its end. */
export interface KubeAnswer {
  readonly httpStatus: number
  readonly retryAfter: string | undefined
  readonly bytes: Buffer
}

/** An answer below 400 whose body is still to come. Its reader watches over silence; leaving the loop ends it. */
export interface KubeStream {
  readonly httpStatus: number
  readonly chunks: AsyncIterable<Buffer>
}

export interface TransportOptions extends Partial<DispatcherOptions> {
  /** Its name in errors. */
  readonly cluster: string
  readonly access: ClusterAccess
  readonly clock: Clock
  readonly timeoutMs?: number
  /** Of an answer that is read as a whole (64 MiB). */
  readonly maxBodyBytes?: number
  readonly userAgent?: string
  /** The API server refuses a right (403) that it did not refuse before; `right` as rightOf says it. */
  readonly onDenied?: (right: string, error: KubeError) => void
}

const TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
const MAX_BODY_BYTES = 64 * 1024 * 1024
/** The HTTP client's own limits are a second net below ours. */
const SECOND_NET_MS = 5_000

/**
 * What is read shares HTTP/2 connections; a body goes over HTTP/1.1: when a request is given up before its body is out,
 * undici 8.12 drops the stream without a reset, and Node 24 then writes empty DATA frames for it for ever, in a loop that
 * never returns.
 */
interface Clients {
  readonly reads: Dispatcher
  readonly writes: Dispatcher
}

/**
 * Requests to one cluster: kept connections, a limit of time on each, every failure a KubeError.
 * The access may be replaced; what is under way then ends on the old connections.
 */
export class Transport {
  readonly cluster: string
  readonly #options: TransportOptions
  #access: ClusterAccess
  #clients: Clients | undefined
  #hash = ''
  #certificate: ClientCertificate | undefined
  #caPem: string | undefined
  /** Clients of before, until what is under way on them has ended. */
  readonly #draining = new Set<Dispatcher>()
  readonly #answers = new AnswerBook()
  #closed = false

  constructor(options: TransportOptions) {
    this.cluster = options.cluster
    this.#options = options
    this.#access = options.access
  }

  get access(): ClusterAccess {
    return this.#access
  }

  /** Rights that the API server refused when they were last asked for, sorted; as rightOf says them. */
  get denied(): readonly string[] {
    return this.#answers.denied
  }

  /** How often the API server answered, by verb and status. */
  get answers(): Iterable<AnswerCount> {
    return this.#answers.counts()
  }

  /** Use another address, CA or other credentials from the next request on. */
  setAccess(access: ClusterAccess): void {
    this.#access = access
    this.#certificate = undefined
    this.#hash = ''
    this.#answers.forgetDenied()
  }

  /** Open fresh connections from the next request on: those in use may be dead without a sign. */
  renew(): void {
    this.#hash = ''
  }

  /** Any answer, read to its end. @throws KubeError when there is none */
  async request(request: KubeRequest): Promise<KubeAnswer> {
    const limit = this.#limit(request)
    try {
      const response = await this.#send(request, limit.signal)
      const bytes = await this.#read(this.#place(request), response)
      const answer = { httpStatus: response.statusCode, retryAfter: header(response, 'retry-after'), bytes }
      this.#note(request, answer)
      return answer
    } catch (error) {
      throw limit.blame(error)
    } finally {
      limit.release()
    }
  }

  /** The JSON of an answer below 400. @throws KubeError otherwise */
  async requestJson(request: KubeRequest): Promise<unknown> {
    const answer = await this.request(request)
    if (answer.httpStatus >= 400) throw this.#refusal(request, answer)
    return parseJson(this.#place(request), answer.bytes)
  }

  /** Open a stream. @throws KubeError for answers of 400 and above, which are read to their end */
  async stream(request: KubeRequest): Promise<KubeStream> {
    const limit = this.#limit(request)
    const place = this.#place(request)
    try {
      const response = await this.#send(request, limit.signal, 0)
      if (response.statusCode >= 400) {
        const bytes = await this.#read(place, response)
        const retryAfter = header(response, 'retry-after')
        const answer = { httpStatus: response.statusCode, retryAfter, bytes }
        this.#note(request, answer)
        throw this.#refusal(request, answer)
      }
      this.#answers.note(request, response.statusCode)
      return { httpStatus: response.statusCode, chunks: chunksOf(place, response.body, () => limit.unlink()) }
    } catch (error) {
      limit.unlink()
      throw limit.blame(error)
    } finally {
      limit.stopTimer()
    }
  }

  /** Ends every connection; requests under way fail. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    const { reads, writes } = this.#clients ?? {}
    this.#clients = undefined
    const all = [reads, writes, ...this.#draining].filter((dispatcher) => dispatcher !== undefined)
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
  }

  async #send(
    request: KubeRequest,
    signal: AbortSignal,
    bodyTimeoutMs?: number,
  ): Promise<Dispatcher.ResponseData> {
    const credentials = await abortable(this.#access.credentials.get(), signal)
    const { origin, pathname } = new URL(this.#access.server)
    const timeoutMs = (request.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS) + SECOND_NET_MS
    const { reads, writes } = this.#clientsFor(credentials)
    const response = await (request.body === undefined ? reads : writes).request({
      origin,
      path: (pathname === '/' ? '' : pathname) + request.path + queryOf(request.query),
      method: request.method ?? 'GET',
      headers: this.#headers(request, credentials),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: bodyTimeoutMs ?? timeoutMs,
    })
    if (response.statusCode === 401) this.#access.credentials.drop()
    return response
  }

  #headers(request: KubeRequest, credentials: Credentials): Record<string, string> {
    return {
      accept: request.accept ?? 'application/json',
      'user-agent': this.#options.userAgent ?? 'waypost',
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      ...credentials.headers,
    }
  }

  /** The clients for this TLS material; those before are drained. */
  #clientsFor(credentials: Credentials): Clients {
    const { clientCertificate: certificate, caPem = this.#access.caPem } = credentials
    const isSame = certificate === this.#certificate && caPem === this.#caPem
    const current = this.#clients
    if (this.#closed) throw new KubeError('KUBE_ABORTED', { cluster: this.cluster, method: '', path: '' })
    if (current !== undefined && this.#hash !== '' && isSame) return current
    const access = caPem === undefined ? this.#access : { ...this.#access, caPem }
    const hash = materialHash(access, certificate)
    this.#certificate = certificate
    this.#caPem = caPem
    if (current !== undefined && hash === this.#hash) return current
    this.#hash = hash
    this.#clients = this.#newClients(access, certificate)
    for (const old of current === undefined ? [] : [current.reads, current.writes]) this.#drain(old)
    return this.#clients
  }

  #newClients(access: ClusterAccess, certificate: ClientCertificate | undefined): Clients {
    const { allowH2 = true, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options
    const over = (h2: boolean): Dispatcher =>
      newDispatcher(access, certificate, { allowH2: h2, connectTimeoutMs })
    return { reads: over(allowH2), writes: over(false) }
  }

  #drain(old: Dispatcher): void {
    this.#draining.add(old)
    const drained = (): void => void this.#draining.delete(old)
    old.close().then(drained, drained)
  }

  async #read(place: RequestPlace, response: Dispatcher.ResponseData): Promise<Buffer> {
    const limitBytes = this.#options.maxBodyBytes ?? MAX_BODY_BYTES
    return collect(
      place,
      chunksOf(place, response.body, () => {}),
      limitBytes,
    )
  }

  /** What the server thinks of our rights. */
  #note(request: KubeRequest, answer: KubeAnswer): void {
    const right = this.#answers.note(request, answer.httpStatus)
    if (right !== undefined) this.#options.onDenied?.(right, this.#refusal(request, answer))
  }

  #refusal(request: KubeRequest, answer: KubeAnswer): KubeError {
    let body: unknown
    try {
      body = JSON.parse(answer.bytes.toString('utf8'))
    } catch {
      body = { message: answer.bytes.toString('utf8').slice(0, 300) } // proxies and health endpoints answer in words
    }
    return statusError(this.#place(request), answer.httpStatus, readStatus(body), answer.retryAfter)
  }

  #place(request: KubeRequest): RequestPlace {
    return { cluster: this.cluster, method: request.method ?? 'GET', path: request.path }
  }

  /** A signal that aborts with the request's own or when its time is over. */
  #limit(request: KubeRequest): RequestLimit {
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS
    return new RequestLimit(this.#place(request), request.signal, {
      clock: this.#options.clock,
      timeoutMs,
      expired: () => this.renew(),
    })
  }
}

function queryOf(query: KubeRequest['query']): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.append(name, String(value))
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}
