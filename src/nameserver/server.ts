import { networkInterfaces } from 'node:os'
import type { DomainName } from '../dns/names.ts'
import type { TsigKey } from '../dns/tsig/keys.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { RequestOptions } from './control/worker-requests.ts'
import { cellsOf, createCounters, sumCounters, zoneTable, type CounterName } from './counters.ts'
import { expandListen } from './listen.ts'
import type { SigningZone } from './dnssec/signing-key.ts'
import { NO_RATE_LIMITS, type RateLimits } from './rate-limit/rate-limits.ts'
import { CountedZoneWriter } from './observe/zones/counted-zone-writer.ts'
import { ObserveFiles } from './observe/observe-files.ts'
import type { ObserveSettings } from './observe/settings.ts'
import { sumZones, type ZoneCounts } from './observe/zones/zone-counts.ts'
import { ZoneSlots } from './observe/zones/zone-slots.ts'
import { DEFAULT_TCP_LIMITS, TLS_CONNECTIONS } from './tcp.ts'
import { CredentialKeeper } from './tls/credential-keeper.ts'
import type { CertificatePair } from './tls/credentials.ts'
import type { Identity, ListenAddress, SecureListen, TcpLimits, UdpIo, ZoneWriter } from './types.ts'
import { WorkerPool } from './worker-pool.ts'
import { createZoneMemory } from './zone-store/zone-memory.ts'

export interface NameserverOptions {
  /** Port 0 = one that is free for UDP and TCP. A wildcard host stands for every address of the machine. */
  readonly listen: readonly ListenAddress[]
  /** Threads that answer, at least one; never the thread that calls. */
  readonly workers: number
  /** `batch` is `dgram`, with a warning, where the machine cannot do it. */
  readonly io: UdpIo
  /** Room for names: about 130 octets each. Reserved only, not taken. */
  readonly reservedBytes: number
  /** Two random words. */
  readonly seed: Uint32Array
  /**
   * From the first packet on every name is SERVFAIL, until the writer says that ROOT is `gone`: for a caller that does
   * not know its zones yet.
   */
  readonly loading?: boolean
  /** What differs from DEFAULT_TCP_LIMITS, for each worker and transport. Networks exempt from limits of rate have no share either. */
  readonly tcpLimits?: Partial<TcpLimits>
  /** Without: nothing is told, and no cookies are made. */
  readonly identity?: Identity
  /** Without: nothing is encrypted. Wildcards are bound as they are. */
  readonly secure?: SecureListen & { readonly certificate: CertificatePair }
  /** Without: none. */
  readonly rateLimits?: RateLimits
  /** Without: no signature is known, transfers are refused, NOTIFY and UPDATE not implemented. */
  readonly requests?: RequestOptions
  /** Without: nothing is told of single queries. */
  readonly observe?: ObserveSettings
  readonly logger: Logger
}

export interface Nameserver {
  /** What is listened on, ports resolved. */
  readonly listening: readonly ListenAddress[]
  /** The same of DNS over TLS and over HTTPS. */
  readonly listeningSecure: SecureListen
  readonly writer: ZoneWriter
  /** From now on these zones are signed, with these keys, and no others. */
  setSigning(zones: readonly SigningZone[]): void
  /** From now on these sign requests and their replies, and no others; a reply that has begun goes on with its own. */
  setTsigKeys(keys: readonly TsigKey[]): void
  /** From now on this is shown to clients of TLS; connections go on. @param certificate - without a credentialProblem() */
  setCertificate(certificate: CertificatePair): void
  /** From now on clients are asked to close their connections; all that they ask is answered. */
  leave(): void
  /** Since the start, all workers together. */
  counters(): Readonly<Record<CounterName, number>>
  /** The same by zone, transport and address family. */
  zoneCounts(): readonly ZoneCounts[]
  /**
   * Begin new files for what is told of single queries: the old ones have been moved away.
   * @throws AppError DNSTAP_UNWRITABLE; the old file goes on
   */
  reopenFiles(): Promise<void>
  /**
   * Nothing new is let in, what has been asked is answered; resolves when every socket is closed and every worker gone, in
   * about a second if clients do not read or do not go.
   */
  close(): Promise<void>
}

export const DEFAULT_RESERVED_BYTES = 2 ** 30
/** The zone that holds every name. */
export const ROOT = '.' as DomainName // as its parser would give it

/**
 * Start to answer: an empty store, whose names are all REFUSED (SERVFAIL while `loading`) until the writer declares zones.
 * @throws AppError `DNS_PORT_IN_USE`, `DNS_BIND_DENIED`, `DNS_ADDRESS_UNAVAILABLE` or `DNS_BIND_FAILED`, with host and port;
 *   `QUERY_LOG_UNWRITABLE` or `DNSTAP_UNWRITABLE` with the file
 */
export async function startNameserver(options: NameserverOptions): Promise<Nameserver> {
  const workers = Math.max(1, Math.trunc(options.workers))
  const zone = createZoneMemory(options)
  const counters = createCounters(workers)
  const files = new ObserveFiles(options.observe ?? {})
  const zoneSlots = new ZoneSlots(zoneTable(counters), zone)
  const writer = new CountedZoneWriter(zone, zoneSlots)
  if (options.loading === true) writer.setState(ROOT, 'loading')
  const { secure, rateLimits = NO_RATE_LIMITS } = options
  const tcpLimits = { ...DEFAULT_TCP_LIMITS, exempt: rateLimits.exempt, ...options.tcpLimits }
  const keeper = secure && new CredentialKeeper(secure.certificate, (credentials) => pool.renew(credentials))
  const pool = new WorkerPool({
    zone,
    counters,
    workers,
    io: options.io,
    tcpLimits,
    identity: options.identity ?? { cookieSecrets: [] },
    rateLimits,
    ...(secure === undefined || keeper === undefined
      ? {}
      : {
          secure: {
            ...{ tls: secure.tls, https: secure.https, credentials: keeper.credentials },
            tlsLimits: { ...tcpLimits, connections: TLS_CONNECTIONS, ...options.tcpLimits },
          },
        }),
    ...(options.requests === undefined ? {} : { requests: options.requests }),
    ...(options.observe === undefined ? {} : { observe: options.observe }),
    logger: options.logger.child({ component: 'nameserver' }),
  })
  const listening = await pool.start(expandListen(options.listen, networkInterfaces())).catch((error) => {
    keeper?.close()
    files.close()
    throw error
  })
  return {
    listening,
    listeningSecure: pool.secure,
    writer,
    setSigning: (zones) => pool.setSigning(zones),
    setTsigKeys: (keys) => pool.setTsigKeys(keys),
    setCertificate: (certificate) => keeper?.replace(certificate),
    leave: () => pool.leave(),
    counters: () => sumCounters(counters),
    zoneCounts: () => sumZones(cellsOf(counters), zoneSlots.slots),
    reopenFiles: () => files.reopen(() => pool.reopen()),
    async close() {
      keeper?.close()
      await pool.close()
      files.close()
    },
  }
}
