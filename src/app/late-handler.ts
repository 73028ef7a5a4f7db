import type { KindHandler } from '../nameserver/control/combine.ts'
import type { ControlRequest, PeerRule } from '../nameserver/control/types.ts'
import { RCODE } from '../dns/protocol.ts'
import { bareReply } from '../dns/wire/bare-reply.ts'

type Handle = KindHandler['handle']

/** A handler that is named when sockets are opened, and known when what it needs is there. Until then: SERVFAIL. */
export class LateHandler implements KindHandler {
  readonly rules: readonly PeerRule[]
  #handle: Handle = ({ message }) => [bareReply(message, RCODE.SERVFAIL)]

  constructor(rules: readonly PeerRule[]) {
    this.rules = rules
  }

  bind(handle: Handle): void {
    this.#handle = handle
  }

  handle(request: ControlRequest): ReturnType<Handle> {
    return this.#handle(request)
  }
}
