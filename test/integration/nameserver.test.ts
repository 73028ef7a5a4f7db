import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { describeError } from '../../src/errors.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { startNameserver, type Nameserver, type NameserverOptions } from '../../src/nameserver/server.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { askUdp } from '../support/dns-exchange.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startTestServer } from '../support/dns-server.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const running: Nameserver[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((nameserver) => nameserver.close()))
})

async function start(options: Partial<NameserverOptions>): Promise<Nameserver> {
  const nameserver = await startNameserver({
    listen: [{ host: '127.0.0.1', port: 0 }],
    workers: 1,
    io: 'dgram',
    reservedBytes: 2 ** 20,
    seed: Uint32Array.of(1, 2),
    logger: silentLogger,
    ...options,
  })
  running.push(nameserver)
  return nameserver
}

/** The error of a start that must fail, in one line. */
async function failure(options: Partial<NameserverOptions>): Promise<{ code: unknown; words: string }> {
  try {
    await start(options)
  } catch (error) {
    return { code: (error as { code?: unknown }).code, words: describeError(error) }
  }
  throw new Error('it started')
}

describe('starting', () => {
  it('finds one port that is free for UDP and TCP', async () => {
    const { listening } = await start({})

    expect(listening).toEqual([{ host: '127.0.0.1', port: expect.any(Number) as number }])
    expect(listening[0]?.port).toBeGreaterThan(0)
  })

  it('listens on several addresses, each with a port of its own', async () => {
    const { listening } = await start({
      listen: [
        { host: '127.0.0.1', port: 0 },
        { host: '127.0.0.2', port: 0 },
      ],
    })

    expect(listening.map(({ host }) => host)).toEqual(['127.0.0.1', '127.0.0.2'])
  })

  it.each(['udp', 'tcp'] as const)('says so when another program has the port (%s)', async (transport) => {
    const udp = createSocket('udp4')
    const tcp = createServer()
    udp.bind(0, '127.0.0.1')
    await once(udp, 'listening')
    let { port } = udp.address()
    if (transport === 'tcp') {
      tcp.listen(0, '127.0.0.1')
      await once(tcp, 'listening')
      port = (tcp.address() as AddressInfo).port // of a listening TCP server
    }

    const { code, words } = await failure({ listen: [{ host: '127.0.0.1', port }] })
    udp.close()
    tcp.close()

    expect(code).toBe('DNS_PORT_IN_USE')
    expect(words).toBe(
      `DNS port is in use by another program; stop it or choose another port (host=127.0.0.1 port=${port} transport=${transport} errno=EADDRINUSE)`,
    )
  })

  it('says so even where several workers would share the port with it', async () => {
    const other = createSocket({ type: 'udp4', reusePort: true })
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()

    const { code } = await failure({ workers: 2, listen: [{ host: '127.0.0.1', port }] })
    other.close()

    expect(code).toBe('DNS_PORT_IN_USE')
  })

  it('says so when the address is not of this machine, and leaves no port behind', async () => {
    const free = await start({})
    const { port } = free.listening[0]!
    await free.close()

    const { code } = await failure({
      listen: [
        { host: '127.0.0.1', port },
        { host: '192.0.2.1', port: 5300 },
      ],
    })
    const again = await start({ listen: [{ host: '127.0.0.1', port }] })

    expect(code).toBe('DNS_ADDRESS_UNAVAILABLE')
    expect(again.listening[0]?.port).toBe(port)
  })

  it('refuses a store of no size', async () => {
    expect((await failure({ reservedBytes: 1 })).code).toBe('ZONE_STORE_SIZE')
  })
})

