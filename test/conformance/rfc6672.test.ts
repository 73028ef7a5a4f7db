import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns1.example. hostmaster.example. 7 60 15 1209600 15'
const DENIAL = `example. 15 SOA ${SOA}`
const LONG = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example.`

const zones = {
  origins: ['example'],
  lines: [
    `example. 3600 SOA ${SOA}`,
    'example. 3600 NS ns1.elsewhere.test.',
    'old.example. 300 DNAME new.example.',
    'old.example. 300 A 192.0.2.9',
    'www.new.example. 60 A 192.0.2.1',
    'away.example. 300 DNAME elsewhere.test.',
    `long.example. 300 DNAME ${LONG}`,
    'alias.example. 60 CNAME www.old.example.',
  ],
}

const said = (question: string, answer: readonly string[], more: object = {}) => ({
  rcode: 'NOERROR',
  flags: 'qr aa',
  question,
  answer,
  ...more,
})

conformanceOf('RFC 6672', zones, [
  {
    name: '3.1: a name below gets the DNAME, a CNAME with its TTL, and what is there',
    in: 'www.old.example A',
    want: said('www.old.example. A', [
      'old.example. 300 DNAME new.example.',
      'www.old.example. 300 CNAME www.new.example.',
      'www.new.example. 60 A 192.0.2.1',
    ]),
  },
  {
    name: '2.3: the owner of the DNAME itself is not redirected',
    in: 'old.example A',
    want: said('old.example. A', ['old.example. 300 A 192.0.2.9']),
  },
  {
    name: '2.3: nor does it have what it has not',
    in: 'old.example AAAA',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'old.example. AAAA', authority: [DENIAL] },
  },
  {
    name: '2.1: the DNAME, asked for',
    in: 'old.example DNAME',
    want: said('old.example. DNAME', ['old.example. 300 DNAME new.example.']),
  },
  {
    name: '3.1: the response code is about the last name',
    in: 'nope.old.example A',
    want: {
      rcode: 'NXDOMAIN',
      flags: 'qr aa',
      question: 'nope.old.example. A',
      answer: ['old.example. 300 DNAME new.example.', 'nope.old.example. 300 CNAME nope.new.example.'],
      authority: [DENIAL],
    },
  },
  {
    name: '3.1: asked for CNAME, the alias that is made is the answer',
    in: 'www.old.example CNAME',
    want: said('www.old.example. CNAME', [
      'old.example. 300 DNAME new.example.',
      'www.old.example. 300 CNAME www.new.example.',
    ]),
  },
  {
    name: '3.1: out of our zones',
    in: 'a.b.away.example A',
    want: said('a.b.away.example. A', [
      'away.example. 300 DNAME elsewhere.test.',
      'a.b.away.example. 300 CNAME a.b.elsewhere.test.',
    ]),
  },
  {
    name: '3.1: an alias that leads below a DNAME',
    in: 'alias.example A',
    want: said('alias.example. A', [
      'alias.example. 60 CNAME www.old.example.',
      'old.example. 300 DNAME new.example.',
      'www.old.example. 300 CNAME www.new.example.',
      'www.new.example. 60 A 192.0.2.1',
    ]),
  },
  {
    name: '2.2: a name that becomes too long is YXDOMAIN',
    in: `${'d'.repeat(60)}.long.example A`,
    want: {
      rcode: 'YXDOMAIN',
      flags: 'qr aa',
      question: `${'d'.repeat(60)}.long.example. A`,
      answer: [`long.example. 300 DNAME ${LONG}`],
    },
  },
])
