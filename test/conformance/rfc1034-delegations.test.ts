import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns1.example. hostmaster.example. 7 60 15 1209600 15'
const DENIAL = `example. 15 SOA ${SOA}`
const MANY = Array.from({ length: 40 }, (_, i) => `ns${i}.wide.example.`)

const zones = {
  origins: ['example', 'own.example'],
  lines: [
    `example. 3600 SOA ${SOA}`,
    'example. 3600 NS ns1.example.',
    'ns1.example. 3600 A 192.0.2.53',
    'sub.example. 300 NS ns.sub.example.',
    'sub.example. 300 NS ns1.example.',
    'sub.example. 300 NS ns.elsewhere.test.',
    'sub.example. 300 DS 1 13 2 00ff',
    'ns.sub.example. 300 A 192.0.2.54',
    'ns.sub.example. 300 AAAA 2001:db8::54',
    'hidden.sub.example. 300 TXT "hidden"',
    'to-sub.example. 60 CNAME www.sub.example.',
    ...MANY.flatMap((name, i) => [`wide.example. 300 NS ${name}`, `${name} 300 A 192.0.2.${i}`]),
    'own.example. 60 SOA ns1.example. hostmaster.example. 1 60 15 1209600 5',
    'own.example. 60 NS ns1.example.',
    'www.own.example. 60 A 192.0.2.7',
  ],
}

const REFERRAL = {
  authority: [
    'sub.example. 300 NS ns.sub.example.',
    'sub.example. 300 NS ns1.example.',
    'sub.example. 300 NS ns.elsewhere.test.',
  ],
  additional: [
    'ns.sub.example. 300 A 192.0.2.54',
    'ns.sub.example. 300 AAAA 2001:db8::54',
    'ns1.example. 3600 A 192.0.2.53',
  ],
}
const referral = (question: string) => ({ rcode: 'NOERROR', flags: 'qr', question, ...REFERRAL })

conformanceOf('Delegations', zones, [
  ...['sub.example A', 'www.sub.example A', 'a.b.sub.example TXT', 'sub.example NS', 'sub.example ANY'].map(
    (ask) => ({
      name: `RFC 1034, 4.3.2, 3b: ${ask} is referred, without AA, with glue`,
      in: ask,
      want: referral(ask.replace(' ', '. ')),
    }),
  ),
  {
    name: 'RFC 1034, 4.2.1: data below a cut is invisible',
    in: 'hidden.sub.example TXT',
    want: referral('hidden.sub.example. TXT'),
  },
  {
    name: 'RFC 2181, 6.1: glue is not answered with',
    in: 'ns.sub.example A',
    want: referral('ns.sub.example. A'),
  },
  {
    name: 'RFC 4035, 3.1.4.1: DS at the cut is answered by the parent',
    in: 'sub.example DS',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'sub.example. DS',
      answer: ['sub.example. 300 DS 1 13 2 00ff'],
    },
  },
  {
    name: 'RFC 4035, 3.1.4.1: DS of a zone of ours is asked of its parent, ours too',
    in: 'own.example DS',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'own.example. DS', authority: [DENIAL] },
  },
  {
    name: 'RFC 4035, 3.1.4.1: DS of a zone whose parent is not ours is no data',
    in: 'example DS',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'example. DS', authority: [DENIAL] },
  },
  {
    name: 'RFC 1034, 4.3.2, 2: the nearest zone answers, not the one above',
    in: 'www.own.example A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'www.own.example. A',
      answer: ['www.own.example. 60 A 192.0.2.7'],
    },
  },
  {
    name: 'RFC 6604, 2.1: an alias that leads below a cut keeps AA, which is about the first name',
    in: 'to-sub.example A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: 'to-sub.example. A',
      answer: ['to-sub.example. 60 CNAME www.sub.example.'],
      ...REFERRAL,
    },
  },
  {
    name: 'RFC 9471, 3.1: where not all glue fits, TC',
    in: 'www.wide.example A',
    only: 'udp',
    want: { rcode: 'NOERROR', flags: 'qr tc', question: 'www.wide.example. A' },
  },
  {
    name: 'RFC 9471, 3.1: all glue over TCP',
    in: 'www.wide.example A',
    only: 'tcp',
    want: {
      rcode: 'NOERROR',
      flags: 'qr',
      question: 'www.wide.example. A',
      authority: MANY.map((name) => `wide.example. 300 NS ${name}`),
      additional: MANY.map((name, i) => `${name} 300 A 192.0.2.${i}`),
    },
  },
])

conformanceOf(
  'Delegations from the root',
  {
    origins: ['.'],
    lines: [
      '. 60 SOA ns. hostmaster. 1 2 3 4 15',
      'test. 60 NS ns.nic.test.',
      'ns.nic.test. 60 A 192.0.2.9',
      '*.wild. 60 TXT "any"',
      'old. 60 DNAME new.',
    ],
  },
  [
    {
      name: 'RFC 1034, 4.3.2, 3b: a name below a delegation of the root is referred',
      in: 'www.test A',
      want: {
        rcode: 'NOERROR',
        flags: 'qr',
        question: 'www.test. A',
        authority: ['test. 60 NS ns.nic.test.'],
        additional: ['ns.nic.test. 60 A 192.0.2.9'],
      },
    },
    {
      name: 'RFC 4592, 3.3.1: a wildcard in the root answers',
      in: 'a.wild TXT',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'a.wild. TXT',
        answer: ['a.wild. 60 TXT "any"'],
      },
    },
    {
      name: 'RFC 6672, 3.2: a DNAME in the root substitutes',
      in: 'a.old A',
      want: {
        rcode: 'NXDOMAIN',
        flags: 'qr aa',
        question: 'a.old. A',
        answer: ['old. 60 DNAME new.', 'a.old. 60 CNAME a.new.'],
        authority: ['. 15 SOA ns. hostmaster. 1 2 3 4 15'],
      },
    },
  ],
)
