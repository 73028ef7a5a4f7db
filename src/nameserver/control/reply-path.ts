/**
 * Where a reply goes that comes later, message by message: of a connection, or of the datagram that was received last. Transports
 * that have one leave it with their Client; without, whatever takes its time is refused.
 */
export interface ReplyPath {
  /**
   * Begin the reply to a request.
   * @param request - as received; valid during the call only
   */
  open(request: Uint8Array, events: ReplyEvents): ReplySink
}

export interface ReplyEvents {
  /** After a send that said no: there is room again. */
  drained(): void
  /** Nobody listens any more: nothing further is to be sent. Not called after end() or abort(). */
  closed(): void
}

export interface ReplySink {
  /** @returns whether another message may follow at once. Datagrams take one message and say no. */
  send(message: Uint8Array): boolean
  /** The reply is complete. */
  end(): void
  /** The reply stays incomplete: a stream is broken off. */
  abort(): void
}
