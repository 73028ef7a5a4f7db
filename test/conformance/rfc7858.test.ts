import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { withLength } from '../support/dns-exchange.ts'
import { option, optionsOf } from '../support/edns-claims.ts'
import { reached } from '../support/reached.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'
import { openTls, tlsClient, type TlsClient } from '../support/tls-client.ts'

let server: SecureServer
const clients: TlsClient[] = []

beforeAll(async () => {
  server = await startSecureServer([
    'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
    'www.fed.test. 30 A 192.0.2.1',
  ])
})
afterAll(async () => {
  for (const { socket } of clients) socket.destroy()
  await server.nameserver.close()
})

async function open(options: ConnectionOptions = {}): Promise<TlsClient> {
  const client = await openTls(server.tlsPort, { ca: server.authority.certPem, ...options })
  clients.push(client)
  return client
}

const query = (id: number): Buffer => queryBytes({ ask: 'www.fed.test A', id })
const idsOf = (messages: readonly Buffer[]): readonly number[] =>
  messages.map((message) => message.readUInt16BE(0))

/** What a handshake comes to: agreed, or the code of its error. */
async function handshake(options: ConnectionOptions): Promise<string> {
  return open(options).then(
    ({ socket }) => `${socket.getProtocol()} ${socket.alpnProtocol || 'no protocol'}`,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  )
}

describe('RFC 7858, 3.1: the port is for TLS alone', () => {
  it.each([
    { name: 'DNS over TCP', octets: withLength(query(1)) },
    { name: 'HTTP', octets: Buffer.from('GET / HTTP/1.1\r\nHost: fed.test\r\n\r\n') },
    { name: 'octets that mean nothing', octets: Buffer.alloc(600, 0xa5) },
    { name: 'a record of TLS that holds nothing', octets: Buffer.from([22, 3, 1, 0, 0]) },
  ])('3.1: $name gets no DNS message and is closed', async ({ octets }) => {
    const failures = (): number => server.nameserver.counters().tls_handshake_failures
    const before = failures()
    const socket = connectPlain(server.tlsPort, '127.0.0.1')
    socket.on('error', () => {}) // a reset is one way to be closed
    let received = Buffer.alloc(0)
    socket.on('data', (piece) => (received = Buffer.concat([received, piece])))
    socket.write(octets)
    socket.end()
    await once(socket, 'close')

    expect(received.length === 0 || received[0] === 21).toBe(true) // an alert of TLS at most
    await reached(failures, (count) => count === before + 1)
  })

  it('3.1: and no server goes down by it', async () => {
    const client = await open()
    client.send(query(1))

    expect(idsOf(await client.received(1))).toEqual([1])
  })
})

