import { once } from 'node:events'
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { TcpLimits } from '../../src/nameserver/types.ts'
import { queryBytes } from '../support/dns-query.ts'
import { askHttp2, getPath, MESSAGE_TYPE, openHttp2, post } from '../support/https-client.ts'
import { reached } from '../support/reached.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const BIG = Array.from({ length: 4000 }, (_, i) => `big.fed.test 30 A 10.0.${i >> 8}.${i & 255}`)
const query = queryBytes({ ask: 'fed.test SOA' })
const HEAD = { ':method': 'POST', ':path': '/dns-query', 'content-type': MESSAGE_TYPE }

let server: SecureServer
const open: { destroy(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) each.destroy()
  await server.nameserver.close()
})

async function start(tcpLimits: Partial<TcpLimits> = {}): Promise<void> {
  server = await startSecureServer([SOA, ...BIG], { tcpLimits })
}

async function session(options = {}): Promise<ClientHttp2Session> {
  const opened = await openHttp2(server.httpsPort, { ca: server.authority.certPem, ...options })
  open.push(opened)
  return opened
}

/** POST, https, / and an authority, in HPACK (RFC 7541, appendix A). */
const POST_ROOT = Buffer.from([0x83, 0x87, 0x84, 0x41, 1, 0x61])
const END_HEADERS = 4

