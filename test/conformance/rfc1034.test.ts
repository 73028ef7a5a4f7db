import { conformance, DENIAL } from '../support/dns-conformance.ts'

const WWW = ['www.fed.test. 30 A 192.0.2.1', 'www.fed.test. 30 A 192.0.2.2']

conformance('RFC 1034', [
  {
    name: '4.3.2 step 3a: an exact match gives all records of the type, and no more',
    in: 'www.fed.test A',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'www.fed.test. A', answer: WWW },
  },
  {
    name: '4.3.2 step 3a: an alias goes into the answer and the search goes on at its target',
    in: 'zone.fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'zone.fed.test. A',
      answer: ['zone.fed.test. 30 CNAME region.fed.test.', 'region.fed.test. 30 CNAME www.fed.test.', ...WWW],
    },
  },
  {
    name: '3.6.2: a question for CNAME is not chased',
    in: 'zone.fed.test CNAME',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'zone.fed.test. CNAME',
      answer: ['zone.fed.test. 30 CNAME region.fed.test.'],
    },
  },
  {
    name: '3.6.2: aliases lead from one zone of ours into another',
    in: 'across.fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'across.fed.test. A',
      answer: ['across.fed.test. 30 CNAME www.other.test.', 'www.other.test. 30 A 192.0.2.4'],
    },
  },
  {
    name: '3.6.2: a target outside our zones is left to the resolver',
    in: 'away.fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'away.fed.test. A',
      answer: ['away.fed.test. 30 CNAME www.elsewhere.example.'],
    },
  },
  {
    name: '3.6.2: a loop of aliases ends, each link given once',
    in: 'loop1.fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'loop1.fed.test. A',
      answer: ['loop1.fed.test. 30 CNAME loop2.fed.test.', 'loop2.fed.test. 30 CNAME loop1.fed.test.'],
    },
  },
  {
    name: '4.3.2 step 2: no zone of ours, no referral to the root either: REFUSED',
    in: 'www.elsewhere.example A',
    want: { rcode: 'REFUSED', flags: 'qr', question: 'www.elsewhere.example. A' },
  },
  {
    name: '4.3.2: the probe of forwarders, `. IN NS` with RD, is refused, never dropped',
    in: { ask: '. NS', flags: 0x0100 },
    want: { rcode: 'REFUSED', flags: 'qr rd', question: '. NS' },
  },
  {
    name: '4.3.1: recursion is not offered, and asking for it changes nothing',
    in: { ask: 'www.fed.test A', flags: 0x0100 },
    want: { rcode: 'NOERROR', flags: 'qr aa rd', question: 'www.fed.test. A', answer: WWW },
  },
  {
    name: '4.2.1: name servers come with their addresses',
    in: 'fed.test NS',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'fed.test. NS',
      answer: ['fed.test. 3600 NS ns1.fed.test.', 'fed.test. 3600 NS ns2.fed.test.'],
      additional: [
        'ns1.fed.test. 3600 A 192.0.2.53',
        'ns1.fed.test. 3600 AAAA 2001:db8::53',
        'ns2.fed.test. 3600 A 192.0.2.54',
      ],
    },
  },
  {
    name: '4.3.4: a denial carries the SOA of the zone, not of another one that the name resembles',
    in: 'xfed.other.test A',
    want: {
      rcode: 'NXDOMAIN',
      flags: 'qr aa',
      question: 'xfed.other.test. A',
      authority: ['other.test. 5 SOA ns1.fed.test. hostmaster.fed.test. 7 60 15 1209600 15'],
    },
  },
  {
    name: '4.3.2: a name without the type is answered with no data',
    in: 'ns2.fed.test AAAA',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'ns2.fed.test. AAAA', authority: [DENIAL] },
  },
])
