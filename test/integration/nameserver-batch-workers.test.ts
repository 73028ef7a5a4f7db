import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { createCounters, sumCounters } from '../../src/nameserver/counters.ts'
import { NO_RATE_LIMITS } from '../../src/nameserver/rate-limit/rate-limits.ts'
import { DEFAULT_TCP_LIMITS } from '../../src/nameserver/tcp.ts'
import type { DnsWorkerMessage } from '../../src/nameserver/types.ts'
import { WorkerPool } from '../../src/nameserver/worker-pool.ts'
import { createZoneMemory } from '../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneWriter } from '../../src/nameserver/zone-store/zone-writer.ts'
import { silentLogger, type LogFields, type Logger } from '../../src/telemetry/logger.ts'
import { askTcp, askUdp, withLength } from '../support/dns-exchange.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { canBatch } from '../unit/nameserver/batch/can-batch.ts'
import { flood } from './nameserver-batch-flood.ts'

const QUERY = queryBytes({ ask: 'www.fed.test A' })
const ANSWER = ['www.fed.test. 30 A 192.0.2.1']
/** Makes a thread believe that it is somewhere else. */
const ELSEWHERE = `data:text/javascript,Object.defineProperty(process, 'platform', { value: 'darwin' })`

interface Fleet {
  readonly pool: WorkerPool
  readonly threads: Worker[]
  readonly exits: number[]
  readonly warnings: { readonly fields: LogFields; readonly message: string }[]
  readonly counters: SharedArrayBuffer
  readonly port: number
}

let fleet: Fleet | undefined
afterEach(() => fleet?.pool.close())

async function startFleet(workers: number, execArgv: string[] = []): Promise<Fleet> {
  const zone = createZoneMemory({ reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) })
  const counters = createCounters(workers)
  const writer = new SharedZoneWriter(zone)
  writer.publish(
    changesOf(['fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15', 'www.fed.test. 30 A 192.0.2.1']),
  )
  writer.setState(parseDomainName('fed.test'), 'serving')
  const threads: Worker[] = []
  const exits: number[] = []
  const warnings: Fleet['warnings'] = []
  const logger: Logger = {
    ...silentLogger,
    warn: (fields, message) => void warnings.push({ fields, message }),
  }
  const pool = new WorkerPool({
    ...{
      zone,
      counters,
      workers,
      logger,
      io: 'batch',
      tcpLimits: DEFAULT_TCP_LIMITS,
      rateLimits: NO_RATE_LIMITS,
    },
    identity: { cookieSecrets: [] },
    newWorker(workerData, name) {
      const thread = new Worker(new URL('../../src/nameserver/worker.ts', import.meta.url), {
        workerData,
        name,
        execArgv,
      })
      thread.on('exit', (code) => exits.push(code))
      threads.push(thread)
      return thread
    },
  })
  const [listening] = await pool.start([{ host: '127.0.0.1', port: 0 }])
  fleet = { pool, threads, exits, warnings, counters, port: listening!.port } // one address was asked for
  return fleet
}

async function answered(port: number): Promise<readonly string[] | undefined> {
  return replyOf(await askUdp(port, QUERY)).answer
}

async function replaced({ threads }: Fleet, count: number): Promise<void> {
  while (threads.length < count) await new Promise((resolve) => setImmediate(resolve))
  await once(threads[count - 1]!, 'message') // it listens
}

describe.runIf(canBatch)('a worker with batches', () => {
  it('that dies under a flood leaves nothing open, harms nobody, and is replaced on the same port', async () => {
    const started = await startFleet(1)
    const { port, threads } = started
    const storming = await flood({ port, query: QUERY, limit: Infinity, window: 256 })
    await storming.until(1_000)
    const before = readdirSync('/proc/self/fd').length

    await threads[0]!.terminate()
    await replaced(started, 2)
    await storming.stop()

    expect(await answered(port)).toEqual(ANSWER)
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before)
  })

  it('that is told to stop under a flood ends by itself', async () => {
    const { port, pool, exits } = await startFleet(2)
    const storming = await flood({ port, query: QUERY, limit: Infinity, window: 1_024 })
    await storming.until(1_000)

    await pool.close()
    await storming.stop()

    expect(exits).toEqual([0, 0])
  })

  it('drain: connections end, no new ones, UDP goes on', async () => {
    const { port, threads } = await startFleet(1)
    const socket = connect(port, '127.0.0.1')
    socket.write(withLength(QUERY))
    await once(socket, 'data')

    threads[0]!.postMessage({ kind: 'drain' } satisfies DnsWorkerMessage)
    await once(socket, 'end')
    const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]

    expect(error.code).toBe('ECONNREFUSED')
    expect(await answered(port)).toEqual(ANSWER)
  })

  it('keeps the time of its connections, with and without datagrams', async () => {
    const { port, threads, counters } = await startFleet(1)
    threads[0]!.postMessage({ kind: 'limits', limits: { idleMs: 400 } } satisfies DnsWorkerMessage)
    await askTcp(port, QUERY)
    const quiet = connect(port, '127.0.0.1')
    await once(quiet, 'close')
    const storming = await flood({ port, query: QUERY, limit: Infinity, window: 64 })

    const busy = connect(port, '127.0.0.1')
    await once(busy, 'close')
    await storming.stop()

    expect(sumCounters(counters).tcp_timeouts).toBe(2)
  })
})

describe('where batches cannot be', () => {
  it('sockets of Node answer, and one warning says why, however many workers there are', async () => {
    const { port, warnings } = await startFleet(2, ['--import', ELSEWHERE])

    const answers = await Promise.all(Array.from({ length: 8 }, () => answered(port)))

    expect(answers).toEqual(answers.map(() => ANSWER))
    expect(warnings.filter(({ fields }) => fields.reason !== 'ReceiveBufferCut')).toEqual([
      {
        fields: {
          reason: 'BatchUnavailable',
          problem: `made for Linux on x64 and arm64, not for darwin on ${process.arch}`,
        },
        message: 'datagrams cannot be read in batches here: dgram is used, as without --io batch',
      },
    ])
  })
})
