import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { framed, withLength } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'
import type { TcpLimits } from '../../src/nameserver/types.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const BIG = Array.from({ length: 4000 }, (_, i) => `big.fed.test 30 A 10.0.${i >> 8}.${i & 255}`)
const query = withLength(queryBytes({ ask: 'fed.test SOA' }))

let server: TestServer
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.nameserver.close()
})

async function start(tcpLimits: Partial<TcpLimits>, lines: readonly string[] = []): Promise<void> {
  server = await startTestServer(['fed.test'], [SOA, ...lines], { tcpLimits })
}

async function open(): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true })
  sockets.push(socket)
  socket.on('error', () => {}) // a reset is one way to be closed
  await once(socket, 'connect')
  return socket
}

/** False when the connection is closed instead. */
function answered(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('data', () => resolve(true))
    socket.once('close', () => resolve(false))
    socket.write(query)
  })
}

describe('limits of TCP (RFC 7766, 6.2.3; RFC 9210, 4.5)', () => {
  it('closes a connection that is idle', async () => {
    await start({ idleMs: 50 })
    const socket = await open()
    const first = await answered(socket)
    socket.resume()
    await once(socket, 'close')

    expect(first).toBe(true)
    expect(server.nameserver.counters().tcp_timeouts).toBe(1)
  })

  it('closes a connection that sends octets but never a whole message', async () => {
    await start({ idleMs: 100 })
    const socket = await open()
    let sent = 0
    const drip = setInterval(() => {
      socket.write(query.subarray(sent % 8, (sent % 8) + 1))
      sent += 1
    }, 10)
    socket.resume()
    await once(socket, 'close')
    clearInterval(drip)

    expect(sent).toBeGreaterThan(3)
    expect(server.nameserver.counters().tcp_timeouts).toBe(1)
  })

  it('makes room by closing the one that has been idle longest', async () => {
    await start({ connections: 2 })
    const [first, second] = [await open(), await open()]
    expect([await answered(first), await answered(second), await answered(first)]).toEqual([true, true, true])

    const third = await open()
    second.resume()
    await once(second, 'close')

    expect([await answered(third), await answered(first)]).toEqual([true, true])
  })

  it('refuses more from one source than its share', async () => {
    await start({ connectionsPerSource: 2 })
    const held = [await open(), await open()]
    expect(await Promise.all(held.map(answered))).toEqual([true, true])

    expect(await answered(await open())).toBe(false)
    held[0]!.destroy()
    const counters = (): number => server.nameserver.counters().tcp_refused
    expect(counters()).toBe(1)

    let again = false
    while (!again) again = await answered(await open()) // the server learns of the end a moment later
    expect(again).toBe(true)
  })

  it('stops reading from a client that does not read, and goes on when it does', async () => {
    await start({}, BIG)
    const socket = await open()
    const big = withLength(queryBytes({ ask: 'big.fed.test A' }))
    const asked = 300
    socket.pause()
    socket.write(Buffer.concat(Array.from({ length: asked }, () => big)))
    const before = await settled(() => server.nameserver.counters().queries_tcp)

    const octets = await received(socket, asked)

    expect(before).toBeLessThan(asked)
    expect(octets).toBeGreaterThan(asked * 64_000)
  })

  it('lets other clients ask while one does not read', async () => {
    await start({}, BIG)
    const stuck = await open()
    stuck.pause()
    stuck.write(
      Buffer.concat(Array.from({ length: 300 }, () => withLength(queryBytes({ ask: 'big.fed.test A' })))),
    )
    await settled(() => server.nameserver.counters().queries_tcp)

    expect(await answered(await open())).toBe(true)
    expect(await server.ask('udp', 'fed.test SOA')).toMatchObject({ rcode: 'NOERROR' })
  })
})

/** Octets read until there were so many messages. */
function received(socket: Socket, messages: number): Promise<number> {
  let octets = 0
  let whole = 0
  let rest = Buffer.alloc(0)
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      octets += chunk.length
      rest = Buffer.concat([rest, chunk])
      const done = framed(rest)
      whole += done.length
      rest = rest.subarray(done.reduce((sum, message) => sum + message.length + 2, 0))
      if (whole === messages) resolve(octets)
    })
    socket.resume()
  })
}

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
