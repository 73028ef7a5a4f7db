import type { ZoneSigner } from '../dnssec/signer.ts'
import type { ServerCookies } from './cookies.ts'
import type { Requester } from './requester.ts'

/** How a query came: what it may be answered with depends on it. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'https'

/** What a server says of itself, and what it asks for; complete. */
export interface AnswerSettings {
  /** NSID (RFC 5001), and `id.server` and `hostname.bind` in class CH (RFC 4892): which server of several this is. */
  readonly serverId?: string
  /** `version.server` and `version.bind` in class CH. */
  readonly version?: string
  /** Makes and checks server cookies (RFC 7873); none: the option is ignored. */
  readonly cookies?: ServerCookies
  /** Over TCP and TLS: after how long an idle connection is closed (RFC 7828). */
  readonly tcpIdleMs?: number
  /** Signs the answers of zones whose keys it has; none: no zone is signed. */
  readonly signer?: ZoneSigner
}

/** All that an answer depends on besides the query and the zones. */
export interface AnswerContext {
  readonly transport: Transport
  readonly requester: Requester
  readonly settings: AnswerSettings
  /** How much shorter than allowed the response has to be, for what is added to it: a signature (RFC 8945, 5.3). */
  readonly reservedBytes?: number
  /** Where to write down what the response does not show. */
  readonly notes?: AnswerNotes
}

/** What is known of a response besides its octets. */
export interface AnswerNotes {
  /** Octets of the suffix of the name asked for that a wildcard or DNAME answers for in one; 0: none did. */
  madeFromBytes: number
}

/** Streams have room for any message, and their clients' addresses are not forged. */
export function isStream(transport: Transport): boolean {
  return transport !== 'udp'
}

/** What is said there is seen by nobody else (RFC 7830, 6: nothing is padded elsewhere). */
export function isEncrypted(transport: Transport): boolean {
  return transport === 'tls' || transport === 'https'
}
