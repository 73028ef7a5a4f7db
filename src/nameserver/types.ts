import type { Client } from './client.ts'
import type { WorkerRequests } from './control/worker-requests.ts'
import type { SigningZone } from './dnssec/signing-key.ts'
import type { ObserveSettings, TapTrouble } from './observe/settings.ts'
import type { RateLimits } from './rate-limit/rate-limits.ts'
import type { TlsCredentials } from './tls/credentials.ts'
import type { DomainName } from '../dns/names.ts'
import type { NameChange } from '../dns/records.ts'
import type { TsigKey } from '../dns/tsig/keys.ts'

/** `gone`: the zone is ours no longer, its names are REFUSED (what was published below it stays stored until withdrawn). */
export type ZoneState = 'loading' | 'serving' | 'expired' | 'gone'

/** The one writer of the shared zone store. */
export interface ZoneWriter {
  /**
   * Everything in one call becomes visible name by name, in order; SOA and NS of a zone are `records` at its origin, the
   * only kind of answer that is taken there. A zone without a SOA is not served (SERVFAIL).
   * @throws AppError `ZONE_STORE_FULL` or `ZONE_ORIGIN_NEEDS_RECORDS` (ZoneStoreError, with the names) when some could not
   *   be stored; all others were, and what these said before stays
   */
  publish(changes: readonly NameChange[]): void
  /** Declares a zone of ours, or moves its state: `loading` and `expired` answer SERVFAIL. */
  setState(origin: DomainName, state: ZoneState): void
  usage(): { readonly usedBytes: number; readonly reservedBytes: number; readonly names: number }
}

/**
 * One per DNS worker and transport. Bytes written into `out`; 0 = no answer is to be sent; LATER (-1), only where the client has
 * a reply path: it comes there. `client.proven` is set. Allocates
 * nothing on the fast path.
 */
export interface ZoneReader {
  answer(query: Uint8Array, length: number, client: Client, out: Uint8Array): number
}

export interface ListenAddress {
  /** An IPv4 or IPv6 address, never a name. */
  readonly host: string
  readonly port: number
}

/** `dgram`: sockets of Node, anywhere. `batch`: many datagrams in one system call, on Linux. */
export type UdpIo = 'dgram' | 'batch'

export interface DnsWorkerData {
  readonly zone: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  /** The worker's row in the counters. */
  readonly row: number
  readonly listen: readonly ListenAddress[]
  /** Several workers share each port (SO_REUSEPORT). */
  readonly shared: boolean
  /** The first worker to bind: it makes sure that no one else has the ports. */
  readonly first: boolean
  readonly io: UdpIo
  readonly tcpLimits: TcpLimits
  readonly identity: Identity
  /** Of each worker. */
  readonly rateLimits: RateLimits
  /** The keys of signed zones. */
  readonly signing: readonly SigningZone[]
  /** Absent: nothing is encrypted. */
  readonly secure?: SecureTransports
  /** Absent: no signature is known, and nothing goes to the main thread. */
  readonly requests?: WorkerRequests
  /** Absent: nothing is told of single queries. */
  readonly observe?: ObserveSettings
}

/** Where DNS over TLS and DNS over HTTPS are listened for. */
export interface SecureListen {
  readonly tls: readonly ListenAddress[]
  readonly https: readonly ListenAddress[]
}

/** Those, and what is shown there. */
export interface SecureTransports extends SecureListen {
  /** Of DNS over TLS; DNS over HTTPS, where a connection may hold more, has those of TCP. */
  readonly tlsLimits: TcpLimits
  readonly credentials: TlsCredentials
}

/** What a server says of itself, and what it makes cookies with. */
export interface Identity {
  /** NSID, `id.server`, `hostname.bind`: which of several servers this is; at most 255 octets. Absent: not told. */
  readonly serverId?: string
  /** `version.server`, `version.bind`. Absent: not told. */
  readonly version?: string
  /** Of 16 octets each, the first makes cookies, all are known (RFC 9018, 5). All servers of one address share them. */
  readonly cookieSecrets: readonly Uint8Array[]
}

/** Of one worker. RFC 9210, 4.5; RFC 7766, 6.2.3. */
export interface TcpLimits {
  /** From one whole message to the next; octets that do not complete one do not count (slow senders). */
  readonly idleMs: number
  /** At the limit the connection that has been idle longest makes room. */
  readonly connections: number
  readonly connectionsPerSource: number
  /** New ones in a second, of sources that are not exempt; absent: any number. */
  readonly newPerSecond?: number
  /** Networks whose sources have neither a share nor a rate: behind them are forwarders that ask for many. */
  readonly exempt?: readonly string[]
}

/** Records never cross as messages. */
export type DnsWorkerMessage =
  | { readonly kind: 'limits'; readonly limits: Readonly<Record<string, number>> }
  | { readonly kind: 'signing'; readonly zones: readonly SigningZone[] }
  | { readonly kind: 'credentials'; readonly credentials: TlsCredentials }
  | { readonly kind: 'tsig-keys'; readonly keys: readonly TsigKey[] }
  /** Open the files that queries are written to anew; answered by `reopened`. */
  | { readonly kind: 'reopen' }
  /**
   * `leave`: clients are asked to go, all else as ever. `drain`: no new connections, and those that are there are closed as
   * soon as they have what they asked for; UDP goes on. `stop`: drain, then the end.
   */
  | { readonly kind: 'leave' | 'drain' | 'stop' }

/** What a worker tells the main thread. */
export type DnsWorkerReport =
  | {
      readonly kind: 'listening'
      readonly listen: readonly ListenAddress[]
      readonly secure?: SecureListen
      /** What the kernel granted of the receive buffer that was asked for. */
      readonly receiveBufferBytes: number
      /** Why `batch` was asked for and `dgram` is used. */
      readonly batchProblem?: string
    }
  | { readonly kind: 'failed'; readonly failure: BindFailure }
  | { readonly kind: 'reopened' }
  | { readonly kind: 'trouble'; readonly trouble: TapTrouble }

/** Why a socket could not be bound; `errno` as the system names it. */
export interface BindFailure {
  readonly host: string
  readonly port: number
  readonly transport: 'udp' | 'tcp' | 'tls' | 'https'
  readonly errno: string
}
