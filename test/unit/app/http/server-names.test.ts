import { expect, it } from 'vitest'
import { serverName, type Listening } from '../../../../src/app/http/server-names.ts'

const at = (...hosts: readonly string[]) => hosts.map((host) => ({ host, port: 53 }))

it.each<{ name: string; proto: 'udp' | 'tcp' | 'dot' | 'doh'; listening: Listening; want: string }>([
  {
    name: 'UDP at one address',
    proto: 'udp',
    listening: { dns: at('127.0.0.1') },
    want: 'dns://127.0.0.1:53',
  },
  {
    name: 'TCP there is the same server',
    proto: 'tcp',
    listening: { dns: at('127.0.0.1') },
    want: 'dns://127.0.0.1:53',
  },
  { name: 'an IPv6 address', proto: 'udp', listening: { dns: at('::1') }, want: 'dns://[::1]:53' },
  { name: 'several addresses', proto: 'udp', listening: { dns: at('127.0.0.1', '::1') }, want: 'dns://:53' },
  { name: 'TLS', proto: 'dot', listening: { tls: [{ host: '::1', port: 853 }] }, want: 'tls://[::1]:853' },
  {
    name: 'HTTPS',
    proto: 'doh',
    listening: { https: [{ host: '::1', port: 443 }] },
    want: 'https://[::1]:443',
  },
  { name: 'what is not listened on', proto: 'doh', listening: {}, want: 'https://' },
])('$name: $want', ({ proto, listening, want }) => {
  expect(serverName(proto, listening)).toBe(want)
})
