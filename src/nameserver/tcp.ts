import { createServer, type Server, type Socket } from 'node:net'
import { MAX_TCP_BYTES } from '../dns/protocol.ts'
import { Client } from './client.ts'
import { COUNTER, type CounterRow } from './counters.ts'
import type { Observer } from './observe/observer.ts'
import type { TcpLimits, ZoneReader } from './types.ts'

export const DEFAULT_TCP_LIMITS: TcpLimits = { idleMs: 10_000, connections: 150, connectionsPerSource: 25 }

/** The length field before each message (RFC 1035, 4.2.2). */
const LENGTH_BYTES = 2
/** Responses of a burst are written together, in pieces of about this size. */
const WRITE_BYTES = 64 * 1024

interface Connection {
  readonly socket: Socket
  readonly client: Client
  readonly source: string
  /** Octets of messages not answered yet. */
  pending: Buffer
  idle: NodeJS.Timeout
}

/** DNS over TCP: many queries on a connection, answered in order; all limits of one worker. */
export class TcpService {
  readonly #reader: ZoneReader
  readonly #counters: CounterRow
  readonly #observer: Observer
  #limits: TcpLimits
  /** In order of their last whole message, longest idle first. */
  readonly #connections = new Set<Connection>()
  readonly #perSource = new Map<string, number>()
  readonly #out = Buffer.allocUnsafeSlow(LENGTH_BYTES + MAX_TCP_BYTES)
  readonly #message: Buffer

  constructor(reader: ZoneReader, observer: Observer, limits: TcpLimits) {
    this.#reader = reader
    this.#counters = observer.counters
    this.#observer = observer
    this.#limits = limits
    this.#message = this.#out.subarray(LENGTH_BYTES)
  }

  get connections(): number {
    return this.#connections.size
  }

  setLimits(limits: Partial<TcpLimits>): void {
    this.#limits = { ...this.#limits, ...limits }
  }

  /** A server that hands its connections over; not listening yet. */
  createServer(): Server {
    return createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Let clients finish: what was asked has been answered, so each connection is closed once that is written. */
  drain(): void {
    for (const { socket } of this.#connections) socket.end()
  }

  destroy(): void {
    for (const { socket } of this.#connections) socket.destroy()
  }

  #accept(socket: Socket): void {
    this.#counters.add(COUNTER.tcp_connections)
    const source = socket.remoteAddress ?? ''
    const fromSource = this.#perSource.get(source) ?? 0
    if (source === '' || fromSource >= this.#limits.connectionsPerSource) {
      this.#counters.add(COUNTER.tcp_refused)
      socket.destroy()
      return
    }
    if (this.#connections.size >= this.#limits.connections) this.#dropLongestIdle()
    this.#perSource.set(source, fromSource + 1)
    const connection: Connection = {
      socket,
      client: clientAt(socket, source),
      source,
      pending: Buffer.alloc(0),
      idle: setTimeout(() => {
        this.#counters.add(COUNTER.tcp_timeouts)
        socket.destroy() // not end(): a peer that never closes its half would keep the socket for ever
      }, this.#limits.idleMs),
    }
    this.#connections.add(connection)
    socket.on('data', (chunk) => this.#receive(connection, chunk))
    socket.on('drain', () => this.#resume(connection))
    socket.on('error', () => {}) // resets are the peer's right; 'close' follows
    socket.on('close', () => this.#forget(connection))
  }

  #receive(connection: Connection, chunk: Buffer): void {
    connection.pending = connection.pending.length === 0 ? chunk : Buffer.concat([connection.pending, chunk])
    this.#serve(connection)
  }

  #resume(connection: Connection): void {
    if (connection.socket.destroyed) return
    this.#serve(connection)
    if (!connection.socket.writableNeedDrain) connection.socket.resume()
  }

  /** Answer the whole messages at hand, until they are done or the peer does not read. */
  #serve(connection: Connection): void {
    const { socket } = connection
    let at = 0
    let batch: Buffer[] = []
    let batchBytes = 0
    const flush = (): void => {
      if (batchBytes > 0) socket.write(batch.length === 1 ? batch[0]! : Buffer.concat(batch, batchBytes)) // one write
      batch = []
      batchBytes = 0
    }
    while (!socket.writableNeedDrain && !socket.destroyed) {
      const message = wholeMessage(connection.pending, at)
      if (message === undefined) break
      at += LENGTH_BYTES + message.length
      this.#touch(connection)
      const response = this.#answer(message, connection.client)
      if (response === undefined) {
        socket.destroy() // no DNS client: nothing that it says further can be meant for us
        return
      }
      batch.push(response)
      batchBytes += response.length
      if (batchBytes >= WRITE_BYTES) flush()
    }
    flush()
    connection.pending = Buffer.from(connection.pending.subarray(at)) // a copy, so that a long chunk is let go
    if (socket.writableNeedDrain) socket.pause()
  }

  #answer(message: Buffer, client: Client): Buffer | undefined {
    this.#observer.asked(client)
    const length = this.#reader.answer(message, message.length, client, this.#message)
    this.#observer.answered(client, message, message.length, this.#message, length)
    if (length === 0) return undefined
    this.#out.writeUInt16BE(length, 0)
    return Buffer.from(this.#out.subarray(0, LENGTH_BYTES + length))
  }

  #touch(connection: Connection): void {
    connection.idle.refresh()
    this.#connections.delete(connection)
    this.#connections.add(connection)
  }

  #dropLongestIdle(): void {
    const [oldest] = this.#connections
    if (oldest === undefined) return
    this.#counters.add(COUNTER.tcp_refused)
    oldest.socket.destroy()
    this.#forget(oldest)
  }

  #forget(connection: Connection): void {
    clearTimeout(connection.idle)
    if (!this.#connections.delete(connection)) return
    const left = (this.#perSource.get(connection.source) ?? 1) - 1
    if (left === 0) this.#perSource.delete(connection.source)
    else this.#perSource.set(connection.source, left)
  }
}

/** The message that begins at `at`, when all of it is there. */
function wholeMessage(pending: Buffer, at: number): Buffer | undefined {
  if (at + LENGTH_BYTES > pending.length) return undefined
  const end = at + LENGTH_BYTES + pending.readUInt16BE(at)
  return end <= pending.length ? pending.subarray(at + LENGTH_BYTES, end) : undefined
}

function clientAt({ remotePort }: Socket, address: string): Client {
  const client = new Client(Date.now).set(address)
  client.port = remotePort ?? 0
  return client
}
