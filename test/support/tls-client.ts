import { once } from 'node:events'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { framed, withLength } from './dns-exchange.ts'

/** How long a client waits for what must come. */
const PATIENCE_MS = 5_000

/** A client of DNS over TLS on one connection. */
export interface TlsClient {
  readonly socket: TLSSocket
  /** Whole messages received so far. */
  readonly messages: readonly Buffer[]
  /** Send messages in one write. */
  send(...messages: readonly Uint8Array[]): void
  /** Wait until so many messages have come in all. @throws when the connection is closed before */
  received(count: number): Promise<readonly Buffer[]>
}

/** Connect, with the handshake done. @throws the error that ended it */
export async function openTls(port: number, options: ConnectionOptions = {}): Promise<TlsClient> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ALPNProtocols: ['dot'],
    ...options,
  })
  await once(socket, 'secureConnect')
  return tlsClient(socket)
}

/** A client on a socket that is connected. */
export function tlsClient(socket: TLSSocket): TlsClient {
  const messages: Buffer[] = []
  let rest = Buffer.alloc(0)
  let review = (): void => {}
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece])
    const whole = framed(rest)
    messages.push(...whole)
    rest = rest.subarray(whole.reduce((sum, { length }) => sum + length + 2, 0))
    review()
  })
  socket.on('error', () => {}) // a reset is one way to be closed
  return {
    ...{ socket, messages },
    send: (...sent) => void socket.write(Buffer.concat(sent.map(withLength))),
    received: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${messages.length} of ${count} messages`)),
          PATIENCE_MS,
        )
        const closed = (): void => reject(new Error(`closed after ${messages.length} of ${count} messages`))
        socket.once('close', closed)
        review = () => {
          if (messages.length < count) return
          clearTimeout(timer)
          socket.off('close', closed)
          resolve(messages)
        }
        review()
      }),
  }
}
