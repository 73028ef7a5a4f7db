import { randomBytes, timingSafeEqual } from 'node:crypto'
import { silentLogger } from '../../telemetry/logger.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { newCertificateAuthority } from '../certificates.ts'
import { objectAccess } from './access.ts'
import { ResponseStream, readRequest, sendBody, sendError } from './exchange.ts'
import { FaultState, faultStatus } from './faults.ts'
import type { FaultEffects } from './faults.ts'
import { GarbageCollector } from './garbage/garbage-collector.ts'
import { anonymousRefusal } from './http/anonymous.ts'
import { awaitVersion } from './http/await-version.ts'
import { handleRequest, statusAnswer } from './http/handle.ts'
import type { ApiAnswer, ApiRequest, OpenStream } from './http/message.ts'
import { Listener } from './listener.ts'
import type { Exchange } from './listener.ts'
import { StatusError, unauthorized } from './model/status.ts'
import { newCluster } from './new-cluster.ts'
import type { Cluster } from './resource/cluster.ts'
import type { ApiServer, ApiServerOptions } from './types.ts'

const MAX_BODY_BYTES = 3 * 1_024 * 1_024
const NO_OBJECT = '"this is no object"'

/**
 * Start one Kubernetes API server: TLS with a certificate of its own, a bearer token, everything in memory.
 * @throws StatusError for CRDs that are not valid; an Error when the port is taken
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const authority = await newCertificateAuthority(`${options.name} API server`, options.clock.nowMs())
  const certificate = await authority.issue(options.name)
  const server = new RunningServer(options, newCluster(options))
  const host = options.host ?? '127.0.0.1'
  const listener = new Listener(certificate, { host, port: options.port ?? 0 }, (exchange) =>
    server.answer(exchange),
  )
  server.faults = new FaultState(server.effectsOn(listener), options.clock)
  await listener.listen()
  const collector = new GarbageCollector(server.cluster, server.logger)
  return {
    name: options.name,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`,
    token: server.token,
    caPem: certificate.caPem,
    objects: objectAccess(server.cluster, server.logger),
    faults: server.faults,
    async close() {
      collector.close()
      server.endStreams()
      await listener.close()
    },
  }
}

interface OpenAnswer {
  readonly stream: ResponseStream
  readonly open: OpenStream
}

class RunningServer {
  readonly cluster: Cluster
  readonly token: string
  readonly logger: Logger
  readonly #maxBodyBytes: number
  readonly #streams = new Set<OpenAnswer>()
  #faults: FaultState | undefined
  #cut: () => void = () => {}

  constructor(options: ApiServerOptions, cluster: Cluster) {
    this.cluster = cluster
    this.token = options.token ?? randomBytes(24).toString('base64url')
    this.logger = options.logger ?? silentLogger
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES
  }

  set faults(faults: FaultState) {
    this.#faults = faults
  }

  get faults(): FaultState {
    if (this.#faults === undefined) throw new Error('used before its start')
    return this.#faults
  }

  effectsOn(listener: Listener): FaultEffects {
    this.#cut = () => listener.cut(true)
    return {
      cut: (reset) => listener.cut(reset),
      stopListening: () => listener.stopListening(),
      listenAgain: () => {
        listener.listen().catch((error: unknown) => {
          this.logger.error(
            { component: 'apiserver', cluster: this.cluster.name, err: error },
            'listening again failed',
          )
        })
      },
      compact: () => {
        this.cluster.store.compact()
        for (const { open } of this.#streams) open.expire()
      },
      spoilWatches: () => {
        for (const { stream } of this.#streams) stream.write(spoiledEvent())
      },
      holdWatches: () => {
        for (const { stream } of this.#streams) stream.hold()
      },
      resumeWatches: () => {
        for (const { stream } of this.#streams) stream.release()
      },
    }
  }

  endStreams(): void {
    for (const { open } of this.#streams) open.stop()
    this.#streams.clear()
  }

  answer(exchange: Exchange): void {
    this.#answer(exchange).catch((error: unknown) => {
      this.logger.error({ component: 'apiserver', cluster: this.cluster.name, err: error }, 'request failed')
      exchange.response.destroy()
    })
  }

  async #answer(exchange: Exchange): Promise<void> {
    const gone = new AbortController()
    exchange.response.on('close', () => gone.abort())
    exchange.response.on('error', () => gone.abort())
    const request = await this.#read(exchange)
    if (request === undefined) return
    await this.faults.admitted(gone.signal)
    if (gone.signal.aborted) return
    if (this.#refusal(request) === undefined) await awaitVersion(this.cluster, request, gone.signal)
    if (gone.signal.aborted) return
    const answer = this.#decide(request)
    if (answer === undefined) this.#cut()
    else if (answer.kind === 'body') sendBody(exchange, answer)
    else this.#stream(exchange, answer, gone.signal)
  }

  async #read(exchange: Exchange): Promise<ApiRequest | undefined> {
    try {
      return await readRequest(exchange, this.#maxBodyBytes)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      sendError(exchange, error)
      return undefined
    }
  }

  /** What to answer; undefined: nothing, the connection is to be cut. */
  #decide(request: ApiRequest): ApiAnswer | undefined {
    const fault = this.faults.current
    if (fault?.kind === 'reset' || fault?.kind === 'down') return undefined
    if (fault?.kind === 'status') return statusAnswer(faultStatus(fault))
    const refusal = this.#refusal(request)
    if (refusal !== undefined) return { ...statusAnswer(refusal), last: true }
    const answer = handleRequest(this.cluster, request, (error) => {
      this.logger.error(
        { component: 'apiserver', cluster: this.cluster.name, err: error },
        'request handler failed',
      )
    })
    return fault?.kind === 'malformed' ? spoiled(answer) : answer
  }

  /** A wrong token is refused everywhere; without any, little is open. */
  #refusal(request: ApiRequest): StatusError | undefined {
    const [scheme = '', token = ''] = (request.header('authorization') ?? '').split(' ')
    if (scheme.toLowerCase() !== 'bearer' || token === '') return anonymousRefusal(this.cluster, request)
    return this.#knows(token) ? undefined : unauthorized()
  }

  #knows(token: string): boolean {
    const given = Buffer.from(token)
    const own = Buffer.from(this.token)
    return given.length === own.length && timingSafeEqual(given, own)
  }

  #stream(exchange: Exchange, answer: Extract<ApiAnswer, { kind: 'stream' }>, gone: AbortSignal): void {
    const stream = new ResponseStream(exchange, answer.contentType)
    if (this.faults.current?.kind === 'malformed') stream.write(spoiledEvent())
    const open = answer.open(stream)
    const entry: OpenAnswer = { stream, open }
    this.#streams.add(entry)
    gone.addEventListener('abort', () => {
      this.#streams.delete(entry)
      open.stop()
    })
  }
}

function spoiledEvent(): string {
  return `{"type":"ADDED","object":${NO_OBJECT}}\n`
}

/** A list with one item that is no object. */
function spoiled(answer: ApiAnswer): ApiAnswer {
  if (answer.kind !== 'body' || typeof answer.body !== 'string') return answer
  const body = answer.body.replace(/"items":\[(?=\])/, `"items":[${NO_OBJECT}`)
  return {
    ...answer,
    body: body === answer.body ? body.replace('"items":[', `"items":[${NO_OBJECT},`) : body,
  }
}
