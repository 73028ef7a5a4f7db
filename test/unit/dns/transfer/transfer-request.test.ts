import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { readTransferRequest } from '../../../../src/dns/transfer/transfer-request.ts'
import { ixfrQuery } from '../../../support/transfer-requests.ts'
import { queryBytes } from '../../../support/dns-query.ts'

const zone = parseDomainName('example.com')

describe('readTransferRequest', () => {
  it.each<{ name: string; in: Uint8Array; over?: 'stream' | 'datagram'; want: object }>([
    {
      name: 'AXFR',
      in: queryBytes({ ask: 'EXAMPLE.com AXFR' }),
      want: { kind: 'request', request: { zone, id: 0x1234 } },
    },
    {
      name: 'IXFR',
      in: ixfrQuery('example.com', 42),
      want: { kind: 'request', request: { zone, since: 42 } },
    },
    {
      name: 'IXFR over a datagram',
      in: ixfrQuery('example.com', 2 ** 32 - 1),
      over: 'datagram',
      want: { kind: 'request', request: { zone, since: 2 ** 32 - 1 } },
    },
    {
      name: 'AXFR over a datagram: FORMERR',
      in: queryBytes({ ask: 'example.com AXFR' }),
      over: 'datagram',
      want: { kind: 'refused', rcode: 1 },
    },
    {
      name: 'IXFR without a serial: FORMERR',
      in: queryBytes({ ask: 'example.com IXFR' }),
      want: { kind: 'refused', rcode: 1 },
    },
    {
      name: 'IXFR with the SOA of another zone: FORMERR',
      in: ixfrQuery('example.com', 42, { owner: 'example.net' }),
      want: { kind: 'refused', rcode: 1 },
    },
    {
      name: 'IXFR with a SOA that is cut: FORMERR',
      in: ixfrQuery('example.com', 42).subarray(0, -1),
      want: { kind: 'refused', rcode: 1 },
    },
    {
      name: 'another class: REFUSED',
      in: queryBytes({ ask: 'example.com AXFR', class: 3 }),
      want: { kind: 'refused', rcode: 5 },
    },
    {
      name: 'a later EDNS: BADVERS',
      in: queryBytes({ ask: 'example.com AXFR', edns: { version: 1 } }),
      want: { kind: 'refused', rcode: 16 },
    },
    {
      name: 'another type: FORMERR',
      in: queryBytes({ ask: 'example.com A' }),
      want: { kind: 'refused', rcode: 1 },
    },
  ])('$name', ({ in: message, over = 'stream', want }) => {
    expect(readTransferRequest(message, over)).toMatchObject(want)
  })

  it('reads any octets without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 120 }), (octets) => {
        expect(['request', 'refused']).toContain(readTransferRequest(octets, 'stream').kind)
      }),
    )
  })
})
