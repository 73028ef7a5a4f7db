import { createServer, type Server, type Socket } from 'node:net'
import { Client } from '../client.ts'
import type { CounterRow } from '../counters.ts'
import { AddressPrefixes } from '../rate-limit/address-prefixes.ts'
import type { TcpLimits } from '../types.ts'
import { Budget } from './budget.ts'

/** What is spoken on a connection. */
export interface Session {
  /** Answer what has been asked, take nothing further, close. */
  finish(): void
}

/** A connection that was let in. */
export interface Admitted {
  /** As accepted, below any encryption. */
  readonly socket: Socket
  readonly client: Client
  readonly source: string
  /** Absent as long as nothing is agreed on: a handshake is under way. */
  session?: Session
  idle: NodeJS.Timeout
  /** It has been told to go, and has no more time for being in use. */
  isDismissed?: true
}

/** Where a transport counts: of COUNTER. */
export interface StreamCounts {
  readonly connections: number
  readonly refused: number
  readonly timeouts: number
}

export interface StreamServiceOptions {
  readonly counters: CounterRow
  readonly counts: StreamCounts
  readonly limits: TcpLimits
  /** Sockets do not close by themselves when the client closes its side: it may wait for answers. */
  readonly halfOpen: boolean
}

/** How long a peer may take to read the last answers, and to close its side, when it is told to go. */
export const LINGER_MS = 1_000

/**
 * The connections of one transport in one worker: how many, from whom, for how long (RFC 7766, 6.2; RFC 9210, 4.5). They are
 * counted and limited as they are accepted, before any handshake.
 */
export abstract class StreamService {
  readonly #options: StreamServiceOptions
  #limits: TcpLimits
  #exempt: AddressPrefixes
  #rate: Budget
  /** In order of their last whole message, longest idle first. */
  readonly #admitted = new Set<Admitted>()
  readonly #perSource = new Map<string, number>()
  readonly #emptied = Promise.withResolvers<void>()
  #isDraining = false

  constructor(options: StreamServiceOptions) {
    this.#options = options
    this.#limits = options.limits
    this.#exempt = new AddressPrefixes(options.limits.exempt ?? [])
    this.#rate = rateOf(options.limits)
  }

  /** Speak with a client that was let in; sets `session` once there is one. */
  protected abstract begin(admitted: Admitted): void

  get connections(): number {
    return this.#admitted.size
  }

  protected get limits(): TcpLimits {
    return this.#limits
  }

  /** For connections from now on. */
  setLimits(limits: Partial<TcpLimits>): void {
    this.#limits = { ...this.#limits, ...limits }
    this.#exempt = new AddressPrefixes(this.#limits.exempt ?? [])
    this.#rate = rateOf(this.#limits)
  }

  /** A server that hands its connections over; not listening yet. */
  createServer(): Server {
    const { halfOpen } = this.#options
    return createServer({ noDelay: true, allowHalfOpen: halfOpen }, (socket) => this.#admit(socket))
  }

  /**
   * Let clients finish: every connection is closed once what was asked on it is answered and written. Resolves when the last
   * one is gone, at the latest after LINGER_MS.
   */
  drain(): Promise<void> {
    this.#isDraining = true
    for (const admitted of this.#admitted) this.#dismiss(admitted)
    this.#reviewEmpty()
    return this.#emptied.promise
  }

  /** A whole message has come in: the idle time begins anew. */
  protected touch(admitted: Admitted): void {
    if (!this.#admitted.delete(admitted)) return
    this.#admitted.add(admitted)
    if (admitted.isDismissed !== true) admitted.idle.refresh()
  }

  #admit(socket: Socket): void {
    const { counters, counts } = this.#options
    socket.on('error', () => {}) // resets are the peer's right; 'close' follows
    counters.add(counts.connections)
    const source = socket.remoteAddress ?? ''
    const client = clientAt(socket, source)
    const fromSource = this.#perSource.get(source) ?? 0
    const isTooMany =
      !this.#exempt.has(client) &&
      (fromSource >= this.#limits.connectionsPerSource || !this.#rate.take(performance.now()))
    if (source === '' || this.#isDraining || isTooMany) {
      counters.add(counts.refused)
      socket.destroy()
      return
    }
    if (this.#admitted.size >= this.#limits.connections) this.#dropLongestIdle()
    this.#perSource.set(source, fromSource + 1)
    const admitted: Admitted = {
      ...{ socket, source, client },
      idle: setTimeout(() => {
        counters.add(counts.timeouts)
        this.#dismiss(admitted)
      }, this.#limits.idleMs),
    }
    this.#admitted.add(admitted)
    socket.on('close', () => this.#forget(admitted))
    this.begin(admitted)
  }

  /** Not end() alone: a peer that never closes its half, or does not read, would keep the socket for ever. */
  #dismiss(admitted: Admitted): void {
    const { socket, session } = admitted
    if (admitted.isDismissed === true) return
    admitted.isDismissed = true
    clearTimeout(admitted.idle)
    admitted.idle = setTimeout(() => socket.destroy(), LINGER_MS)
    if (session === undefined) socket.destroy()
    else session.finish()
  }

  #dropLongestIdle(): void {
    const [oldest] = this.#admitted
    if (oldest === undefined) return
    this.#options.counters.add(this.#options.counts.refused)
    oldest.socket.destroy()
    this.#forget(oldest)
  }

  #forget(admitted: Admitted): void {
    clearTimeout(admitted.idle)
    if (!this.#admitted.delete(admitted)) return
    const left = (this.#perSource.get(admitted.source) ?? 1) - 1
    if (left === 0) this.#perSource.delete(admitted.source)
    else this.#perSource.set(admitted.source, left)
    this.#reviewEmpty()
  }

  #reviewEmpty(): void {
    if (this.#isDraining && this.#admitted.size === 0) this.#emptied.resolve()
  }
}

function rateOf({ newPerSecond = Number.MAX_SAFE_INTEGER }: TcpLimits): Budget {
  return new Budget(newPerSecond, performance.now())
}

function clientAt({ remotePort, localAddress, localPort }: Socket, address: string): Client {
  const client = new Client(Date.now).set(address)
  client.port = remotePort ?? 0
  client.local = { host: localAddress ?? '', port: localPort ?? 0 }
  return client
}
