import { conformance, DENIAL, SOA_RDATA } from '../support/dns-conformance.ts'

conformance('RFC 2308', [
  {
    name: '2.1: a name that is not there is NXDOMAIN, with the SOA',
    in: 'nope.fed.test A',
    want: { rcode: 'NXDOMAIN', flags: 'qr aa', question: 'nope.fed.test. A', authority: [DENIAL] },
  },
  {
    name: '2.1: an alias to a name that is not there is NXDOMAIN, after the alias',
    in: 'dangling.fed.test A',
    want: {
      rcode: 'NXDOMAIN',
      flags: 'qr aa',
      question: 'dangling.fed.test. A',
      answer: ['dangling.fed.test. 30 CNAME nothing.fed.test.'],
      authority: [DENIAL],
    },
  },
  {
    name: '2.2: a type that is not there is NOERROR without an answer, with the SOA',
    in: 'www.fed.test TYPE666',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'www.fed.test. TYPE666', authority: [DENIAL] },
  },
  {
    name: '2.2: an alias to a name without the type is no data, after the alias',
    in: 'to-ent.fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'to-ent.fed.test. A',
      answer: ['to-ent.fed.test. 30 CNAME svc.eu.fed.test.'],
      authority: [DENIAL],
    },
  },
  {
    name: '3, 5: the SOA of a denial has the smaller of its TTL and its MINIMUM: here the MINIMUM',
    in: 'fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'fed.test. A',
      authority: [`fed.test. 15 SOA ${SOA_RDATA}`],
    },
  },
  {
    name: '3, 5: and here the TTL',
    in: 'other.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'other.test. A',
      authority: ['other.test. 5 SOA ns1.fed.test. hostmaster.fed.test. 7 60 15 1209600 15'],
    },
  },
  {
    name: '7.1 (RFC 8906, 7): a zone that is not loaded is a server failure, never a denial',
    in: 'www.loading.test A',
    want: { rcode: 'SERVFAIL', flags: 'qr', question: 'www.loading.test. A' },
  },
])
