import { constants } from 'node:os'
import type { Libc } from './libc.ts'
import { POLLFD, POLLIN, POLLNVAL } from './linux.ts'
import { NativeMemory } from './memory.ts'

/** How long it waits for a datagram, or for anything the event loop has: timers of the worker are late by so much at most. */
const WAIT_MS = 50
/** How long datagrams are served before the event loop has its turn, also where it seems to have nothing. */
const TURN_MS = 4
/**
 * Turns of the event loop without a wait, after it had something to do. What it did then may have given it more: descriptors
 * that it watches from its next turn on, callbacks of setImmediate.
 */
const FREE_TURNS = 4
const MAX_SOCKETS = 1024

/** A socket, and what is done when something has come in there. */
export interface Readable {
  readonly fd: number
  /** Reads some of it; what is left is there again the next time. */
  serve(): void
}

export interface PollLoopOptions {
  readonly libc: Libc
  /** The descriptor at which Node's event loop of this thread waits. */
  readonly eventLoop: number
  /** A clock that only goes on, in ms. */
  readonly now: () => number
  /** Calls it once the event loop has had its turn. */
  readonly afterTurn: (callback: () => void) => void
}

/**
 * Waits in one system call for datagrams and for whatever Node's event loop waits for, and serves the datagrams then and
 * there. Node has its turn as soon as it has something to do, and every TURN_MS. A thread waits here instead of in
 * Node; it takes no processor while nothing comes.
 */
export class PollLoop {
  readonly #libc: Libc
  readonly #entries: NativeMemory
  readonly #events: Int16Array
  readonly #now: () => number
  readonly #afterTurn: (callback: () => void) => void
  readonly #turn = (): void => this.#serve()
  #sockets: readonly Readable[] = []
  #freeTurns = FREE_TURNS
  #isRunning = false

  constructor({ libc, eventLoop, now, afterTurn }: PollLoopOptions) {
    this.#libc = libc
    this.#now = now
    this.#afterTurn = afterTurn
    this.#entries = new NativeMemory(libc, (1 + MAX_SOCKETS) * POLLFD.bytes)
    this.#events = new Int16Array(this.#entries.bytes.buffer)
    this.#write(0, eventLoop)
  }

  /** From the next turn of the event loop on. */
  add(socket: Readable): void {
    if (this.#sockets.length === MAX_SOCKETS) throw new RangeError('too many sockets')
    this.#set([...this.#sockets, socket])
    if (this.#isRunning) return
    this.#isRunning = true
    this.#afterTurn(this.#turn)
  }

  /** Its descriptor is not looked at any more. */
  remove(socket: Readable): void {
    this.#set(this.#sockets.filter((other) => other !== socket))
  }

  #set(sockets: readonly Readable[]): void {
    this.#sockets = sockets
    sockets.forEach(({ fd }, index) => this.#write(1 + index, fd))
  }

  #write(index: number, fd: number): void {
    this.#entries.view.setInt32(index * POLLFD.bytes + POLLFD.fd, fd, true)
    this.#entries.view.setInt16(index * POLLFD.bytes + POLLFD.events, POLLIN, true)
  }

  #serve(): void {
    if (this.#sockets.length === 0) {
      this.#isRunning = false
      return
    }
    const untilMs = this.#now() + TURN_MS
    while (this.#serveOnce()) {
      if (this.#now() < untilMs) continue
      this.#freeTurns = Math.max(this.#freeTurns, 1)
      break
    }
    this.#afterTurn(this.#turn)
  }

  /** @returns false when it is Node's turn */
  #serveOnce(): boolean {
    const waitMs = this.#freeTurns > 0 ? 0 : WAIT_MS
    const ready = this.#libc.poll(this.#entries.at(0), 1 + this.#sockets.length, waitMs)
    if (ready < 0) this.#cannotPoll()
    if (ready <= 0) {
      this.#freeTurns = waitMs === 0 ? this.#freeTurns - 1 : FREE_TURNS // after a wait timers may be due
      return false
    }
    for (let i = 0; i < this.#sockets.length; i += 1) {
      const happened = this.#happened(1 + i)
      if ((happened & POLLNVAL) !== 0) throw new Error('a socket was closed by somebody else')
      if (happened !== 0) this.#sockets[i]!.serve() // i < length
    }
    if (this.#happened(0) === 0) return true
    this.#freeTurns = FREE_TURNS
    return false
  }

  #happened(index: number): number {
    return this.#events[(index * POLLFD.bytes + POLLFD.revents) / 2]! // an entry that was written
  }

  #cannotPoll(): void {
    const errno = this.#libc.errno()
    if (errno !== constants.errno.EINTR) throw new Error(`cannot wait for datagrams (errno=${errno})`)
  }
}
