import { conformance, DENIAL } from '../support/dns-conformance.ts'

conformance('RFC 8482', [
  {
    name: '4.1: ANY is answered with one RRset, whole',
    in: 'www.fed.test ANY',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'www.fed.test. ANY',
      answer: ['www.fed.test. 30 A 192.0.2.1', 'www.fed.test. 30 A 192.0.2.2'],
    },
  },
  {
    name: '4.1: where there is an alias it is the alias, not chased',
    in: 'zone.fed.test ANY',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'zone.fed.test. ANY',
      answer: ['zone.fed.test. 30 CNAME region.fed.test.'],
    },
  },
  {
    name: '4.1: a name without data has none for ANY either',
    in: 'svc.eu.fed.test ANY',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'svc.eu.fed.test. ANY', authority: [DENIAL] },
  },
  {
    name: '4: a name that is not there is denied',
    in: 'nope.fed.test ANY',
    want: { rcode: 'NXDOMAIN', flags: 'qr aa', question: 'nope.fed.test. ANY', authority: [DENIAL] },
  },
])
