import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { startNameserver, type Nameserver, type NameserverOptions } from '../../src/nameserver/server.ts'
import type { UdpIo } from '../../src/nameserver/types.ts'
import { silentLogger, type LogFields, type Logger } from '../../src/telemetry/logger.ts'
import { packet } from '../fuzz/packets.ts'
import { Random } from '../fuzz/random.ts'
import { startForStorm, storm } from '../fuzz/sockets/storm.ts'
import { overUdp } from '../fuzz/sockets/udp.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'
import { canBatch } from '../unit/nameserver/batch/can-batch.ts'
import { flood } from './nameserver-batch-flood.ts'

const SEED = Number(process.env['WAYPOST_SEED'] ?? 20_261_121)
const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const QUERY = queryBytes({ ask: 'www.fed.test A' })
const running: Nameserver[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((nameserver) => nameserver.close()))
})

interface Logged {
  readonly logger: Logger
  readonly warnings: { readonly fields: LogFields; readonly message: string }[]
}

function logged(): Logged {
  const warnings: Logged['warnings'] = []
  const logger: Logger = {
    ...silentLogger,
    warn: (fields, message) => void warnings.push({ fields, message }),
    child: () => logger,
  }
  return { logger, warnings }
}

/** One that answers www.fed.test, in batches; no warning may say that it does not. */
async function start(options: Partial<NameserverOptions> = {}): Promise<TestServer> {
  const { logger, warnings } = logged()
  const server = await startTestServer(['fed.test'], [SOA, 'www.fed.test 30 A 192.0.2.1'], {
    ...{ io: 'batch', logger },
    ...options,
  })
  running.push(server.nameserver)
  expect(warnings.filter(({ fields }) => fields['reason'] === 'BatchUnavailable')).toEqual([])
  return server
}

