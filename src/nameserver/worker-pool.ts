import { Worker } from 'node:worker_threads'
import type { TsigKey } from '../dns/tsig/keys.ts'
import { describeError } from '../errors.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { SigningZone } from './dnssec/signing-key.ts'
import type { RateLimits } from './rate-limit/rate-limits.ts'
import type { ObserveSettings } from './observe/settings.ts'
import { logTrouble } from './observe/trouble.ts'
import { bindError } from './bind-error.ts'
import { openRequests, type RequestOptions } from './control/worker-requests.ts'
import { LINGER_MS } from './streams/stream-service.ts'
import type {
  DnsWorkerData,
  DnsWorkerMessage,
  DnsWorkerReport,
  Identity,
  ListenAddress,
  SecureListen,
  SecureTransports,
  TcpLimits,
  UdpIo,
} from './types.ts'
import type { TlsCredentials } from './tls/credentials.ts'
import { RECEIVE_BUFFER_BYTES } from './udp.ts'

export interface WorkerPoolOptions {
  readonly zone: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  readonly workers: number
  readonly io: UdpIo
  readonly tcpLimits: TcpLimits
  readonly identity: Identity
  readonly rateLimits: RateLimits
  /** Absent: nothing is encrypted. */
  readonly secure?: SecureTransports
  /** Absent: no signature is known, and workers answer all by themselves. */
  readonly requests?: RequestOptions
  /** Absent: nothing is told of single queries. */
  readonly observe?: ObserveSettings
  readonly logger: Logger
  /** Starts a thread on worker.ts; tests keep hold of it. */
  readonly newWorker?: (data: DnsWorkerData, name: string) => Worker
}

/** A worker that does not end by itself is ended; it gives its clients LINGER_MS. */
const STOP_TIMEOUT_MS = LINGER_MS + 1_000
const REOPEN_TIMEOUT_MS = 2_000
/** The first replacement comes at once; after deaths in a row each next one waits longer. */
const REPLACE_DELAYS_MS: readonly number[] = [0, 100, 500, 2_000, 10_000]
/** A worker that lived this long was well: the row of deaths is over. */
const HEALTHY_MS = 60_000

