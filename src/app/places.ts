import { isIPv6 } from 'node:net'
import type { Nameserver } from '../nameserver/server.ts'
import type { ListenAddress } from '../nameserver/types.ts'

/** Where a DNS server can be asked, for the line `ready`: `DNS on HOST:PORT, TLS on …, HTTPS on https://…/dns-query`. */
export function dnsPlaces({
  listening,
  listeningSecure: { tls, https },
}: Pick<Nameserver, 'listening' | 'listeningSecure'>): string {
  const kinds = [
    ['DNS', listening.map(hostAndPort)],
    ['TLS', tls.map(hostAndPort)],
    ['HTTPS', https.map((address) => `https://${hostAndPort(address)}/dns-query`)],
  ] as const
  return kinds
    .filter(([, places]) => places.length > 0)
    .map(([kind, places]) => `${kind} on ${places.join(', ')}`)
    .join(', ')
}

/** IPv6 in brackets (RFC 3986, 3.2.2). */
function hostAndPort({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}