/** What comes back to each of these, asked one by one over one socket; silence shows by the answer to the query behind it. */
async function ask(port: number, queries: readonly Buffer[]): Promise<readonly (string | undefined)[]> {
  const socket = createSocket('udp4')
  const came: Buffer[] = []
  let wake = (): void => {}
  socket.on('message', (response) => {
    came.push(response)
    wake()
  })
  const next = async (): Promise<Buffer> => {
    while (came.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return came.shift()! // there is one
  }
  const barrier = queryBytes({ ask: 'barrier.other.test A', id: 0xffff })
  const answers: (string | undefined)[] = []
  for (const query of queries) {
    socket.send(query, port, '127.0.0.1')
    socket.send(barrier, port, '127.0.0.1')
    const first = await next()
    const isBarrier = first.readUInt16BE(0) === 0xffff
    if (!isBarrier) await next()
    answers.push(isBarrier ? undefined : first.toString('hex'))
  }
  socket.close()
  return answers
}

describe.runIf(canBatch)('batches and sockets of Node', () => {
  it('give the same answers, octet for octet, and the same silence', async () => {
    const random = new Random(SEED)
    const queries = Array.from({ length: 2_000 }, (_, i) => {
      const octets = packet(random)
      if (octets.length >= 2) octets.writeUInt16BE(i, 0)
      return octets
    })
    const seen: Record<UdpIo, readonly (string | undefined)[]> = { dgram: [], batch: [] }
    for (const io of ['dgram', 'batch'] as const) {
      const { nameserver, port } = await startForStorm({ io, identity: { cookieSecrets: [] } })
      running.push(nameserver)
      seen[io] = await ask(port, queries)
    }

    expect(seen.batch).toEqual(seen.dgram)
    expect(seen.batch.filter((answer) => answer !== undefined).length).toBeGreaterThan(1_000)
    expect(seen.batch.filter((answer) => answer === undefined).length).toBeGreaterThan(10)
  })

  it('take the largest datagram, and the empty one', async () => {
    const large = Buffer.concat([QUERY, Buffer.alloc(65_507 - QUERY.length)])
    const seen: Record<UdpIo, readonly (string | undefined)[]> = { dgram: [], batch: [] }
    for (const io of ['dgram', 'batch'] as const)
      seen[io] = await ask((await start({ io })).port, [large, Buffer.alloc(0), QUERY, Buffer.alloc(11)])

    expect(seen.batch).toEqual(seen.dgram)
    expect(seen.batch[2]).toBeDefined()
  })
})

describe.runIf(canBatch)('a server with batches', () => {
  const hasIpv6 = Object.values(networkInterfaces()).some((infos) =>
    infos?.some(({ address }) => address === '::1'),
  )

  it.runIf(hasIpv6)('answers over IPv6 beside IPv4, from the address that was asked', async () => {
    const { port, nameserver } = await start({
      listen: [
        { host: '127.0.0.1', port: 0 },
        { host: '::1', port: 0 },
      ],
    })
    const socket = createSocket('udp6')
    socket.send(QUERY, nameserver.listening[1]!.port, '::1') // two addresses were asked for
    const [response, from] = (await once(socket, 'message')) as [Buffer, { address: string }]
    socket.close()

    expect(replyOf(response).answer).toEqual(['www.fed.test. 30 A 192.0.2.1'])
    expect(from.address).toBe('::1')
    expect(await ask(port, [QUERY])).toEqual([response.toString('hex')])
  })

  it('answers with a change as soon as it is published', async () => {
    const server = await start()
    const answers: unknown[] = []
    for (let i = 1; i <= 20; i += 1) {
      server.nameserver.writer.publish(changesOf([`new.fed.test 30 A 192.0.2.${i}`]))
      answers.push((await server.ask('udp', 'new.fed.test A')).answer)
    }

    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => [`new.fed.test. 30 A 192.0.2.${i + 1}`]))
  })

  it('truncates over UDP and answers whole over TCP', async () => {
    const server = await startForStorm({ io: 'batch' })
    running.push(server.nameserver)

    const [udp, tcp] = [
      await server.ask('udp', 'many.fed.test A'),
      await server.ask('tcp', 'many.fed.test A'),
    ]

    expect([udp.flags, tcp.flags]).toEqual(['qr aa tc', 'qr aa'])
    expect(tcp.answer!.length).toBeGreaterThan(100)
  })

  it('counts every packet of nonsense', async () => {
    const server = await startForStorm({ io: 'batch' })
    running.push(server.nameserver)

    const { sent, answered, silent } = await overUdp({ port: server.port }, new Random(SEED), 20_000)

    expect(answered + silent).toBe(sent)
    expect(server.nameserver.counters()).toMatchObject({ queries_udp: sent, dropped: silent, send_queued: 0 })
  })

  it('stands a storm over UDP and TCP', async () => {
    const server = await startForStorm({ io: 'batch' })
    running.push(server.nameserver)

    await storm(server, new Random(SEED), 2_000)

    expect(await server.ask('tcp', 'www.fed.test AAAA')).toMatchObject({ rcode: 'NOERROR' })
  })

  it('answers from several workers that share a port', async () => {
    const server = await start({ workers: 3 })

    const replies = await Promise.all(Array.from({ length: 60 }, () => server.ask('udp', 'www.fed.test A')))

    expect(new Set(replies.flatMap(({ answer }) => answer ?? []))).toEqual(
      new Set(['www.fed.test. 30 A 192.0.2.1']),
    )
    expect(server.nameserver.counters().queries_udp).toBe(60)
  })

  it('answers later what the main thread answers', async () => {
    const server = await start({
      requests: {
        keys: [],
        handler: {
          rules: { update: [{ prefix: '127.0.0.0/8' }] },
          async *handle({ message }) {
            await new Promise((resolve) => setImmediate(resolve))
            const response = Buffer.from(message.subarray(0, 12))
            response[2]! |= 0x80
            response.fill(0, 4)
            yield response
          },
        },
      },
    })
    const updates = Array.from({ length: 20 }, (_, id) => queryBytes({ ask: 'fed.test SOA', opcode: 5, id }))

    const responses = await Promise.all(updates.map((update) => server.send('udp', update)))

    expect(responses.map((response) => response.readUInt16BE(0))).toEqual(updates.map((_, id) => id))
    expect(server.nameserver.counters()).toMatchObject({ queries_udp: 20, responses_noerror: 20, dropped: 0 })
  })
})

