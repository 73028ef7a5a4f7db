import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { MAX_UDP_BYTES } from '../dns/protocol.ts'
import { Client } from './client.ts'
import { DatagramReplies } from './control/datagram-replies.ts'
import { LATER } from './control/request-front.ts'
import { COUNTER } from './counters.ts'
import type { Observer } from './observe/observer.ts'
import type { ZoneReader } from './types.ts'

/** Asked of the kernel: bursts above what is buffered are lost. */
export const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** Responses that may wait for a kernel that takes no more; beyond them queries are dropped, as a full network would. */
const MAX_QUEUED_SENDS = 1024

/** Datagrams that wait for the end of a turn of the event loop: as many as libuv reads from a socket in one. */
const MAX_WAITING = 32

/** A UDP socket, not bound yet. Addresses given to send() are literal: nothing is looked up, nothing deferred. */
export function createUdpSocket(host: string, shared: boolean): Socket {
  const family = isIPv6(host) ? 6 : 4
  return createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ...(family === 6 ? { ipv6Only: true } : {}),
    ...(shared ? { reusePort: true } : {}),
    lookup: (address, _options, done) => done(null, address, family),
  })
}

/** What is needed of a socket. */
export type DatagramSocket = Pick<Socket, 'getSendQueueCount'> & {
  on(event: 'close', closed: () => void): unknown
  on(event: 'message', receive: (query: Buffer, from: Sender) => void): unknown
  send(response: Uint8Array, port: number, address: string): void
}

type Sender = Pick<RemoteInfo, 'address' | 'port'>

/**
 * Answer every datagram that comes in at this socket: those of one turn of the event loop together, at its end. What receives and what
 * answers then fill the processor's caches in turns, not for each query anew, which is a twentieth of a query's cost.
 * @param later - at the end of this turn; one call for all that wait
 * @returns answers those that wait, for whoever closes the socket
 */
export function serveUdp(
  socket: DatagramSocket,
  reader: ZoneReader,
  observer: Observer,
  later: (answerWaiting: () => void) => void = setImmediate,
): () => void {
  const answer = answerTo(socket, reader, observer)
  const queries: Buffer[] = []
  const senders: Sender[] = []
  let waiting = 0
  const answerWaiting = (): void => {
    const end = waiting
    waiting = 0
    for (let i = 0; i < end; i += 1) answer(queries[i]!, senders[i]!) // i < end
  }
  socket.on('message', (query, from) => {
    queries[waiting] = query
    senders[waiting] = from
    waiting += 1
    if (waiting === MAX_WAITING) answerWaiting()
    else if (waiting === 1) later(answerWaiting)
  })
  return answerWaiting
}

function answerTo(
  socket: DatagramSocket,
  reader: ZoneReader,
  observer: Observer,
): (query: Buffer, from: Sender) => void {
  let out = new ResponseBuffer()
  const client = new Client(Date.now)
  let queued = 0
  let address = ''
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  client.replies = new DatagramReplies({
    ...{ client, observer },
    sender: () => {
      const to = { port: client.port, address }
      return (response) => {
        if (!isClosed) socket.send(response, to.port, to.address) // what comes later may come too late
      }
    },
  })
  return (query, from) => {
    address = from.address
    client.set(from.address).port = from.port
    observer.asked(client)
    if (queued >= MAX_QUEUED_SENDS) queued = socket.getSendQueueCount()
    const unanswerable = from.port === 0 || queued >= MAX_QUEUED_SENDS
    const length = unanswerable ? 0 : reader.answer(query, query.length, client, out.bytes)
    if (length === LATER) return
    observer.answered(client, query, query.length, out.bytes, length)
    if (length === 0) return
    socket.send(out.first(length), from.port, from.address)
    queued = socket.getSendQueueCount()
    if (queued > 0) {
      observer.counters.add(COUNTER.send_queued) // the kernel's buffer is full: this one of ours is in use until it has room
      out = new ResponseBuffer()
    }
  }
}

/** One buffer for all responses, with its first octets as a view for each length: a view made anew is a tenth of a send. */
class ResponseBuffer {
  readonly bytes = Buffer.allocUnsafeSlow(MAX_UDP_BYTES)
  readonly #views: (Buffer | undefined)[] = Array.from({ length: MAX_UDP_BYTES + 1 })

  first(length: number): Buffer {
    return (this.#views[length] ??= this.bytes.subarray(0, length))
  }
}
