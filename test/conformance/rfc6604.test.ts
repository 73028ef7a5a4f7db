import { conformance, DENIAL } from '../support/dns-conformance.ts'

conformance('RFC 6604', [
  {
    name: '3: the response code is about the last name of the chain',
    in: 'dangling.fed.test AAAA',
    want: {
      rcode: 'NXDOMAIN',
      flags: 'qr aa',
      question: 'dangling.fed.test. AAAA',
      answer: ['dangling.fed.test. 30 CNAME nothing.fed.test.'],
      authority: [DENIAL],
    },
  },
  {
    name: '3: a chain that leaves our zones is not an error',
    in: 'away.fed.test AAAA',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'away.fed.test. AAAA',
      answer: ['away.fed.test. 30 CNAME www.elsewhere.example.'],
    },
  },
  {
    name: '2.1: AA is about the first name of the answer',
    in: 'across.fed.test AAAA',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'across.fed.test. AAAA',
      answer: ['across.fed.test. 30 CNAME www.other.test.'],
      authority: ['other.test. 5 SOA ns1.fed.test. hostmaster.fed.test. 7 60 15 1209600 15'],
    },
  },
])