describe.runIf(canBatch)('starting and stopping with batches', () => {
  async function failure(options: Partial<NameserverOptions>): Promise<unknown> {
    try {
      const nameserver = await startNameserver({
        ...{ listen: [], workers: 1, io: 'batch', reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) },
        ...{ logger: silentLogger, ...options },
      })
      running.push(nameserver)
    } catch (error) {
      return (error as { code?: unknown }).code
    }
    return 'it started'
  }

  it.each([
    { name: 'has it alone', other: {}, workers: 1 },
    { name: 'shares it, where our workers would share it too', other: { reusePort: true }, workers: 2 },
  ])('says so when another program has the port and $name', async ({ other, workers }) => {
    const socket = createSocket({ type: 'udp4', ...other })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()

    const code = await failure({ workers, listen: [{ host: '127.0.0.1', port }] })
    socket.close()

    expect(code).toBe('DNS_PORT_IN_USE')
  })

  it('says so when the address is not of this machine, and leaves no port behind', async () => {
    const { nameserver, port } = await start()
    await nameserver.close()
    const listen = [
      { host: '127.0.0.1', port },
      { host: '192.0.2.1', port: 5300 },
    ]

    const code = await failure({ listen })
    const again = await failure({ listen: listen.slice(0, 1) })

    expect([code, again]).toEqual(['DNS_ADDRESS_UNAVAILABLE', 'it started'])
  })

  it('ends when it is told to, and frees its ports', async () => {
    const { nameserver, port } = await start({ workers: 2 })

    await nameserver.close()

    expect(await failure({ listen: [{ host: '127.0.0.1', port }] })).toBe('it started')
  })
})

describe.runIf(canBatch)('under a flood', () => {
  it('of 10,000 datagrams at once it answers those that the kernel kept, and goes on', async () => {
    const server = await start()
    const burst = await flood({ port: server.port, query: QUERY, limit: 10_000, window: Infinity })
    await burst.until(1)

    const reply = await server.ask('udp', 'www.fed.test A')
    const { queries_udp: queries } = server.nameserver.counters()
    await burst.stop()

    expect(reply.answer).toEqual(['www.fed.test. 30 A 192.0.2.1'])
    expect(queries).toBeGreaterThan(0)
    expect(burst.sent()).toBeLessThanOrEqual(10_000)
    expect(server.nameserver.counters().queries_udp).toBeLessThanOrEqual(burst.sent() + 1)
  })

  it('it answers over TCP and obeys', async () => {
    const server = await start()
    const storming = await flood({ port: server.port, query: QUERY, limit: Infinity, window: 5_000 })
    await storming.until(10_000)

    for (let i = 0; i < 10; i += 1) expect((await server.ask('tcp', 'www.fed.test A')).rcode).toBe('NOERROR')
    await server.nameserver.close()
    const atTheEnd = storming.sent()
    await storming.stop()

    expect(server.nameserver.counters().queries_tcp).toBe(10)
    expect(atTheEnd).toBeGreaterThan(10_000)
  })

  it('memory does not grow over 200,000 queries', async () => {
    const server = await start()
    const warming = await flood({ port: server.port, query: QUERY, limit: Infinity, window: 512 })
    await warming.until(50_000)
    const before = process.memoryUsage().rss

    await warming.until(250_000)
    const grown = process.memoryUsage().rss - before
    await warming.stop()

    expect(grown).toBeLessThan(16 * 1024 * 1024)
    expect(server.nameserver.counters()).toMatchObject({ dropped: 0, malformed: 0 })
  })
})