describe('RFC 7858, 3.2: the handshake', () => {
  it.each([
    { name: 'TLS 1.3 with `dot`', options: {}, want: 'TLSv1.3 dot' },
    { name: 'TLS 1.2', options: { maxVersion: 'TLSv1.2' }, want: 'TLSv1.2 dot' },
    { name: 'a client that names no protocol', options: { ALPNProtocols: [] }, want: 'TLSv1.3 no protocol' },
    {
      name: 'one that names `dot` among others',
      options: { ALPNProtocols: ['h2', 'dot'] },
      want: 'TLSv1.3 dot',
    },
  ] as const)('3.2: $name is served', async ({ options, want }) => {
    expect(await handshake({ ...options, ALPNProtocols: [...(options.ALPNProtocols ?? ['dot'])] })).toBe(want)
  })

  it.each([
    {
      name: 'a client that wants other protocols only (RFC 7301, 3.2)',
      options: { ALPNProtocols: ['h2', 'http/1.1'] },
      want: 'ALERT_NO_APPLICATION_PROTOCOL',
    },
    {
      name: 'TLS 1.1 (RFC 8996)',
      options: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      want: 'ALERT_PROTOCOL_VERSION',
    },
    {
      name: 'a cipher without forward secrecy (RFC 9325, 4.1)',
      options: { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' },
      want: 'ALERT_HANDSHAKE_FAILURE',
    },
    {
      name: 'a cipher without authenticated encryption (RFC 9325, 4.1)',
      options: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' },
      want: 'ALERT_HANDSHAKE_FAILURE',
    },
  ] as const)('3.2: $name is refused', async ({ options, want }) => {
    const { ALPNProtocols, ...rest } = { ALPNProtocols: ['dot'] as readonly string[], ...options }

    expect(await handshake({ ...rest, ALPNProtocols: [...ALPNProtocols] })).toContain(want)
  })

  it('3.2: nothing is negotiated anew (RFC 9325, 3.5)', async () => {
    const { socket } = await open({ maxVersion: 'TLSv1.2' })
    const refused = once(socket, 'error')
    socket.renegotiate({}, () => {})
    const [error] = (await refused) as [NodeJS.ErrnoException] // as documented

    expect(error.code).toBe('ERR_SSL_NO_RENEGOTIATION')
  })
})

describe('RFC 7858, 3.3: as over TCP', () => {
  it('3.3: queries on one connection are all answered, in any number of writes', async () => {
    const client = await open()
    client.send(...Array.from({ length: 20 }, (_, id) => query(id)))
    for (let id = 20; id < 40; id += 1) client.send(query(id))

    expect(idsOf(await client.received(40))).toEqual(Array.from({ length: 40 }, (_, id) => id))
  })

  it('3.3: one message in many records is put together', async () => {
    const client = await open()
    for (const octet of withLength(query(7))) client.socket.write(Buffer.from([octet])) // each is a record

    expect(idsOf(await client.received(1))).toEqual([7])
  })

  it('3.3: the end of one message and the beginning of the next come in one record', async () => {
    const client = await open()
    const stream = Buffer.concat([withLength(query(1)), withLength(query(2))])
    client.socket.write(stream.subarray(0, stream.length - 5))
    expect(idsOf(await client.received(1))).toEqual([1])
    client.socket.write(stream.subarray(stream.length - 5))

    expect(idsOf(await client.received(2))).toEqual([1, 2])
  })

  it('3.3: length and message come in one record', async () => {
    const client = await open()
    const chunk = once(client.socket, 'data')
    client.send(query(3))
    const [first] = (await chunk) as [Buffer] // no encoding is set

    expect(first).toHaveLength(2 + first.readUInt16BE(0))
  })

  it('3.3: a client that closes its side after asking still gets what it asked for', async () => {
    const socket = connect({
      ...{ port: server.tlsPort, host: '127.0.0.1', servername: 'localhost' },
      ...{ ca: server.authority.certPem, ALPNProtocols: ['dot'], allowHalfOpen: true },
    })
    await once(socket, 'secureConnect')
    const client = tlsClient(socket)
    clients.push(client)
    socket.end(withLength(query(4)))
    await once(socket, 'end')

    expect(idsOf(client.messages)).toEqual([4])
  })

  it.each([
    { name: 'a response', message: queryBytes({ ask: 'www.fed.test A', flags: 0x8000 }) },
    { name: 'a message shorter than a header', message: Buffer.alloc(5) },
  ])('3.3: $name ends the connection without an answer', async ({ message }) => {
    const client = await open()
    client.send(message)
    await once(client.socket, 'close')

    expect(client.messages).toEqual([])
  })
})

describe('RFC 7858, 3.4: connections are kept and sessions taken up again', () => {
  it('3.4: an idle time is told to who asks (RFC 7828)', async () => {
    const client = await open()
    client.send(queryBytes({ ask: 'www.fed.test A', edns: { options: [option(11)] } }))
    const [answer] = await client.received(1)

    expect(optionsOf(answer!)).toEqual(['11:0064'])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('3.4: a session of %s is taken up again', async (maxVersion) => {
    const first = await open({ maxVersion })
    const sessions: Buffer[] = []
    first.socket.on('session', (session) => sessions.push(session))
    first.send(query(1))
    await first.received(1)
    const session = sessions.at(-1) ?? first.socket.getSession()
    first.socket.destroy()

    const second = await open({ maxVersion, ...(session === undefined ? {} : { session }) })

    expect(second.socket.isSessionReused()).toBe(true)
  })
})

it('RFC 7858, 8: sizes are hidden in blocks of 468 octets from who pads (RFC 8467, 4.1)', async () => {
  const client = await open()
  client.send(queryBytes({ ask: 'www.fed.test A', edns: { options: [option(12, 0, 0)] } }))
  const [answer] = await client.received(1)

  expect(answer).toHaveLength(468)
  expect(replyOf(answer!).answer).toEqual(['www.fed.test. 30 A 192.0.2.1'])
})
