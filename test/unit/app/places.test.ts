import { describe, expect, it } from 'vitest'
import { dnsPlaces } from '../../../src/app/places.ts'

const at = (host: string, port: number) => ({ host, port })

describe('dnsPlaces', () => {
  it.each([
    {
      name: 'DNS alone',
      in: { listening: [at('127.0.0.1', 53)], listeningSecure: { tls: [], https: [] } },
      want: 'DNS on 127.0.0.1:53',
    },
    {
      name: 'everything, IPv6 in brackets',
      in: {
        listening: [at('127.0.0.1', 53), at('::1', 53)],
        listeningSecure: { tls: [at('0.0.0.0', 853)], https: [at('::1', 443)] },
      },
      want: 'DNS on 127.0.0.1:53, [::1]:53, TLS on 0.0.0.0:853, HTTPS on https://[::1]:443/dns-query',
    },
  ])('$name', (row) => {
    expect(dnsPlaces(row.in)).toBe(row.want)
  })
})
