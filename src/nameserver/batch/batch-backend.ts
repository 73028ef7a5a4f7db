import type { UdpBackend } from '../udp-backend.ts'
import { RECEIVE_BUFFER_BYTES } from '../udp.ts'
import { BatchService } from './batch-service.ts'
import { BatchSockets } from './batch-socket.ts'
import { Datagrams } from './datagrams.ts'
import { findEventLoop } from './event-loop.ts'
import { openLibc, type Libc } from './libc.ts'
import { PollLoop } from './poll-loop.ts'
import { selfTest } from './self-test.ts'
import type { Family } from './socket-address.ts'

/**
 * Datagrams in batches: one system call reads up to 64 of them, one writes their responses.
 * For the thread that calls, which from the first served socket on waits for datagrams and for its event loop together.
 * @throws BatchUnavailable when this machine, or anything that is found on it, is not as expected; nothing is left open then
 */
export async function openBatchBackend(): Promise<UdpBackend> {
  const libc = await openLibc()
  const eventLoop = await findEventLoop(libc)
  const sockets = new BatchSockets(libc)
  const datagramsOf = datagramsByFamily(libc)
  selfTest({ libc, sockets, datagramsOf })
  const now = (): number => performance.now()
  const loop = new PollLoop({ libc, eventLoop, now, afterTurn: setImmediate })
  return {
    io: 'batch',
    async bind(address, shared) {
      const socket = sockets.open(address, { shared, receiveBufferBytes: RECEIVE_BUFFER_BYTES })
      let close = (): void => sockets.close(socket.fd)
      return {
        port: socket.port,
        receiveBufferBytes: socket.receiveBufferBytes,
        serve(reader, observer) {
          const datagrams = datagramsOf(socket.family)
          const service = new BatchService({ libc, socket, datagrams, reader, observer, now: Date.now })
          const readable = { fd: socket.fd, serve: () => service.serve() }
          loop.add(readable)
          close = () => {
            loop.remove(readable)
            service.close()
            sockets.close(socket.fd)
          }
        },
        close: () => close(),
      }
    },
  }
}

/** Made when a family is first used: a machine may have but one. */
export function datagramsByFamily(libc: Libc): (family: Family) => Datagrams {
  const made = new Map<Family, Datagrams>()
  return (family) => {
    const datagrams = made.get(family) ?? new Datagrams(libc, family)
    made.set(family, datagrams)
    return datagrams
  }
}