describe('serving', () => {
  it('answers with a change as soon as it is published', async () => {
    const server = await startTestServer(['fed.test'], [SOA])
    running.push(server.nameserver)
    const answers: unknown[] = []
    for (let i = 1; i <= 20; i += 1) {
      server.nameserver.writer.publish(changesOf([`www.fed.test 30 A 192.0.2.${i}`]))
      answers.push((await server.ask('udp', 'www.fed.test A')).answer)
    }

    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => [`www.fed.test. 30 A 192.0.2.${i + 1}`]))
  })

  it('refuses before a zone is declared and fails while it loads', async () => {
    const server = await startTestServer([], [])
    running.push(server.nameserver)

    const before = await server.ask('udp', 'www.fed.test A')
    server.nameserver.writer.setState(parseDomainName('fed.test'), 'loading')
    const loading = await server.ask('udp', 'www.fed.test A')

    expect([before.rcode, loading.rcode]).toEqual(['REFUSED', 'SERVFAIL'])
  })

  it('answers from several workers that share a port', async () => {
    const server = await startTestServer(['fed.test'], [SOA, 'www.fed.test 30 A 192.0.2.1'], { workers: 3 })
    running.push(server.nameserver)

    const replies = await Promise.all(
      Array.from({ length: 60 }, () => askUdp(server.port, queryBytes({ ask: 'www.fed.test A' }))),
    )

    expect(new Set(replies.map((reply) => replyOf(reply).answer?.join(' ')))).toEqual(
      new Set(['www.fed.test. 30 A 192.0.2.1']),
    )
    expect(server.nameserver.counters().queries_udp).toBe(60)
  })

  it('answers over IPv6', async () => {
    const nameserver = await start({ listen: [{ host: '::1', port: 0 }] })
    const socket = createSocket('udp6')
    socket.send(queryBytes({ ask: '. NS' }), nameserver.listening[0]!.port, '::1')
    const [reply] = (await once(socket, 'message')) as [Buffer] // as documented
    socket.close()

    expect(replyOf(reply).rcode).toBe('REFUSED')
  })

  it('answers a wildcard listener from the address that was asked (RFC 2181, 4)', async () => {
    const nameserver = await start({ listen: [{ host: '0.0.0.0', port: 0 }] })
    const loopback = nameserver.listening.find(({ host }) => host === '127.0.0.1')

    expect(nameserver.listening.map(({ host }) => host)).not.toContain('0.0.0.0')
    expect(replyOf(await askUdp(loopback!.port, queryBytes({ ask: '. NS' }))).rcode).toBe('REFUSED')
  })

  it('counts what it does', async () => {
    const server = await startTestServer(['fed.test'], [SOA, 'www.fed.test 30 A 192.0.2.1'])
    running.push(server.nameserver)

    for (const ask of ['www.fed.test A', 'www.fed.test AAAA', 'nope.fed.test A', 'www.example A'])
      await server.ask('udp', ask)
    await server.ask('tcp', 'www.fed.test A')
    await server.ask('udp', { ask: 'www.fed.test A', tail: [0] })
    await server.ask('udp', { ask: 'www.fed.test A', edns: { version: 9 } })

    const counted = Object.entries(server.nameserver.counters()).filter(([, count]) => count > 0)
    expect(Object.fromEntries(counted)).toEqual({
      queries_udp: 6,
      queries_tcp: 1,
      responses_noerror: 3,
      responses_nxdomain: 1,
      responses_refused: 1,
      responses_formerr: 1,
      responses_badvers: 1,
      malformed: 1,
      tcp_connections: 1,
    })
  })
})

describe('closing', () => {
  it('frees the port at once, open connections and all', async () => {
    const server = await startTestServer(['fed.test'], [SOA], { workers: 2 })
    const { connect } = await import('node:net')
    const idle = connect(server.port, '127.0.0.1')
    await once(idle, 'connect')
    idle.on('error', () => undefined) // a worker that ends may reset it
    const closed = new Promise<void>((resolve) => idle.once('close', () => resolve()))

    await server.nameserver.close()
    await closed

    const next = await start({ listen: [{ host: '127.0.0.1', port: server.port }] })
    expect(next.listening[0]?.port).toBe(server.port)
  })

  it('may be asked for twice', async () => {
    const nameserver = await start({})

    await Promise.all([nameserver.close(), nameserver.close()])

    await expect(nameserver.close()).resolves.toBeUndefined()
  })
})
