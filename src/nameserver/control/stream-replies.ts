import type { Duplex } from 'node:stream'
import { Client } from '../client.ts'
import type { Observer } from '../observe/observer.ts'
import type { ReplyEvents, ReplyPath, ReplySink } from './reply-path.ts'

export interface StreamRepliesOptions {
  readonly stream: Duplex
  readonly client: Client
  readonly observer: Observer
  /** Called when a message has left: the connection is in use. */
  readonly touched: () => void
  /** Called when the last reply has come to its end. */
  readonly settled: () => void
}

/** Replies that come later on one connection, several at a time if need be, whole messages in between each other. */
export class StreamReplies implements ReplyPath {
  readonly #options: StreamRepliesOptions
  readonly #open = new Set<ReplyEvents>()
  readonly #held = new Set<ReplyEvents>()

  constructor(options: StreamRepliesOptions) {
    this.#options = options
  }

  /** Replies that are not complete. */
  get size(): number {
    return this.#open.size
  }

  open(request: Uint8Array, events: ReplyEvents): ReplySink {
    const { stream, touched } = this.#options
    this.#open.add(events)
    const count = firstOnly(this.#options, request)
    return {
      send: (message) => {
        if (stream.destroyed || stream.writableEnded) return false // closed() follows
        count(message)
        const framed = Buffer.allocUnsafe(2 + message.length)
        framed.writeUInt16BE(message.length)
        framed.set(message, 2)
        if (stream.write(framed)) {
          touched()
          return true
        }
        this.#held.add(events)
        return false
      },
      end: () => this.#forget(events),
      abort: () => {
        this.#forget(events)
        stream.destroy()
      },
    }
  }

  /** The peer has read what it was sent. */
  drained(): void {
    const held = [...this.#held]
    this.#held.clear()
    if (held.length > 0) this.#options.touched()
    for (const events of held) events.drained()
  }

  /** The connection is gone. */
  closed(): void {
    const open = [...this.#open]
    this.#open.clear()
    this.#held.clear()
    for (const events of open) events.closed()
  }

  #forget(events: ReplyEvents): void {
    this.#held.delete(events)
    if (this.#open.delete(events) && this.#open.size === 0) this.#options.settled()
  }
}

/** Counts the first message as the answer to the request; of both, copies are kept until then. */
export function firstOnly(
  { client, observer }: { readonly client: Client; readonly observer: Observer },
  request: Uint8Array,
): (response: Uint8Array) => void {
  const query = new Uint8Array(request)
  const asker = new Client(Date.now).setOctets(client.octets, 0, client.length)
  asker.port = client.port
  asker.local = client.local
  asker.zone = client.zone
  asker.askedMs = client.askedMs
  let counted = false
  return (response) => {
    if (!counted) observer.answered(asker, query, query.length, response, response.length)
    counted = true
  }
}
