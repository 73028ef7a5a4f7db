import type { CounterName } from '../../nameserver/counters.ts'
import { RCODES } from '../../nameserver/observe/cells.ts'

const TRANSPORTS = { udp: 'UDP', tcp: 'TCP', dot: 'TLS', doh: 'HTTPS' } as const

/** What each counter of the DNS server counts, a sentence each. */
export const COUNTER_HELP: Readonly<Record<CounterName, string>> = {
  ...(fromNames(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[], (proto) => [
    `queries_${proto}`,
    `Messages that came over ${TRANSPORTS[proto]}, whatever became of them.`,
  ]) as Readonly<Record<`queries_${keyof typeof TRANSPORTS}`, string>>), // one for each name
  ...(fromNames(RCODES, (rcode) => [
    `responses_${rcode.toLowerCase()}`,
    rcode === 'other' ? 'Responses with any other code.' : `Responses with code ${rcode}.`,
  ]) as Readonly<Record<`responses_${Lowercase<(typeof RCODES)[number]>}`, string>>), // one for each name
  truncated: 'Responses with TC: they did not fit, and are to be asked for again over TCP.',
  dropped:
    'Messages that got no response: responses themselves, less than a header, rate limited, nowhere to send to.',
  malformed: 'Messages that are none: less than a header, or answered by FORMERR.',
  send_queued: 'Responses over UDP that had to wait for the kernel.',
  tcp_connections: 'TCP connections that clients opened.',
  tcp_refused: 'TCP connections that were closed because there were too many, of one client or of all.',
  tcp_timeouts: 'TCP connections that were closed because they were idle.',
  rate_dropped: 'Responses over UDP that the rate limit held back.',
  rate_truncated: 'Responses over UDP that the rate limit sent truncated.',
  query_log_dropped:
    'Queries that the query log left out: its queue was full, or its file could not be written.',
  dnstap_frames: 'Frames of dnstap that were written.',
  dnstap_dropped: 'Queries that dnstap left out: its queue was full, or the receiver was away.',
  tls_connections: 'Connections for DNS over TLS that clients opened.',
  tls_refused: 'Connections for DNS over TLS that were closed because there were too many.',
  tls_timeouts: 'Connections for DNS over TLS that were closed because they were idle.',
  tls_handshake_failures: 'Connections for DNS over TLS whose handshake failed.',
  https_connections: 'Connections for DNS over HTTPS that clients opened.',
  https_refused: 'Connections for DNS over HTTPS that were closed because there were too many.',
  https_timeouts: 'Connections for DNS over HTTPS that were closed because they were idle.',
  https_handshake_failures: 'Connections for DNS over HTTPS whose handshake failed.',
  https_bad_requests: 'Requests for DNS over HTTPS that are none, by method, path, type or size.',
  signatures_made: 'Signatures made for answers of signed zones; those at hand are not counted.',
  signatures_refused: 'Signatures that were not made: there were too many in that second.',
}

function fromNames<T>(
  names: readonly T[],
  entry: (name: T) => readonly [string, string],
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map(entry))
}
