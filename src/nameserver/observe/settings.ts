/**
 * What is told of single queries, and to whom. Plain data without imports: it goes to workers, and comes back from them.
 */

/** Absent: nothing. */
export interface ObserveSettings {
  readonly queryLog?: QueryLogSettings
  readonly dnstap?: DnstapSettings
}

export interface QueryLogSettings {
  /** A file to append to, or the descriptor of the standard output (1) or error (2) stream. */
  readonly target: string | 1 | 2
  /** One query in so many is logged. */
  readonly oneIn: number
}

export interface DnstapSettings extends DnstapIdentity {
  readonly target: SocketTarget | { readonly kind: 'file'; readonly path: string }
}

/** Where a receiver of Frame Streams listens. */
export type SocketTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** Octets of identity and version: an NSID is not longer. */
export const MAX_TEXT_BYTES = 255

/** What a server says of itself in each frame, at most MAX_TEXT_BYTES each; absent: nothing. */
export interface DnstapIdentity {
  readonly identity?: string
  readonly version?: string
}

/** An output that stopped working, with the reason, or works again. */
export interface TapTrouble {
  readonly tap: 'query log' | 'dnstap'
  readonly reason?: string
}
