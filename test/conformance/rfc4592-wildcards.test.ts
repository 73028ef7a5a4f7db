import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns1.example. hostmaster.example. 7 60 15 1209600 15'
const DENIAL = `example. 15 SOA ${SOA}`

/** The zone of RFC 4592, 2.2.1, with addresses for documentation, and a wildcard alias beside it. */
const zones = {
  origins: ['example'],
  lines: [
    `example. 3600 SOA ${SOA}`,
    'example. 3600 NS ns1.example.',
    'ns1.example. 3600 A 192.0.2.53',
    '*.example. 3600 TXT "wildcard"',
    '*.example. 3600 MX 10 host1.example.',
    'sub.*.example. 3600 TXT "not-a-wildcard"',
    'host1.example. 3600 A 192.0.2.1',
    '_ssh._tcp.host1.example. 3600 SRV 0 0 22 host1.example.',
    '_ssh._tcp.host2.example. 3600 SRV 0 0 22 host2.example.',
    'subdel.example. 3600 NS ns.elsewhere.test.',
    '*.alias.example. 60 CNAME host1.example.',
  ],
}

const reply = (question: string, more: object) => ({ rcode: 'NOERROR', flags: 'qr aa', question, ...more })
const GLUE = ['host1.example. 3600 A 192.0.2.1']

conformanceOf('RFC 4592, the example of 2.2.1', zones, [
  {
    name: 'QNAME=host3.example. QTYPE=MX: synthesized',
    in: 'host3.example MX',
    want: reply('host3.example. MX', {
      answer: ['host3.example. 3600 MX 10 host1.example.'],
      additional: GLUE,
    }),
  },
  {
    name: 'QNAME=host3.example. QTYPE=A: no error, but no data',
    in: 'host3.example A',
    want: reply('host3.example. A', { authority: [DENIAL] }),
  },
  {
    name: 'QNAME=foo.bar.example. QTYPE=TXT: bar.example. does not exist, but the wildcard does',
    in: 'foo.bar.example TXT',
    want: reply('foo.bar.example. TXT', { answer: ['foo.bar.example. 3600 TXT "wildcard"'] }),
  },
  {
    name: 'QNAME=host1.example. QTYPE=MX: it exists',
    in: 'host1.example MX',
    want: reply('host1.example. MX', { authority: [DENIAL] }),
  },
  {
    name: 'QNAME=sub.*.example. QTYPE=MX: it exists',
    in: 'sub.*.example MX',
    want: reply('sub.*.example. MX', { authority: [DENIAL] }),
  },
  {
    name: 'QNAME=_telnet._tcp.host1.example. QTYPE=SRV: _tcp.host1.example. exists, without data',
    in: '_telnet._tcp.host1.example SRV',
    want: {
      rcode: 'NXDOMAIN',
      flags: 'qr aa',
      question: '_telnet._tcp.host1.example. SRV',
      authority: [DENIAL],
    },
  },
  {
    name: 'QNAME=host.subdel.example. QTYPE=A: subdel.example. exists, and is a zone cut',
    in: 'host.subdel.example A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr',
      question: 'host.subdel.example. A',
      authority: ['subdel.example. 3600 NS ns.elsewhere.test.'],
    },
  },
  {
    name: 'QNAME=ghost.*.example. QTYPE=MX: *.example. exists, and is the closest encloser',
    in: 'ghost.*.example MX',
    want: { rcode: 'NXDOMAIN', flags: 'qr aa', question: 'ghost.*.example. MX', authority: [DENIAL] },
  },
  {
    name: '3.3.1: the asterisk of a query is no wildcard',
    in: '*.example TXT',
    want: reply('*.example. TXT', { answer: ['*.example. 3600 TXT "wildcard"'] }),
  },
  {
    name: '3.3.3: a wildcard alias is followed, and its owner is the name asked',
    in: 'X.alias.example A',
    want: reply('X.alias.example. A', {
      answer: ['X.alias.example. 60 CNAME host1.example.', 'host1.example. 3600 A 192.0.2.1'],
    }),
  },
])
