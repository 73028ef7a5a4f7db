import { Client } from '../client.ts'
import type { Observer } from '../observe/observer.ts'
import type { ReplyEvents, ReplyPath, ReplySink } from './reply-path.ts'
import { firstOnly } from './stream-replies.ts'

export interface DatagramRepliesOptions {
  readonly client: Client
  readonly observer: Observer
  /** Send one datagram to the sender of the one received last; called in its turn, used later. */
  readonly sender: () => (response: Uint8Array) => void
}

/** Replies that come later to datagrams: one message each. */
export class DatagramReplies implements ReplyPath {
  readonly #options: DatagramRepliesOptions

  constructor(options: DatagramRepliesOptions) {
    this.#options = options
  }

  open(request: Uint8Array, _events: ReplyEvents): ReplySink {
    const send = this.#options.sender()
    const count = firstOnly(this.#options, request)
    return {
      send: (message) => {
        count(message)
        send(message)
        return false
      },
      end: () => {},
      abort: () => {},
    }
  }
}
