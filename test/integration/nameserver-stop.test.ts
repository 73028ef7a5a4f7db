import { once } from 'node:events'
import { constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { framed, withLength } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { option, optionsOf } from '../support/edns-claims.ts'
import { askHttp2, openHttp2, post } from '../support/https-client.ts'
import { reached } from '../support/reached.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'
import { openTls, type TlsClient } from '../support/tls-client.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const BIG = Array.from({ length: 4000 }, (_, i) => `big.fed.test 30 A 10.0.${i >> 8}.${i & 255}`)
const query = queryBytes({ ask: 'fed.test SOA' })
const bigQuery = queryBytes({ ask: 'big.fed.test A' })
/** The server gives a second to who is slow; a busy machine some more. */
const SOON_MS = 5_000

let server: SecureServer
const open: { destroy(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) each.destroy()
  await server.nameserver.close()
})

async function start(workers = 1): Promise<void> {
  server = await startSecureServer([SOA, ...BIG], { workers })
}

async function tcp(): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1' })
  open.push(socket)
  socket.on('error', () => {}) // a reset is one way to be closed
  await once(socket, 'connect')
  return socket
}

async function tls(): Promise<TlsClient> {
  const client = await openTls(server.tlsPort, { ca: server.authority.certPem })
  open.push(client.socket)
  return client
}

async function close(): Promise<number> {
  const beforeMs = performance.now()
  await server.nameserver.close()
  return performance.now() - beforeMs
}

/** Why nobody can connect. */
function refusal(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1')
  open.push(socket)
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    socket.on('connect', () => resolve(undefined))
  })
}

const counters = () => server.nameserver.counters()

describe('before the end', () => {
  const ask = queryBytes({ ask: 'fed.test SOA', edns: { options: [option(11)] } })

  it('clients that ask for it are told not to keep their connections (RFC 7828, 3.3.2), and are answered', async () => {
    await start()
    const before = await tls()
    before.send(ask)
    expect(optionsOf((await before.received(1))[0]!)).toEqual(['11:0064'])

    server.nameserver.leave()
    const after = await tls()
    for (let asked = 1; optionsOf(after.messages.at(-1) ?? ask).join() !== '11:0000'; asked += 1) {
      after.send(ask) // told to the worker a moment later
      await after.received(asked)
    }
    before.send(ask)
    const [, told] = await before.received(2)

    expect(optionsOf(told!)).toEqual(['11:0000'])
    expect(await server.ask('udp', 'fed.test SOA')).toMatchObject({ rcode: 'NOERROR' })
    expect(await server.ask('tcp', 'fed.test SOA')).toMatchObject({ rcode: 'NOERROR' })
  })
})

describe('the end', () => {
  it('closes what is idle with a last word, at once', async () => {
    await start(2)
    const [plain, secret] = [await tcp(), await tls()]
    const http = await openHttp2(server.httpsPort, { ca: server.authority.certPem })
    open.push(http)
    expect((await askHttp2(http, post(query))).status).toBe(200)
    secret.send(query)
    await secret.received(1)
    const ends = [once(plain.resume(), 'end'), once(secret.socket, 'end'), once(http, 'goaway')] as const

    const tookMs = await close()

    expect((await ends[2])[0]).toBe(constants.NGHTTP2_NO_ERROR)
    await Promise.all(ends)
    expect(tookMs).toBeLessThan(SOON_MS)
    const ports = [server.port, server.tlsPort, server.httpsPort]
    expect(await Promise.all(ports.map(refusal))).toEqual(ports.map(() => 'ECONNREFUSED'))
  })

  it('answers what was asked before it, in full, to who reads slowly', async () => {
    await start()
    const [plain, secret] = [await tcp(), await tls()]
    for (const socket of [plain, secret.socket]) socket.pause()
    plain.write(Buffer.concat(Array.from({ length: 60 }, () => withLength(bigQuery))))
    secret.send(...Array.from({ length: 60 }, () => bigQuery))
    await reached(counters, ({ queries_tcp: tcp, queries_dot: dot }) => tcp > 5 && dot > 5)

    const closed = close()
    let received = Buffer.alloc(0)
    plain.on('data', (piece) => (received = Buffer.concat([received, piece])))
    for (const socket of [plain, secret.socket]) socket.resume()
    await Promise.all([once(plain, 'end'), once(secret.socket, 'end'), closed])

    const { queries_tcp: overTcp, queries_dot: overTls } = counters()
    expect(framed(received)).toHaveLength(overTcp)
    expect(secret.messages).toHaveLength(overTls)
  })

  it('finishes requests of HTTP/2 that are under way', async () => {
    await start()
    const http = await openHttp2(server.httpsPort, { ca: server.authority.certPem })
    open.push(http)
    const asked = Array.from({ length: 50 }, () => askHttp2(http, post(bigQuery)))
    await reached(counters, ({ queries_doh: count }) => count > 0)

    await close()

    const answers = await Promise.all(asked)
    const answered = answers.filter(({ status }) => status === 200)
    expect(answered).toHaveLength(counters().queries_doh)
    expect(answered.every(({ body }) => body.length > 64_000)).toBe(true)
  })

  it('waits a second, no more, for clients that neither read nor go', async () => {
    await start()
    const stuck = await tls()
    stuck.socket.pause()
    stuck.send(...Array.from({ length: 60 }, () => bigQuery))
    const halfOpen = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    open.push(halfOpen)
    await once(halfOpen, 'connect')
    const silent = connect(server.tlsPort, '127.0.0.1') // no handshake
    open.push(silent)
    await reached(counters, ({ queries_dot: dot }) => dot > 5)

    const tookMs = await close()

    expect(tookMs).toBeLessThan(SOON_MS)
  })
})
