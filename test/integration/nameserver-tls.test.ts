import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { NameserverOptions } from '../../src/nameserver/server.ts'
import type { TcpLimits } from '../../src/nameserver/types.ts'
import { queryBytes } from '../support/dns-query.ts'
import { startTestServer } from '../support/dns-server.ts'
import { reached } from '../support/reached.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'
import { openTls, type TlsClient } from '../support/tls-client.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const BIG = Array.from({ length: 4000 }, (_, i) => `big.fed.test 30 A 10.0.${i >> 8}.${i & 255}`)
const query = queryBytes({ ask: 'fed.test SOA' })
const bigQuery = queryBytes({ ask: 'big.fed.test A' })

let server: SecureServer
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.nameserver.close()
})

async function start(
  tcpLimits: Partial<TcpLimits> = {},
  options: Partial<NameserverOptions> = {},
): Promise<void> {
  server = await startSecureServer([SOA, ...BIG], { tcpLimits, ...options })
}

async function open(options: ConnectionOptions = {}): Promise<TlsClient> {
  const client = await openTls(server.tlsPort, { ca: server.authority.certPem, ...options })
  sockets.push(client.socket)
  return client
}

/** A connection without a handshake. */
async function openSilent(): Promise<Socket> {
  const socket = connectPlain(server.tlsPort, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {}) // a reset is one way to be closed
  await once(socket, 'connect')
  return socket
}

const counters = () => server.nameserver.counters()

/** False when the connection is closed instead. */
async function answered(client: TlsClient): Promise<boolean> {
  const count = client.messages.length + 1
  client.send(query)
  return client.received(count).then(
    () => true,
    () => false,
  )
}

describe('limits of DNS over TLS: those of TCP, counted on their own', () => {
  it('closes a connection that is idle', async () => {
    await start({ idleMs: 400 })
    const client = await open()
    expect(await answered(client)).toBe(true)
    await once(client.socket, 'close')

    expect(counters()).toMatchObject({
      tls_timeouts: 1,
      tls_connections: 1,
      tcp_timeouts: 0,
      tcp_connections: 0,
    })
  })

  it('closes one that never begins a handshake', async () => {
    await start({ idleMs: 50 })
    const socket = await openSilent()
    socket.resume()
    await once(socket, 'close')

    expect(counters().tls_timeouts).toBe(1)
    await reached(counters, ({ tls_handshake_failures: failures }) => failures === 1)
  })

  it('closes one that sends octets but never a whole message', async () => {
    await start({ idleMs: 600 })
    const { socket } = await open()
    let sent = 0
    const drip = setInterval(() => {
      socket.write(Buffer.from([0xff])) // the first two announce the longest message that there is
      sent += 1
    }, 10)
    await once(socket, 'close')
    clearInterval(drip)

    expect(sent).toBeGreaterThan(1)
    expect(counters().tls_timeouts).toBe(1)
  })

  it('counts connections without a handshake: the one idle longest makes room', async () => {
    await start({ connections: 2 })
    const [silent, client] = [await openSilent(), await open()]
    const closed = once(silent.resume(), 'close')
    expect(await answered(client)).toBe(true)

    const another = await open()
    await closed

    expect([await answered(another), await answered(client)]).toEqual([true, true])
    expect(counters().tls_refused).toBe(1)
  })

  it('refuses more from one source than its share, and TCP has a share of its own', async () => {
    await start({ connectionsPerSource: 2 })
    const held = [await open(), await open()]
    await expect(open()).rejects.toThrow(/hang up|disconnected|ECONNRESET/)
    expect(counters().tls_refused).toBe(1)
    expect(await server.ask('tcp', 'fed.test SOA')).toMatchObject({ rcode: 'NOERROR' })

    held[0]!.socket.destroy()
    let again = false
    while (!again)
      again = await open().then(
        () => true,
        () => false, // the server learns of the end a moment later
      )
    expect(again).toBe(true)
  })

  it('refuses handshakes above so many in a second, whoever asks', async () => {
    await start({ newPerSecond: 5 })
    const opened = await Promise.all(
      Array.from({ length: 20 }, () =>
        open().then(
          () => 1,
          () => 0,
        ),
      ),
    )

    expect(opened.reduce<number>((sum, one) => sum + one, 0)).toBeLessThan(15)
    expect(counters().tls_refused).toBeGreaterThan(5)
    expect(await server.ask('tcp', 'fed.test SOA')).toMatchObject({ rcode: 'NOERROR' })
  })

  it('leaves forwarders of networks that are exempt as many as they want', async () => {
    await start({ connectionsPerSource: 2, newPerSecond: 5, exempt: ['127.0.0.0/8'] })

    const clients = await Promise.all(Array.from({ length: 40 }, () => open()))

    expect(await Promise.all(clients.map(answered))).toEqual(clients.map(() => true))
    expect(counters().tls_refused).toBe(0)
  })

  it('stops reading from a client that does not read, and goes on when it does', async () => {
    await start()
    const stuck = await open()
    stuck.socket.pause()
    const asked = 300
    stuck.send(...Array.from({ length: asked }, () => bigQuery))
    const before = await settled(() => counters().queries_dot)
    expect(await answered(await open())).toBe(true)

    stuck.socket.resume()
    const messages = await stuck.received(asked)

    expect(before).toBeLessThan(asked)
    expect(messages.every(({ length }) => length > 64_000)).toBe(true)
  })

  it('answers in full what was asked before the client closed its side, however slowly it reads', async () => {
    await start()
    const client = await open({ allowHalfOpen: true } as ConnectionOptions)
    client.socket.pause()
    client.send(...Array.from({ length: 50 }, () => bigQuery))
    client.socket.end()
    await settled(() => counters().queries_dot)
    client.socket.resume()

    expect(await client.received(50)).toHaveLength(50)
  })
})

