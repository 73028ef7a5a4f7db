import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Admitted } from '../streams/stream-service.ts'
import { secureContextOptions, type TlsCredentials } from './credentials.ts'

export interface TlsFrontOptions {
  readonly credentials: TlsCredentials
  /** What is spoken inside (RFC 7301). A client that says nothing is let in, one that wants something else is not. */
  readonly protocols: readonly string[]
  /** A handshake has failed; the connection is closed. */
  readonly failed: () => void
  readonly secured: (socket: TLSSocket, admitted: Admitted) => void
}

/**
 * In each worker, of sources that are not exempt. One costs about 0.65 ms, as much as 200 answers over UDP: without a limit
 * whoever opens connections could keep the thread from answering.
 */
export const HANDSHAKES_PER_SECOND = 400

/** Beyond it a client has no reason for its silence. */
const HANDSHAKE_TIMEOUT_MS = 5_000

/** Handshakes on connections that were let in before they cost anything. */
export class TlsFront {
  readonly #server: Server
  /** Connections whose handshake is not over, by their two ends: sockets of TLS do not tell which they stand on. */
  readonly #waiting = new Map<string, Admitted>()

  constructor({ credentials, protocols, failed, secured }: TlsFrontOptions) {
    this.#server = createServer({
      ...secureContextOptions(credentials),
      ALPNProtocols: [...protocols],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    })
    this.#server.on('tlsClientError', (_error, socket) => {
      failed()
      socket.destroy() // a handshake without end is told of, but not ended
    })
    this.#server.on('secureConnection', (socket) => {
      const ends = endsOf(socket)
      const admitted = this.#waiting.get(ends)
      this.#waiting.delete(ends)
      socket.on('error', () => {}) // resets are the peer's right; 'close' follows
      if (admitted === undefined) socket.destroy() // closed meanwhile
      else secured(socket, admitted)
    })
  }

  begin(admitted: Admitted): void {
    const { socket } = admitted
    const ends = endsOf(socket)
    this.#waiting.set(ends, admitted)
    socket.on('close', () => {
      if (this.#waiting.get(ends) === admitted) this.#waiting.delete(ends)
    })
    this.#server.emit('connection', socket)
  }

  /** For handshakes from now on; connections go on with what they have. */
  renew(credentials: TlsCredentials): void {
    this.#server.setSecureContext(secureContextOptions(credentials))
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
