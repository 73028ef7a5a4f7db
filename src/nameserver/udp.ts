import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { HEADER_BYTES, MAX_UDP_BYTES } from '../dns/protocol.ts'
import { clientOf } from './client.ts'
import type { CounterRow } from './counters.ts'
import type { ZoneReader } from './types.ts'

/** Asked of the kernel: bursts above what is buffered are lost. */
export const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** Responses that may wait for a kernel that takes no more; beyond them queries are dropped, as a full network would. */
const MAX_QUEUED_SENDS = 1024

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

/** Answer every datagram that comes in at this socket, at once. */
export function serveUdp(socket: Socket, reader: ZoneReader, counters: CounterRow): void {
  let out = Buffer.allocUnsafeSlow(MAX_UDP_BYTES)
  let queued = 0
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    counters.add('queries_udp')
    if (query.length < HEADER_BYTES) counters.add('malformed')
    if (queued >= MAX_QUEUED_SENDS) queued = socket.getSendQueueCount()
    const unanswerable = from.port === 0 || queued >= MAX_QUEUED_SENDS
    const length = unanswerable ? 0 : reader.answer(query, query.length, clientOf(from.address), out)
    counters.response(out, 0, length)
    if (length === 0) return
    socket.send(out, 0, length, from.port, from.address)
    queued = socket.getSendQueueCount()
    if (queued > 0) {
      counters.add('send_queued') // the kernel's buffer is full: this one of ours is in use until it has room
      out = Buffer.allocUnsafeSlow(MAX_UDP_BYTES)
    }
  })
}
