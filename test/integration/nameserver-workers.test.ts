import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { createCounters, sumCounters } from '../../src/nameserver/counters.ts'
import { NO_RATE_LIMITS } from '../../src/nameserver/rate-limit/rate-limits.ts'
import { DEFAULT_TCP_LIMITS } from '../../src/nameserver/tcp.ts'
import type { DnsWorkerData, DnsWorkerMessage, DnsWorkerReport } from '../../src/nameserver/types.ts'
import { WorkerPool } from '../../src/nameserver/worker-pool.ts'
import { createZoneMemory } from '../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneWriter } from '../../src/nameserver/zone-store/zone-writer.ts'
import { silentLogger, type LogFields, type Logger } from '../../src/telemetry/logger.ts'
import { askTcp, askUdp, withLength } from '../support/dns-exchange.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { signedRequest } from '../support/transfer-server.ts'
import { testKey } from '../support/tsig-messages.ts'
import { option, optionsOf } from '../support/edns-claims.ts'

interface Fleet {
  readonly pool: WorkerPool
  /** Every thread that was started, in order. */
  readonly threads: Worker[]
  readonly errors: { readonly fields: LogFields; readonly message: string }[]
  readonly counters: SharedArrayBuffer
  port: number
}

let fleet: Fleet | undefined
afterEach(() => fleet?.pool.close())

/** Workers that a test can end, over a store with one name. */
async function startFleet(workers: number): Promise<Fleet> {
  const zone = createZoneMemory({ reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) })
  const counters = createCounters(workers)
  const writer = new SharedZoneWriter(zone)
  writer.publish(
    changesOf(['fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15', 'www.fed.test. 30 A 192.0.2.1']),
  )
  writer.setState(parseDomainName('fed.test'), 'serving')
  const threads: Worker[] = []
  const errors: Fleet['errors'] = []
  const logger: Logger = {
    ...silentLogger,
    error: (fields, message) => void errors.push({ fields, message }),
  }
  const pool = new WorkerPool({
    zone,
    counters,
    workers,
    io: 'dgram',
    tcpLimits: DEFAULT_TCP_LIMITS,
    identity: { cookieSecrets: [] },
    rateLimits: NO_RATE_LIMITS,
    logger,
    newWorker(data: DnsWorkerData, name: string) {
      const thread = new Worker(new URL('../../src/nameserver/worker.ts', import.meta.url), {
        workerData: data,
        name,
      })
      threads.push(thread)
      return thread
    },
  })
  fleet = { pool, threads, errors, counters, port: 0 }
  fleet.port = (await pool.start([{ host: '127.0.0.1', port: 0 }]))[0]!.port // one address was asked for
  return fleet
}

/** Ask until the server answers: a replacement takes a moment to bind. */
async function answered(port: number): Promise<readonly string[] | undefined> {
  return replyOf(await askUdp(port, queryBytes({ ask: 'www.fed.test A' }))).answer
}

