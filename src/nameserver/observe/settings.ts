import type { DnstapIdentity } from './dnstap/dnstap-frames.ts'
import type { SocketTarget } from './dnstap/socket-output.ts'

/** What is told of single queries, and to whom; plain data, for workers. Absent: nothing. */
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
