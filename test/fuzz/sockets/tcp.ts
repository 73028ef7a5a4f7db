import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { askTcpMany, withLength } from '../../support/dns-exchange.ts'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { FuzzFault } from '../target.ts'

/** Packets that can be answered, all on one connection: each is, in order. */
export async function overTcp(port: number, random: Random, count: number): Promise<void> {
  const packets = Array.from({ length: count }, () => answerable(random))
  const responses = await askTcpMany(port, packets)
  const ids = (messages: readonly Buffer[]): string => messages.map((each) => each.readUInt16BE(0)).join()
  if (ids(responses) !== ids(packets))
    throw new FuzzFault(`${responses.length} of ${count} answered, or out of order`, Buffer.concat(packets))
}

function answerable(random: Random): Buffer {
  for (;;) {
    const octets = packet(random)
    const isQuery = octets.length >= 12 && (octets[2]! & 0xf8) === 0
    if (isQuery) return octets
  }
}

/** Connections that never do what they should; held until `release` is called. */
export interface Held {
  readonly sockets: readonly Socket[]
  release(): void
}

/** Half a length, half a message, or a length without a message. */
export async function slowWriters(port: number, random: Random, count: number): Promise<Held> {
  return hold(port, count, (socket) => {
    const message = withLength(answerable(random))
    socket.write(message.subarray(0, random.below(message.length)))
  })
}

/** Many questions with long answers, and nobody who reads. */
export async function slowReaders(port: number, question: Buffer, count: number): Promise<Held> {
  const many = Buffer.concat(Array.from({ length: 200 }, () => withLength(question)))
  return hold(port, count, (socket) => {
    socket.pause()
    socket.write(many)
  })
}

/** Closed on our side at once, or reset in the middle of a message. */
export async function halfOpen(port: number, random: Random, count: number): Promise<Held> {
  return hold(port, count, (socket) => {
    socket.write(withLength(answerable(random)))
    if (random.once(2)) socket.end()
    else socket.resetAndDestroy()
  })
}

async function hold(port: number, count: number, act: (socket: Socket) => void): Promise<Held> {
  const sockets = Array.from({ length: count }, () =>
    connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
  )
  for (const socket of sockets) socket.on('error', () => {}) // the server may refuse, reset or time out: its right
  await Promise.all(
    sockets.map(async (socket) => {
      await Promise.race([once(socket, 'connect'), once(socket, 'close')])
      if (!socket.destroyed) act(socket)
    }),
  )
  return {
    sockets,
    release: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
