import { isIPv6 } from 'node:net'
import type { Proto } from '../../nameserver/observe/cells.ts'
import type { ListenAddress } from '../../nameserver/types.ts'

/** What is listened on, by the schemes of CoreDNS: `dns` is UDP and TCP, `tls` DNS over TLS, `https` DNS over HTTPS. */
export type Listening = Readonly<Partial<Record<Scheme, readonly ListenAddress[]>>>

type Scheme = 'dns' | 'tls' | 'https'
const SCHEMES: Readonly<Record<Proto, Scheme>> = { udp: 'dns', tcp: 'dns', dot: 'tls', doh: 'https' }

/** The label `server` as CoreDNS writes it, `dns://127.0.0.1:53`; without a host where there are several addresses: `dns://:53`. */
export function serverName(proto: Proto, listening: Listening): string {
  const scheme = SCHEMES[proto]
  const addresses = listening[scheme] ?? []
  const [first] = addresses
  if (first === undefined) return `${scheme}://`
  const host = addresses.length > 1 ? '' : isIPv6(first.host) ? `[${first.host}]` : first.host
  return `${scheme}://${host}:${first.port}`
}
