import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns.fed.test. host.fed.test. 1 60 15 1209600 15'
const DENIAL = `fed.test. 15 SOA ${SOA}`

conformanceOf(
  'RFC 4343',
  {
    origins: ['fed.test'],
    lines: [
      `fed.test. 60 SOA ${SOA}`,
      'www.fed.test. 30 A 192.0.2.1',
      'a\\091b.fed.test. 30 A 192.0.2.2',
      '\\192.fed.test. 30 A 192.0.2.3',
      'alias.fed.test. 30 CNAME www.fed.test.',
    ],
  },
  [
    {
      name: '3: letters are compared without case, and the question comes back as it was sent (4.1)',
      in: 'wWw.FED.tesT A',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'wWw.FED.tesT. A',
        answer: ['wWw.FED.tesT. 30 A 192.0.2.1'],
      },
    },
    {
      name: '3: what is no letter has no other case: [ is not {',
      in: 'a{b.fed.test A',
      want: { rcode: 'NXDOMAIN', flags: 'qr aa', question: 'a{b.fed.test. A', authority: [DENIAL] },
    },
    {
      name: '3: nor has an octet above ASCII: 0xC0 is not 0xE0',
      in: 'à.fed.test A',
      want: { rcode: 'NXDOMAIN', flags: 'qr aa', question: '\\224.fed.test. A', authority: [DENIAL] },
    },
    {
      name: '3: each is found as itself',
      in: 'À.fed.test A',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: '\\192.fed.test. A',
        answer: ['\\192.fed.test. 30 A 192.0.2.3'],
      },
    },
    {
      name: '4.1: the owner of an alias keeps the spelling of the question, its target that of the zone',
      in: 'ALIAS.fed.test A',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'ALIAS.fed.test. A',
        answer: ['ALIAS.fed.test. 30 CNAME www.fed.test.', 'www.fed.test. 30 A 192.0.2.1'],
      },
    },
  ],
)