/** Starts the worker threads, replaces those that die, ends them. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #workers = new Map<number, Worker>()
  readonly #replacements = new Map<number, NodeJS.Timeout>()
  #listen: readonly ListenAddress[] = []
  #signing: readonly SigningZone[] = []
  #secure: SecureTransports | undefined
  #requests: RequestOptions | undefined
  #closing = false
  #isLeaving = false
  #hasWarnedOfBatch = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.#secure = options.secure
    this.#requests = options.requests
  }

  /** Where the encrypted transports are listened for, ports resolved once started. */
  get secure(): SecureListen {
    return { tls: this.#secure?.tls ?? [], https: this.#secure?.https ?? [] }
  }

  /** @returns the addresses with their ports; the first worker finds them, the others share them */
  async start(listen: readonly ListenAddress[]): Promise<readonly ListenAddress[]> {
    try {
      this.#listen = listen
      this.#listen = await this.#spawn(0, { first: true, deaths: 0 })
      const others = Array.from({ length: this.#options.workers - 1 }, (_, i) => i + 1)
      await Promise.all(others.map((row) => this.#spawn(row, { first: false, deaths: 0 })))
      return this.#listen
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** From now on these zones are signed, with these keys, and no others. */
  setSigning(zones: readonly SigningZone[]): void {
    this.#signing = zones
    this.#tell({ kind: 'signing', zones })
  }

  /** From now on these are shown and used; connections go on with what they have. */
  renew(credentials: TlsCredentials): void {
    if (this.#secure === undefined) return
    this.#secure = { ...this.#secure, credentials }
    this.#tell({ kind: 'credentials', credentials })
  }

  /** From now on these are known, and no others; a reply that has begun goes on with its own. */
  setTsigKeys(keys: readonly TsigKey[]): void {
    this.#requests = { ...this.#requests, keys }
    this.#tell({ kind: 'tsig-keys', keys })
  }

  /** From now on clients are asked to go. */
  leave(): void {
    this.#isLeaving = true
    this.#tell({ kind: 'leave' })
  }

  /** Let all workers open the files that queries are written to anew. Resolves when they have. */
  async reopen(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(reopenFiles))
  }

  #tell(message: DnsWorkerMessage): void {
    for (const worker of this.#workers.values()) worker.postMessage(message)
  }

  async close(): Promise<void> {
    this.#closing = true
    for (const timer of this.#replacements.values()) clearTimeout(timer)
    await Promise.all([...this.#workers.values()].map(stop))
  }

  /** @throws AppError when the worker cannot bind or dies before it listens */
  #spawn(
    row: number,
    { first, deaths }: { first: boolean; deaths: number },
  ): Promise<readonly ListenAddress[]> {
    const { logger, zone, counters, io, tcpLimits, identity, rateLimits, workers, observe } = this.#options
    const requests = this.#requests && openRequests(this.#requests, logger)
    const data: DnsWorkerData = {
      zone,
      counters,
      row,
      listen: this.#listen,
      shared: workers > 1,
      first,
      io,
      tcpLimits,
      identity,
      rateLimits,
      signing: this.#signing,
      ...(this.#secure === undefined ? {} : { secure: this.#secure }),
      ...(requests === undefined ? {} : { requests: requests.data }),
      ...(observe === undefined ? {} : { observe }),
    }
    const worker = (this.#options.newWorker ?? startThread)(data, `dns-${row}`)
    this.#workers.set(row, worker)
    if (this.#isLeaving) worker.postMessage({ kind: 'leave' } satisfies DnsWorkerMessage)
    const bornMs = performance.now()
    let listening = false
    return new Promise((resolve, reject) => {
      worker.on('message', (report: DnsWorkerReport) => {
        if (report.kind === 'failed') return reject(bindError(report.failure))
        if (report.kind === 'trouble') return logTrouble(logger, report.trouble)
        if (report.kind === 'reopened') return
        listening = true
        if (this.#secure !== undefined && report.secure !== undefined)
          this.#secure = { ...this.#secure, ...report.secure }
        this.#warnOfBatch(report.batchProblem)
        if (report.receiveBufferBytes < RECEIVE_BUFFER_BYTES) {
          logger.warn(
            { count: report.receiveBufferBytes, reason: 'ReceiveBufferCut' },
            'kernel cut the receive buffer: bursts of queries may be lost; raise net.core.rmem_max to 4194304',
          )
        }
        resolve(report.listen)
      })
      worker.on('error', (error) => {
        logger.error({ err: describeError(error) }, 'dns worker failed')
        reject(error)
      })
      worker.on('exit', () => {
        requests?.close()
        this.#workers.delete(row)
        reject(new Error('dns worker ended before it listened'))
        if (!listening && deaths === 0) return // it never served: start() has failed
        const inARow = performance.now() - bornMs < HEALTHY_MS ? deaths + 1 : 1
        if (!this.#closing) this.#replace(row, inARow)
      })
    })
  }

  /** Once: all workers are of one machine. */
  #warnOfBatch(problem: string | undefined): void {
    if (problem === undefined || this.#hasWarnedOfBatch) return
    this.#hasWarnedOfBatch = true
    this.#options.logger.warn(
      { reason: 'BatchUnavailable', problem },
      'datagrams cannot be read in batches here: dgram is used, as without --io batch',
    )
  }

  #replace(row: number, deaths: number): void {
    const delayMs = REPLACE_DELAYS_MS[Math.min(deaths, REPLACE_DELAYS_MS.length) - 1]! // deaths >= 1
    this.#options.logger.error({ count: deaths, delayMs }, 'dns worker ended, another takes its place')
    const timer = setTimeout(() => {
      this.#replacements.delete(row)
      this.#spawn(row, { first: false, deaths }).catch((error: unknown) => {
        this.#options.logger.error({ err: describeError(error) }, 'dns worker cannot be replaced yet')
      })
    }, delayMs)
    this.#replacements.set(row, timer)
  }
}

function startThread(data: DnsWorkerData, name: string): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    name,
    transferList: data.requests?.control === undefined ? [] : [data.requests.control.port],
  })
}

/** A worker that does not answer has other troubles: it is not waited for. */
function reopenFiles(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      worker.off('message', look).off('exit', done)
      resolve()
    }
    const look = (report: DnsWorkerReport): void => {
      if (report.kind === 'reopened') done()
    }
    const timer = setTimeout(done, REOPEN_TIMEOUT_MS)
    worker.on('message', look).on('exit', done)
    worker.postMessage({ kind: 'reopen' } satisfies DnsWorkerMessage)
  })
}

async function stop(worker: Worker): Promise<void> {
  const message: DnsWorkerMessage = { kind: 'stop' }
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.postMessage(message)
  const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
