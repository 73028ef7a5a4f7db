import type { ReplySink } from './reply-path.ts'
import type { ControlRequest, ToMain, ToWorker } from './types.ts'

/** What is needed of a message port. */
export interface ControlPort<Sent, Received> {
  postMessage(message: Sent): void
  on(event: 'message', receive: (message: Received) => void): unknown
}

/** Bounds on what one worker asks of the main thread. */
export interface ForwardLimits {
  /** Replies under way. */
  readonly pending: number
  /** Of them, to one address. */
  readonly pendingPerClient: number
  /** Requests beyond those, of all clients, that wait for their turn. */
  readonly waiting: number
  /** Requests in one second, waiting ones included. */
  readonly perSecond: number
  /** From one message of a reply to the next, on our side. */
  readonly stepMs: number
  /** For a whole reply, however slowly the client reads. */
  readonly totalMs: number
}

export const FORWARD_LIMITS: ForwardLimits = {
  pending: 32,
  pendingPerClient: 8,
  waiting: 512,
  perSecond: 1_000,
  stepMs: 30_000,
  totalMs: 900_000,
}

/** How a reply is made ready to be sent, and what stands in for one that fails before its first message. */
export interface Finish {
  /** Sign the next message. */
  message(message: Uint8Array): Uint8Array
  failure(): Uint8Array
}

export interface Forwarded {
  readonly request: ControlRequest
  readonly finish: Finish
  /** Opens the way back; called at once. */
  open(events: { drained(): void; closed(): void }): ReplySink
}

/** A request on its way. */
interface Reply {
  readonly id: number
  readonly forwarded: Forwarded
  /** The client's address, as a key. */
  readonly client: string
  readonly sink: ReplySink
  sent: number
  /** Of a step while the main thread is asked, else of nothing. */
  step?: NodeJS.Timeout | undefined
  total?: NodeJS.Timeout
}

/**
 * The worker's side of the control channel: requests go to the main thread, and the messages of each reply come back one at a
 * time, asked for when the one before has left. Bounded in number and rate; requests above what may be under way wait.
 */
export class Forwarder {
  readonly #port: ControlPort<ToMain, ToWorker>
  readonly #limits: ForwardLimits
  readonly #now: () => number
  readonly #replies = new Map<number, Reply>()
  readonly #waiting = new Set<Reply>()
  readonly #perClient = new Map<string, number>()
  #lastId = 0
  #second = 0
  #inSecond = 0

  /** @param now - ms of any clock that only goes on */
  constructor(port: ControlPort<ToMain, ToWorker>, limits: ForwardLimits, now: () => number) {
    this.#port = port
    this.#limits = limits
    this.#now = now
    port.on('message', (message) => this.#receive(message))
  }

  /** @returns false when there is too much to do: nothing has been done then */
  ask(forwarded: Forwarded): boolean {
    if (this.#waiting.size >= this.#limits.waiting || !this.#isInRate()) return false
    this.#lastId += 1
    const reply: Reply = {
      id: this.#lastId,
      forwarded,
      client: Buffer.from(forwarded.request.address).toString('hex'),
      sink: forwarded.open({ drained: () => this.#more(reply), closed: () => this.#drop(reply) }),
      sent: 0,
    }
    if (this.#mayBegin(reply)) this.#begin(reply)
    else this.#waiting.add(reply)
    return true
  }

  #isInRate(): boolean {
    const second = Math.floor(this.#now() / 1000)
    if (second !== this.#second) this.#inSecond = 0
    this.#second = second
    this.#inSecond += 1
    return this.#inSecond <= this.#limits.perSecond
  }

  #mayBegin({ client }: Reply): boolean {
    const { pending, pendingPerClient } = this.#limits
    return this.#replies.size < pending && (this.#perClient.get(client) ?? 0) < pendingPerClient
  }

  #begin(reply: Reply): void {
    this.#replies.set(reply.id, reply)
    this.#perClient.set(reply.client, (this.#perClient.get(reply.client) ?? 0) + 1)
    reply.total = setTimeout(() => this.#giveUp(reply), this.#limits.totalMs).unref()
    this.#waitForStep(reply)
    this.#port.postMessage({ kind: 'ask', id: reply.id, request: reply.forwarded.request })
  }

  #waitForStep(reply: Reply): void {
    reply.step = setTimeout(() => this.#giveUp(reply), this.#limits.stepMs).unref() // no reason for the worker to go on
  }

  #more(reply: Reply): void {
    if (!this.#replies.has(reply.id) || reply.step !== undefined) return
    this.#waitForStep(reply)
    this.#port.postMessage({ kind: 'more', id: reply.id })
  }

  #receive(message: ToWorker): void {
    const reply = this.#replies.get(message.id)
    if (reply === undefined) return // given up meanwhile
    clearTimeout(reply.step)
    reply.step = undefined
    switch (message.kind) {
      case 'message':
        this.#send(reply, message.message)
        return
      case 'end':
        this.#forget(reply)
        reply.sink.end()
        return
      case 'failed':
        this.#fail(reply)
    }
  }

  #send(reply: Reply, message: Uint8Array): void {
    const { request, finish } = reply.forwarded
    const hasRoom = reply.sink.send(finish.message(message))
    reply.sent += 1
    if (request.transport === 'udp') {
      this.#drop(reply) // a datagram is all that there is
      reply.sink.end()
    } else if (hasRoom) this.#more(reply)
  }

  /** The main thread is asked for no more. */
  #giveUp(reply: Reply): void {
    this.#port.postMessage({ kind: 'drop', id: reply.id })
    this.#fail(reply)
  }

  #fail(reply: Reply): void {
    this.#forget(reply)
    if (reply.sent > 0) return reply.sink.abort()
    reply.sink.send(reply.forwarded.finish.failure())
    reply.sink.end()
  }

  #drop(reply: Reply): void {
    if (this.#waiting.delete(reply) || !this.#replies.has(reply.id)) return
    this.#port.postMessage({ kind: 'drop', id: reply.id })
    this.#forget(reply)
  }

  #forget(reply: Reply): void {
    clearTimeout(reply.step)
    clearTimeout(reply.total)
    this.#replies.delete(reply.id)
    const left = (this.#perClient.get(reply.client) ?? 1) - 1
    if (left === 0) this.#perClient.delete(reply.client)
    else this.#perClient.set(reply.client, left)
    for (const next of this.#waiting) {
      if (!this.#mayBegin(next)) continue
      this.#waiting.delete(next)
      this.#begin(next)
      return
    }
  }
}
