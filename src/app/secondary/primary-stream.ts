import type { Socket } from 'node:net'
import { LENGTH_BYTES, MessageSplitter } from '../../nameserver/streams/message-splitter.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'

/** How long a primary is waited for. */
export interface TransferTimes {
  readonly connectMs: number
  /** From one whole message to the next: octets that do not complete one do not count. */
  readonly messageMs: number
  /** For everything that is asked on one connection. */
  readonly totalMs: number
}

/** Why a connection brought no message. */
export type StreamFault = 'unreachable' | 'no answer in time' | 'connection ended'

export class StreamError extends Error {
  readonly fault: StreamFault

  constructor(fault: StreamFault, cause?: unknown) {
    super(fault, cause === undefined ? undefined : { cause })
    this.fault = fault
  }
}

/**
 * One TCP connection to a primary: messages out, messages in, each waited for as long as it may take. What comes faster
 * than it is asked for stays in the kernel.
 */
export class PrimaryStream {
  readonly #socket: Socket
  readonly #pieces: AsyncIterator<Buffer>
  readonly #splitter = new MessageSplitter()
  readonly #clock: Clock
  readonly #times: TransferTimes
  readonly #total: Timer
  #isGivenUp = false

  /** @param socket - connecting */
  constructor(socket: Socket, { clock, times }: { readonly clock: Clock; readonly times: TransferTimes }) {
    this.#socket = socket
    this.#clock = clock
    this.#times = times
    this.#pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer> // no encoding is set
    this.#total = clock.after(times.totalMs, () => this.#giveUp())
    socket.on('error', () => {}) // told by whoever waits
  }

  /** @throws StreamError */
  async connected(): Promise<void> {
    if (!this.#socket.connecting && !this.#socket.destroyed) return
    const timer = this.#clock.after(this.#times.connectMs, () => this.#giveUp())
    try {
      await new Promise<void>((resolve, reject) => {
        this.#socket.once('connect', resolve)
        this.#socket.once('close', () => {
          const fault = this.#isGivenUp ? 'no answer in time' : 'unreachable'
          reject(new StreamError(fault, this.#socket.errored ?? undefined))
        })
      })
    } finally {
      timer.cancel()
    }
  }

  /** Length and message in one write (RFC 7766, 8). */
  send(message: Uint8Array): void {
    const octets = new Uint8Array(LENGTH_BYTES + message.length)
    octets[0] = message.length >> 8
    octets[1] = message.length
    octets.set(message, LENGTH_BYTES)
    this.#socket.write(octets)
  }

  /** @returns the next message @throws StreamError when none comes */
  async next(): Promise<Uint8Array> {
    const timer = this.#clock.after(this.#times.messageMs, () => this.#giveUp())
    try {
      for (;;) {
        const message = this.#splitter.next()
        if (message !== undefined) return Uint8Array.from(message)
        const { done, value } = await this.#pieces.next()
        if (done === true) throw new StreamError(this.#isGivenUp ? 'no answer in time' : 'connection ended')
        this.#splitter.push(value)
      }
    } catch (error) {
      if (error instanceof StreamError) throw error
      throw this.#isGivenUp
        ? new StreamError('no answer in time')
        : new StreamError('connection ended', error)
    } finally {
      timer.cancel()
    }
  }

  close(): void {
    this.#total.cancel()
    this.#socket.destroy()
  }

  #giveUp(): void {
    this.#isGivenUp = true
    this.#socket.destroy()
  }
}
