import { describeError } from '../../errors.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { ControlPort } from './forwarder.ts'
import type { ControlHandler, ToMain, ToWorker } from './types.ts'

/** The messages of a reply, not all taken yet. */
interface OpenReply {
  readonly messages: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  /** Nobody waits for more. */
  dropped: boolean
}

/** Work on replies, of one worker, before everything else has its turn. */
const TURN_MS = 2

/**
 * The main thread's side of one worker's control channel: gives each request to the handler, and takes the next message of a reply
 * when the worker asks for it, a few at a time, so that replies do not hold up what else there is to do.
 */
export class ControlEnd {
  readonly #port: ControlPort<ToWorker, ToMain> & { close(): void }
  readonly #handler: ControlHandler
  readonly #logger: Logger
  readonly #replies = new Map<number, OpenReply>()
  /** What workers have asked for and not got yet, in order. */
  #waiting: (() => void)[] = []

  constructor(
    port: ControlPort<ToWorker, ToMain> & { close(): void },
    handler: ControlHandler,
    logger: Logger,
  ) {
    this.#port = port
    this.#handler = handler
    this.#logger = logger
    port.on('message', (message) => this.#receive(message))
  }

  /** The worker is gone: whatever it asked for is of no use any more. */
  close(): void {
    this.#waiting = []
    for (const id of [...this.#replies.keys()]) this.#drop(id)
    this.#port.close()
  }

  #receive(message: ToMain): void {
    const { id } = message
    switch (message.kind) {
      case 'ask':
        this.#later(() => this.#begin(id, () => this.#handler.handle(message.request)))
        return
      case 'more':
        this.#later(() => {
          const reply = this.#replies.get(id)
          if (reply !== undefined) void this.#step(id, reply)
        })
        return
      case 'drop':
        this.#later(() => this.#drop(id)) // behind what it drops
    }
  }

  #later(act: () => void): void {
    this.#waiting.push(act)
    if (this.#waiting.length === 1) setImmediate(() => this.#turn())
  }

  #turn(): void {
    const untilMs = performance.now() + TURN_MS
    let done = 0
    while (done < this.#waiting.length && (done === 0 || performance.now() < untilMs)) {
      this.#waiting[done]!() // below length
      done += 1
    }
    this.#waiting = this.#waiting.slice(done)
    if (this.#waiting.length > 0) setImmediate(() => this.#turn())
  }

  #begin(id: number, handle: () => ReturnType<ControlHandler['handle']>): void {
    try {
      const reply: OpenReply = { messages: iteratorOf(handle()), dropped: false }
      this.#replies.set(id, reply)
      void this.#step(id, reply)
    } catch (error) {
      this.#fail(id, error)
    }
  }

  async #step(id: number, reply: OpenReply): Promise<void> {
    try {
      const next = reply.messages.next()
      const { done, value } = 'then' in next ? await next : next
      if (reply.dropped) return
      if (done !== true) return this.#port.postMessage({ kind: 'message', id, message: value })
      this.#replies.delete(id)
      this.#port.postMessage({ kind: 'end', id })
    } catch (error) {
      if (!reply.dropped) this.#fail(id, error)
    }
  }

  #fail(id: number, error: unknown): void {
    this.#replies.delete(id)
    this.#logger.error({ err: describeError(error) }, 'request of a server failed')
    this.#port.postMessage({ kind: 'failed', id })
  }

  #drop(id: number): void {
    const reply = this.#replies.get(id)
    if (reply === undefined) return
    this.#replies.delete(id)
    reply.dropped = true
    void giveBack(reply.messages)
  }
}

function iteratorOf(
  messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  return Symbol.asyncIterator in messages ? messages[Symbol.asyncIterator]() : messages[Symbol.iterator]()
}

/** What a handler does when it is told to stop is its own business. */
async function giveBack(messages: OpenReply['messages']): Promise<void> {
  try {
    await messages.return?.()
  } catch {
    // nobody waits for it
  }
}
