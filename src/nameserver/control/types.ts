import type { Transport } from '../../dns/answer/context.ts'
import type { DomainName } from '../../dns/names.ts'

/** What workers leave to the main thread: AXFR and IXFR (RFC 5936, 1995), NOTIFY (RFC 1996), UPDATE (RFC 2136). */
export type ControlKind = 'transfer' | 'notify' | 'update'

/** Who may ask: all that is given must hold. Plain data, since workers hold requests against it. */
export interface PeerRule {
  /** `address/bits`, or an address alone. Absent: from anywhere. */
  readonly prefix?: string
  /** The key that the request has to be signed with. Absent: with any, or none. */
  readonly key?: DomainName
}

/** Who may ask what. A kind that is absent is not known here, and answered as if nobody had ever heard of it. */
export type ControlRules = { readonly [K in ControlKind]?: readonly PeerRule[] }

/** A request that may be made: address and signature have been checked against the rules. */
export interface ControlRequest {
  readonly kind: ControlKind
  /** Without TSIG record. It has a header, is no response, and need be well formed in nothing else. */
  readonly message: Uint8Array
  readonly transport: Transport
  /** 4 or 16 octets in network order. */
  readonly address: Uint8Array
  /** Who signed it. */
  readonly key?: DomainName
  /** Octets that each message of the reply grows by when it is signed: they have to fit too. */
  readonly reservedBytes: number
}

/** The main thread's side. */
export interface ControlHandler {
  readonly rules: ControlRules
  /**
   * The messages of the reply, in order, each taken when there is room for it; one is all that fits into UDP. None: no
   * response. `return()` is called when nobody waits for the rest. An error before the first message is SERVFAIL, one after
   * it breaks the connection, so that a part is never taken for the whole.
   */
  handle(request: ControlRequest): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** From a worker to the main thread. `id` is the worker's own number of a request. */
export type ToMain =
  | { readonly kind: 'ask'; readonly id: number; readonly request: ControlRequest }
  | { readonly kind: 'more' | 'drop'; readonly id: number }

/** Back. `failed`: there was more to say. */
export type ToWorker =
  | { readonly kind: 'message'; readonly id: number; readonly message: Uint8Array }
  | { readonly kind: 'end' | 'failed'; readonly id: number }