/** A frame of HTTP/2 (RFC 9113, 4.1). */
function http2Frame(type: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = type === 1 ? END_HEADERS : 0
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

/** A connection of TLS on which a test speaks HTTP itself. */
async function over(protocol: 'h2' | 'http/1.1'): Promise<TLSSocket> {
  const { authority, httpsPort: port } = server
  const socket = connect({
    ...{ port, host: '127.0.0.1', servername: 'localhost' },
    ...{ ca: authority.certPem, ALPNProtocols: [protocol] },
  })
  open.push(socket)
  socket.on('error', () => {}) // a reset is one way to be closed
  await once(socket, 'secureConnect')
  return socket
}

/** All that comes until it is closed. */
async function everything(socket: TLSSocket): Promise<string> {
  let received = ''
  socket.on('data', (piece: Buffer) => (received += piece.toString('latin1')))
  await once(socket, 'close')
  return received
}

const counters = () => server.nameserver.counters()
const answers = async (session: ClientHttp2Session): Promise<boolean> =>
  (await askHttp2(session, post(query))).status === 200

/** A request whose body does not end. */
function endless(to: ClientHttp2Session): ClientHttp2Stream {
  const stream = to.request(HEAD, { endStream: false })
  stream.on('error', () => {}) // to be reset is one end
  stream.write(query.subarray(0, 5))
  return stream
}

describe('limits of DNS over HTTPS', () => {
  it('asks a client that is idle to go, and closes', async () => {
    await start({ idleMs: 400 })
    const client = await session()
    const goaway = once(client, 'goaway')
    const closed = once(client, 'close')
    expect(await answers(client)).toBe(true)

    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR)
    await closed
    expect(counters()).toMatchObject({ https_timeouts: 1, https_connections: 1, tls_connections: 0 })
  })

  it('closes a connection on which nothing is asked that DNS knows', async () => {
    await start({ idleMs: 600 })
    const client = await session()
    const closed = once(client, 'close')
    let asked = 0
    const drip = setInterval(() => {
      asked += 1
      void askHttp2(client, { path: '/' }).catch(() => {})
    }, 10)
    await closed
    clearInterval(drip)

    expect(asked).toBeGreaterThan(1)
    expect(counters().https_timeouts).toBe(1)
  })

  it('takes a body back that does not come in time, not the connection', async () => {
    await start({ idleMs: 800 })
    const client = await session()
    const slow = endless(client)
    const over = once(slow, 'close')
    while (!slow.closed) expect(await answers(client)).toBe(true)
    await over

    expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL)
    expect(await answers(client)).toBe(true)
    expect(counters().https_bad_requests).toBe(1)
  })

  it('answers a hundred streams at a time, no more', async () => {
    await start()
    const client = await session()
    expect(await answers(client)).toBe(true)
    expect(client.remoteSettings.maxConcurrentStreams).toBe(100)

    for (let i = 0; i < 100; i += 1) endless(client)
    const late = askHttp2(client, post(query)) // waits in the client
    const other = await session()

    expect(await answers(other)).toBe(true)
    client.destroy()
    expect((await late).status).toBe(0)
  })

  it('ends a connection that opens streams and takes them back ("rapid reset")', async () => {
    await start()
    const socket = await over('h2')
    socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
    socket.write(http2Frame(4, 0, Buffer.alloc(0)))
    const closed = once(socket.resume(), 'close')
    for (let id = 1; id < 2_000; id += 2) {
      socket.write(http2Frame(1, id, POST_ROOT))
      socket.write(http2Frame(3, id, Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL])))
    }
    await closed

    expect(counters().https_timeouts).toBe(0)
    expect(await answers(await session())).toBe(true)
  })

  it.each([
    { name: 'one that is too long', headers: { 'x-long': 'x'.repeat(20_000) } },
    {
      name: 'too many',
      headers: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x-${i}`, 'x'])),
    },
  ])('refuses headers: $name', async ({ headers }) => {
    await start()
    const client = await session({ maxSendHeaderBlockLength: 100_000 })
    expect(await answers(client)).toBe(true) // after it the limits are known to both

    const { status } = await askHttp2(client, { path: getPath(query), headers })

    expect(status).not.toBe(200)
    expect(counters().queries_doh).toBe(1)
  })

  it('answers no more than fits for a client that does not read, the rest when it does', async () => {
    await start()
    const client = await session({ settings: { initialWindowSize: 0 } })
    const big = post(queryBytes({ ask: 'big.fed.test A' }))
    const asked = Array.from({ length: 90 }, () => askHttp2(client, big))
    await reached(counters, ({ queries_doh: count }) => count >= 16)
    expect(await answers(await session())).toBe(true)
    expect(counters().queries_doh).toBe(18) // 17 of 64 KB fill the megabyte

    client.settings({ initialWindowSize: 65_535 })
    const all = await Promise.all(asked)

    expect(all.filter(({ status, body }) => status === 200 && body.length > 64_000)).toHaveLength(90)
  })

  it('resets streams whose bodies are more than it may hold', async () => {
    await start()
    const client = await session()
    const streams = Array.from({ length: 20 }, () => {
      const stream = client.request(HEAD, { endStream: false })
      stream.on('error', () => {}) // to be reset is one end
      stream.write(Buffer.alloc(65_000))
      return stream
    })
    const calm = (): number =>
      streams.filter(({ rstCode }) => rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM).length

    expect(await reached(calm, (count) => count >= 4)).toBe(4) // 16 of 65 KB fill the megabyte
    expect(await answers(await session())).toBe(true)
  })

  it('refuses more connections from one source than its share', async () => {
    await start({ connectionsPerSource: 1 })
    const client = await session()
    expect(await answers(client)).toBe(true)

    await expect(session()).rejects.toThrow(/hang up|disconnected|ECONNRESET/)
    expect(counters().https_refused).toBe(1)
  })

  it('forgets a client that has closed its connection, at once', async () => {
    await start({ connectionsPerSource: 1 })
    const first = await session()
    expect(await answers(first)).toBe(true)
    await new Promise<void>((resolve) => first.close(resolve))

    let second: ClientHttp2Session | undefined
    while (second === undefined) second = await session().catch(() => undefined) // the server learns of it a moment later

    expect(await answers(second)).toBe(true)
    expect(counters().https_timeouts).toBe(0)
  })
})

describe('DNS over HTTP/1.1', () => {
  const get = (message: Buffer): string => `GET ${getPath(message)} HTTP/1.1\r\nHost: fed.test\r\n\r\n`

  it('answers requests that come together, in their order', async () => {
    await start({ idleMs: 600 })
    const socket = await over('http/1.1')
    const received = everything(socket)
    socket.write(`${get(query)}GET / HTTP/1.1\r\nHost: fed.test\r\n\r\n${get(query)}`)

    const statuses = (await received).match(/HTTP\/1\.1 \d+/g)
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200'])
  })

  it('closes a connection whose request does not end', async () => {
    await start({ idleMs: 600 })
    const socket = await over('http/1.1')
    const received = everything(socket)
    const drip = setInterval(() => socket.write('x'), 10)
    socket.write('GET /dns-query HTTP/1.1\r\nHost: fed.test\r\nX-Slow: ')

    expect(await received).toBe('')
    clearInterval(drip)
    expect(counters().https_timeouts).toBe(1)
  })

  it.each([
    {
      name: 'headers that are too long',
      octets: `GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      want: 431,
    },
    { name: 'what is no HTTP', octets: '\0\x01\0\0\r\n\r\n', want: 400 },
  ])('refuses $name with $want', async ({ octets, want }) => {
    await start()
    const socket = await over('http/1.1')
    const received = everything(socket)
    socket.write(octets)

    expect(await received).toMatch(new RegExp(`^HTTP/1\\.1 ${want} `))
  })

  it('closes a connection on which a body is too long', async () => {
    await start()
    const socket = await over('http/1.1')
    const received = everything(socket)
    socket.write(
      `POST /dns-query HTTP/1.1\r\nHost: fed.test\r\nContent-Type: ${MESSAGE_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    socket.write(`11000\r\n${'x'.repeat(0x11000)}\r\n`)

    expect(await received).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i)
  })
})
