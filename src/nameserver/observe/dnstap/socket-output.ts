import { connect, type Socket } from 'node:net'
import type { Output } from '../queue/conveyor.ts'
import type { Trouble } from '../queue/file-output.ts'
import type { SocketTarget } from '../settings.ts'
import {
  CONTROL,
  controlFrame,
  ControlReader,
  DNSTAP_CONTENT_TYPE,
  type ControlFrame,
} from './frame-streams.ts'

export interface SocketLimits {
  /** For the receiver to accept, and to say that it has finished. */
  readonly handshakeMs: number
  readonly finishMs: number
  /** Until the first new try; each next one waits twice as long, up to the other. */
  readonly retryMs: number
  readonly maxRetryMs: number
}

export const SOCKET_LIMITS: SocketLimits = {
  ...{ handshakeMs: 5_000, finishMs: 500, retryMs: 100, maxRetryMs: 10_000 },
}

/**
 * A connection to a receiver of Frame Streams, with the handshake of both directions: READY, ACCEPT, START, data, STOP, FINISH. It is
 * made anew for as long as it takes; what is written while there is none is lost.
 */
export class SocketOutput implements Output {
  onReady: () => void = () => {}
  readonly #target: SocketTarget
  readonly #trouble: Trouble
  readonly #limits: SocketLimits
  #socket: Socket
  #isReady = false
  #isClosing = false
  #isBroken = false
  #retryMs: number
  #retry: NodeJS.Timeout | undefined
  /** Of the chunk under way. */
  #written: ((isWritten: boolean) => void) | undefined
  #finished: (() => void) | undefined

  constructor(target: SocketTarget, trouble: Trouble, limits: SocketLimits = SOCKET_LIMITS) {
    this.#target = target
    this.#trouble = trouble
    this.#limits = limits
    this.#retryMs = limits.retryMs
    this.#socket = this.#connect()
  }

  get isReady(): boolean {
    return this.#isReady
  }

  write(chunk: Uint8Array): Promise<boolean> {
    if (!this.#isReady) return Promise.resolve(false)
    return new Promise((resolve) => {
      this.#written = resolve
      this.#socket.write(chunk, (error) => this.#settle(error === null || error === undefined))
    })
  }

  reopen(): Promise<void> {
    return Promise.resolve() // no file
  }

  /** STOP, and then the receiver's FINISH, for a while. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#retry)
    if (this.#isReady) {
      const finished = new Promise<void>((resolve) => {
        this.#finished = resolve
      })
      this.#socket.write(controlFrame(CONTROL.STOP))
      const timer = setTimeout(() => this.#finished?.(), this.#limits.finishMs)
      await finished
      clearTimeout(timer)
    }
    this.#isReady = false
    this.#socket.destroy()
  }

  #connect(): Socket {
    const socket = connect(
      this.#target.kind === 'unix'
        ? { path: this.#target.path }
        : { host: this.#target.host, port: this.#target.port, noDelay: true },
    )
    const reader = new ControlReader()
    let reason = 'closed'
    const fail = (why: string): void => {
      reason = why
      socket.destroy()
    }
    const handshake = setTimeout(() => fail('no handshake'), this.#limits.handshakeMs)
    socket.on('connect', () => socket.write(controlFrame(CONTROL.READY)))
    socket.on('data', (piece) => {
      for (const frame of reader.push(piece)) {
        const wrong = this.#control(frame)
        if (wrong !== undefined) return fail(wrong)
        clearTimeout(handshake)
      }
      if (reader.isBroken) fail('no Frame Streams')
    })
    socket.on('error', (error) => {
      reason = 'code' in error ? String(error.code) : error.message
    })
    socket.on('close', () => {
      clearTimeout(handshake)
      this.#lost(reason)
    })
    return socket
  }

  /** @returns what is wrong with the frame, or undefined */
  #control({ type, contentTypes }: ControlFrame): string | undefined {
    if (type === CONTROL.FINISH && this.#isClosing) {
      this.#finished?.()
      return undefined
    }
    if (type !== CONTROL.ACCEPT || this.#isReady) return 'unexpected control frame'
    if (contentTypes.length > 0 && !contentTypes.includes(DNSTAP_CONTENT_TYPE)) return 'another content type'
    this.#socket.write(controlFrame(CONTROL.START))
    this.#isReady = true
    this.#retryMs = this.#limits.retryMs
    if (this.#isBroken) this.#trouble(undefined)
    this.#isBroken = false
    this.onReady()
    return undefined
  }

  #lost(reason: string): void {
    this.#isReady = false
    this.#finished?.()
    this.#settle(false)
    if (this.#isClosing) return
    if (!this.#isBroken) this.#trouble(reason)
    this.#isBroken = true
    this.#retry = setTimeout(() => {
      this.#socket = this.#connect()
    }, this.#retryMs)
    this.#retryMs = Math.min(this.#limits.maxRetryMs, 2 * this.#retryMs)
  }

  #settle(isWritten: boolean): void {
    this.#written?.(isWritten)
    this.#written = undefined
  }
}
