import type { Socket } from 'node:dgram'
import { BindError } from './bind-failure.ts'
import type { Observer } from './observe/observer.ts'
import type { ListenAddress, UdpIo, ZoneReader } from './types.ts'
import { createUdpSocket, RECEIVE_BUFFER_BYTES, serveUdp } from './udp.ts'

/** How a worker reads and writes datagrams. */
export interface UdpBackend {
  readonly io: UdpIo
  /**
   * @param shared - others of ours may have the same port (SO_REUSEPORT)
   * @throws BindError
   */
  bind(address: ListenAddress, shared: boolean): Promise<UdpPort>
}

/** A UDP socket that is bound. */
export interface UdpPort {
  readonly port: number
  /** What the kernel granted of the receive buffer that was asked for; Linux reports twice the size, for its own bookkeeping. */
  readonly receiveBufferBytes: number
  /** From now on every datagram is answered. */
  serve(reader: ZoneReader, observer: Observer): void
  close(): void
}

/** Sockets of Node: one datagram a system call, anywhere. */
export const dgramBackend: UdpBackend = {
  io: 'dgram',
  async bind(address, shared) {
    const socket = await bindSocket(address, shared)
    let answerWaiting = (): void => {}
    return {
      port: socket.address().port,
      receiveBufferBytes: growReceiveBuffer(socket),
      serve: (reader, observer) => {
        answerWaiting = serveUdp(socket, reader, observer)
      },
      close: () => {
        answerWaiting()
        socket.close()
      },
    }
  },
}

function bindSocket({ host, port }: ListenAddress, shared: boolean): Promise<Socket> {
  const socket = createUdpSocket(host, shared)
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      socket.close()
      reject(new BindError({ host, port, transport: 'udp', errno: error.code ?? 'UNKNOWN' }))
    }
    socket.once('error', failed)
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', failed)
      resolve(socket)
    })
  })
}

function growReceiveBuffer(socket: Socket): number {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  } catch {
    // the default size serves too; what is granted is reported
  }
  return socket.getRecvBufferSize()
}