describe('a worker that dies', () => {
  it('is replaced on the same port, over the same store, and that is logged', async () => {
    const { port, threads, errors, counters } = await startFleet(1)
    await answered(port)

    await threads[0]!.terminate()
    while (threads.length < 2) await new Promise((resolve) => setImmediate(resolve))
    await once(threads[1]!, 'message') // it listens

    expect(await answered(port)).toEqual(['www.fed.test. 30 A 192.0.2.1'])
    expect(errors.map(({ message }) => message)).toEqual(['dns worker ended, another takes its place'])
    expect(sumCounters(counters).queries_udp).toBe(2)
  })

  it('while clients are asked to go is replaced by one that asks them too', async () => {
    const { pool, port, threads } = await startFleet(1)
    pool.leave()

    await threads[0]!.terminate()
    while (threads.length < 2) await new Promise((resolve) => setImmediate(resolve))
    await once(threads[1]!, 'message') // it listens
    const query = queryBytes({ ask: 'www.fed.test A', edns: { options: [option(11)] } })
    let told: readonly string[] = []
    for (let asked = 0; asked < 100 && told.join() !== '11:0000'; asked += 1)
      told = optionsOf(await askTcp(port, query)) // it learns of it a moment after it listens

    expect(told).toEqual(['11:0000'])
  })

  it('is replaced by one that has the keys of now', async () => {
    const { pool, port, threads } = await startFleet(1)
    const key = testKey()
    pool.setTsigKeys([key])

    await threads[0]!.terminate()
    while (threads.length < 2) await new Promise((resolve) => setImmediate(resolve))
    await once(threads[1]!, 'message') // it listens
    const signed = signedRequest(queryBytes({ ask: 'www.fed.test A' }), key)
    const reply = signed.verified(await askUdp(port, signed.request))

    expect(replyOf(reply).answer).toEqual(['www.fed.test. 30 A 192.0.2.1'])
  })

  it('leaves the others answering', async () => {
    const { port, threads } = await startFleet(2)

    await threads[0]!.terminate()
    while (threads.length < 3) await new Promise((resolve) => setImmediate(resolve))
    await once(threads[2]!, 'message') // it listens

    const replies = await Promise.all(Array.from({ length: 20 }, () => answered(port)))
    expect(new Set(replies.flat())).toEqual(new Set(['www.fed.test. 30 A 192.0.2.1']))
  })

  it('is not replaced once the pool closes', async () => {
    const { pool, threads } = await startFleet(2)

    await pool.close()

    expect(threads).toHaveLength(2)
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1])
  })
})

describe('messages to a worker', () => {
  function tell(thread: Worker, message: DnsWorkerMessage): void {
    thread.postMessage(message)
  }

  async function connected(port: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    await new Promise((resolve) => {
      socket.once('data', resolve)
      socket.write(withLength(queryBytes({ ask: 'www.fed.test A' })))
    })
    return socket
  }

  it('drain: connections end, no new ones, UDP goes on', async () => {
    const { port, threads } = await startFleet(1)
    const socket = await connected(port)

    tell(threads[0]!, { kind: 'drain' })
    const [error] = (await once(socket, 'end').then(() => once(connect(port, '127.0.0.1'), 'error'))) as [
      NodeJS.ErrnoException,
    ]

    expect(error.code).toBe('ECONNREFUSED')
    expect(await answered(port)).toEqual(['www.fed.test. 30 A 192.0.2.1'])
  })

  it('limits: hold from now on', async () => {
    const { port, threads } = await startFleet(1)
    tell(threads[0]!, { kind: 'limits', limits: { idleMs: 400 } })
    await answered(port)

    const socket = await connected(port)
    await once(socket, 'close')

    expect(sumCounters(fleet!.counters).tcp_timeouts).toBe(1)
  })
})

it('a worker that cannot bind ends by itself, whatever its dnstap receiver does, so that another can take its place', async () => {
  const taken = createSocket('udp4').bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const data: DnsWorkerData = {
    zone: createZoneMemory({ reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) }),
    counters: createCounters(1),
    row: 0,
    listen: [{ host: '127.0.0.1', port: taken.address().port }],
    ...{ shared: false, first: true, io: 'dgram', tcpLimits: DEFAULT_TCP_LIMITS },
    ...{ identity: { cookieSecrets: [] }, rateLimits: NO_RATE_LIMITS, signing: [] },
    observe: {
      dnstap: { target: { kind: 'unix', path: '/nowhere/dnstap.sock' }, identity: 'test', version: 'test' },
    },
  }
  const thread = new Worker(new URL('../../src/nameserver/worker.ts', import.meta.url), { workerData: data })
  const reports: DnsWorkerReport[] = []
  thread.on('message', (report: DnsWorkerReport) => reports.push(report))

  const [code] = (await once(thread, 'exit')) as [number] // as documented
  taken.close()

  expect(code).toBe(0)
  expect(reports.map(({ kind }) => kind)).toContain('failed')
})