describe('TLS on the port of plain DNS', () => {
  it('gets no answer, and is closed when it is idle', async () => {
    await start({ idleMs: 100 })

    await expect(openTls(server.port)).rejects.toThrow(/socket (hang up|disconnected)/)
    expect(counters()).toMatchObject({ tcp_timeouts: 1, queries_tcp: 0 })
  })
})

describe('a new certificate', () => {
  const serialOf = ({ socket }: TlsClient): string => socket.getPeerCertificate().serialNumber

  it('is shown to who comes next; who is there goes on', async () => {
    await start({}, { workers: 2 })
    const before = await open()
    expect(await answered(before)).toBe(true)

    server.nameserver.setCertificate(await server.authority.issue({ commonName: 'second' }))
    let next = await open()
    while (next.socket.getPeerCertificate().subject.CN !== 'second') next = await open() // told to workers a moment later

    expect(serialOf(next)).not.toBe(serialOf(before))
    expect([await answered(before), await answered(next)]).toEqual([true, true])
  })

  it('ends what was agreed under the one before: its sessions are not taken up', async () => {
    await start()
    const before = await open()
    const sessions: Buffer[] = []
    before.socket.on('session', (session) => sessions.push(session))
    await answered(before)
    const [session] = sessions
    expect((await open({ session: session! })).socket.isSessionReused()).toBe(true)

    server.nameserver.setCertificate(await server.authority.issue({ commonName: 'second' }))
    while ((await open()).socket.getPeerCertificate().subject.CN !== 'second'); // told to the worker a moment later

    expect((await open({ session: session! })).socket.isSessionReused()).toBe(false)
  })
})

describe('several workers', () => {
  it('do not share a port with somebody else', async () => {
    await start({}, { workers: 2 })
    const certificate = await server.authority.issue()
    const taken = { host: '127.0.0.1', port: server.tlsPort }

    for (const workers of [1, 2])
      await expect(
        startTestServer([], [], { workers, secure: { tls: [], https: [taken], certificate } }),
      ).rejects.toMatchObject({
        code: 'DNS_PORT_IN_USE',
        fields: { ...taken, transport: 'https', errno: 'EADDRINUSE' },
      })
  })

  it('take up the sessions of each other', async () => {
    await start({ connectionsPerSource: 100 }, { workers: 2 })
    const first = await open()
    let session: Buffer | undefined
    first.socket.on('session', (ticket) => (session = ticket))
    await answered(first)

    const clients = await Promise.all(Array.from({ length: 20 }, () => open({ session: session! })))

    expect(clients.map(({ socket }) => socket.isSessionReused())).toEqual(clients.map(() => true))
    expect(await Promise.all(clients.map(answered))).toEqual(clients.map(() => true))
  })
})

/** The value once it has stopped changing, and is above zero. */
async function settled(read: () => number): Promise<number> {
  let last = -1
  let same = 0
  while (same < 20) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const now = read()
    same = now > 0 && now === last ? same + 1 : 0
    last = now
  }
  return last
}
