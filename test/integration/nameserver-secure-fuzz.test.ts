import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../src/telemetry/logger.ts'
import { withLength } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { askHttp2, getPath, MESSAGE_TYPE, openHttp2, post } from '../support/https-client.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'
import { openTls } from '../support/tls-client.ts'

const query = queryBytes({ ask: 'www.fed.test A' })
const RUNS = 120

let server: SecureServer
const errors: string[] = []
const logger: Logger = { ...silentLogger, error: (_fields, message) => void errors.push(message) }

beforeAll(async () => {
  server = await startSecureServer(
    ['fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15', 'www.fed.test. 30 A 192.0.2.1'],
    { logger, tcpLimits: { idleMs: 2_000, connectionsPerSource: 200, newPerSecond: 100_000 } },
  )
})
afterAll(() => server.nameserver.close())

/** Octets that some client could send, with a few of them changed, cut off or repeated. */
function mutated(...valid: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat(), value: fc.nat(255) })
  return fc
    .tuple(
      fc.constantFrom(...valid),
      fc.array(change, { maxLength: 4 }),
      fc.nat(3),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([octets, changes, times, tail]) => {
      const copy = Buffer.concat([...Array.from({ length: times + 1 }, () => octets), tail])
      for (const { at, value } of changes) copy[at % copy.length] = value
      return copy.subarray(0, copy.length - (tail.length % 7))
    })
}

/** Send octets, close our side, wait until the other is closed. */
async function sent(socket: Socket, octets: Uint8Array): Promise<void> {
  const closed = once(socket.resume(), 'close').catch(() => {}) // a reset is one way to be closed
  socket.on('error', () => {})
  socket.end(octets)
  const timer = setTimeout(() => socket.destroy(), 100) // whoever waits for more may do so
  await closed
  clearTimeout(timer)
}

async function secured(port: number, protocol: string): Promise<Socket> {
  const socket = connect({
    ...{ port, host: '127.0.0.1', servername: 'localhost', ca: server.authority.certPem },
    ALPNProtocols: [protocol],
  })
  await once(socket, 'secureConnect')
  return socket
}

/** Both transports still answer, and nothing was told of. */
async function isWell(): Promise<void> {
  const client = await openTls(server.tlsPort, { ca: server.authority.certPem })
  client.send(query)
  expect(await client.received(1)).toHaveLength(1)
  client.socket.destroy()
  const session = await openHttp2(server.httpsPort, { ca: server.authority.certPem })
  expect((await askHttp2(session, post(query))).status).toBe(200)
  session.destroy()
  expect(errors).toEqual([])
}

function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

const literal = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])
const POST_HEADERS = Buffer.concat([
  Buffer.from([0x83, 0x87]),
  literal(':path', '/dns-query'),
  literal(':authority', 'a'),
  literal('content-type', MESSAGE_TYPE),
])
const GET_HEADERS = Buffer.concat([
  Buffer.from([0x82, 0x87]),
  literal(':path', getPath(query)),
  literal(':authority', 'a'),
])
const HTTP2 = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(4, 0, 0, Buffer.alloc(0)),
  frame(1, 4, 1, POST_HEADERS),
  frame(0, 1, 1, query),
  frame(1, 5, 3, GET_HEADERS),
  frame(6, 0, 0, Buffer.alloc(8)),
  frame(3, 0, 3, Buffer.from([0, 0, 0, 8])),
])
const HTTP1 = Buffer.from(
  `GET ${getPath(query)} HTTP/1.1\r\nHost: a\r\n\r\nPOST /dns-query HTTP/1.1\r\nHost: a\r\nContent-Type: ${MESSAGE_TYPE}\r\nContent-Length: 2\r\n\r\nab`,
)
/** The beginning of a handshake, as far as it is the same for everybody. */
const HELLO = Buffer.concat([
  Buffer.from([22, 3, 1, 0, 49, 1, 0, 0, 45, 3, 3]),
  Buffer.alloc(32, 7),
  Buffer.from([0, 0, 4, 0x13, 1, 0xc0, 0x2b, 1, 0, 0, 0]),
])

describe('whatever is sent, everybody else is answered', () => {
  it.each([
    {
      name: 'in place of a handshake',
      open: () => connectPlain(server.tlsPort, '127.0.0.1'),
      valid: [HELLO],
    },
    { name: 'over TLS', open: () => secured(server.tlsPort, 'dot'), valid: [withLength(query)] },
    { name: 'as HTTP/2', open: () => secured(server.httpsPort, 'h2'), valid: [HTTP2] },
    { name: 'as HTTP/1.1', open: () => secured(server.httpsPort, 'http/1.1'), valid: [HTTP1, HTTP2] },
  ])('$name', async ({ open, valid }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutated(...valid), { minLength: 4, maxLength: 4 }), async (streams) => {
        await Promise.all(streams.map(async (octets) => sent(await open(), octets)))
      }),
      { numRuns: RUNS / 4 },
    )

    await isWell()
  })
})
