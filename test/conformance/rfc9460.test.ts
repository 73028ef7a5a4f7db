import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { readZoneFile } from '../../src/dns/zone-file/read-zone-file.ts'
import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns.fed.test. host.fed.test. 1 60 15 1209600 15'

conformanceOf(
  'RFC 9460',
  {
    origins: ['fed.test', 'any.test'],
    lines: [
      `fed.test. 60 SOA ${SOA}`,
      `any.test. 60 SOA ${SOA}`,
      'www.fed.test. 30 A 192.0.2.1',
      'service.fed.test. 60 HTTPS 1 www.fed.test. alpn="h2,h3"',
      'alias.fed.test. 60 HTTPS 0 www.fed.test.',
      'own.fed.test. 60 HTTPS 1 . alpn="h2"',
      'own.fed.test. 60 HTTPS 2 www.fed.test.',
      'own.fed.test. 30 A 192.0.2.2',
      'to-own.fed.test. 60 CNAME own.fed.test.',
      'none.fed.test. 60 HTTPS 0 .',
      'none.fed.test. 30 A 192.0.2.3',
      '*.any.test. 60 HTTPS 1 .',
      '*.any.test. 30 A 192.0.2.4',
    ],
  },
  [
    {
      name: '4.1: addresses of the target are sent along',
      in: 'service.fed.test HTTPS',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'service.fed.test. HTTPS',
        answer: ['service.fed.test. 60 HTTPS 1 www.fed.test. alpn="h2,h3"'],
        additional: ['www.fed.test. 30 A 192.0.2.1'],
      },
    },
    {
      name: '4.1: those of an alias too',
      in: 'alias.fed.test HTTPS',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'alias.fed.test. HTTPS',
        answer: ['alias.fed.test. 60 HTTPS 0 www.fed.test.'],
        additional: ['www.fed.test. 30 A 192.0.2.1'],
      },
    },
    {
      name: '2.5.2: the target . of a service is its own name',
      in: 'OWN.fed.test HTTPS',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'OWN.fed.test. HTTPS',
        answer: ['OWN.fed.test. 60 HTTPS 1 . alpn="h2"', 'OWN.fed.test. 60 HTTPS 2 www.fed.test.'],
        additional: ['OWN.fed.test. 30 A 192.0.2.2', 'www.fed.test. 30 A 192.0.2.1'],
      },
    },
    {
      name: '2.5.2: which is the last one of a chain of aliases',
      in: 'to-own.fed.test HTTPS',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'to-own.fed.test. HTTPS',
        answer: [
          'to-own.fed.test. 60 CNAME own.fed.test.',
          'own.fed.test. 60 HTTPS 1 . alpn="h2"',
          'own.fed.test. 60 HTTPS 2 www.fed.test.',
        ],
        additional: ['own.fed.test. 30 A 192.0.2.2', 'www.fed.test. 30 A 192.0.2.1'],
      },
    },
    {
      name: '2.5.2: or the one that was asked for, where a wildcard answers',
      in: 'a.any.test HTTPS',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'a.any.test. HTTPS',
        answer: ['a.any.test. 60 HTTPS 1 .'],
        additional: ['a.any.test. 30 A 192.0.2.4'],
      },
    },
    {
      name: '2.5.1: the target . of an alias is none',
      in: 'none.fed.test HTTPS',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'none.fed.test. HTTPS',
        answer: ['none.fed.test. 60 HTTPS 0 .'],
      },
    },
  ],
)

describe('RFC 9460, in master files', () => {
  const kindOf = (rdata: string): string =>
    readZoneFile(
      `@ 60 SOA ns host 1 60 15 9 15\n@ 60 NS ns\nns 60 A 192.0.2.1\nx 60 ${rdata}\n`,
      parseDomainName('fed.test'),
    ).kind

  it.each([
    { name: '2.1: keys in any order, each once', rdata: 'HTTPS 1 . port=443 alpn=h2', want: 'zone' },
    { name: '2.1: a key twice', rdata: 'HTTPS 1 . port=443 port=444', want: 'broken' },
    { name: '2.1: a key by number', rdata: 'SVCB 1 ns key65000="any"', want: 'zone' },
    { name: '2.1: a port that is none', rdata: 'HTTPS 1 . port=65536', want: 'broken' },
    { name: '7.3: hints that are no addresses', rdata: 'HTTPS 1 . ipv4hint=fed.test', want: 'broken' },
    { name: '7.1: no-default-alpn without alpn', rdata: 'HTTPS 1 . no-default-alpn', want: 'broken' },
    { name: '8: mandatory keys that are not there', rdata: 'HTTPS 1 . mandatory=alpn', want: 'broken' },
    { name: '8: mandatory keys that are', rdata: 'HTTPS 1 . mandatory=alpn alpn=h2', want: 'zone' },
  ])('$name: $want', ({ rdata, want }) => {
    expect(kindOf(rdata)).toBe(want)
  })
})
