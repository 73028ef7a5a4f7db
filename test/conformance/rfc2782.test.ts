import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns.fed.test. host.fed.test. 1 60 15 1209600 15'
const answerTo = (name: string, ...answer: readonly string[]) => ({
  rcode: 'NOERROR',
  flags: 'qr aa',
  question: `${name} SRV`,
  answer,
})

conformanceOf(
  'RFC 2782',
  {
    origins: ['fed.test'],
    lines: [
      `fed.test. 60 SOA ${SOA}`,
      'www.fed.test. 30 A 192.0.2.1',
      'www.fed.test. 30 AAAA 2001:db8::1',
      '_web._tcp.fed.test. 60 SRV 0 5 443 www.fed.test.',
      '_far._tcp.fed.test. 60 SRV 0 5 443 www.elsewhere.test.',
      '_none._tcp.fed.test. 60 SRV 0 0 0 .',
      '_two._tcp.fed.test. 60 SRV 0 5 443 www.fed.test.',
      '_two._tcp.fed.test. 60 SRV 10 0 8443 www.elsewhere.test.',
    ],
  },
  [
    {
      name: 'addresses of the target are sent along',
      in: '_web._tcp.fed.test SRV',
      want: {
        ...answerTo('_web._tcp.fed.test.', '_web._tcp.fed.test. 60 SRV 0 5 443 www.fed.test.'),
        additional: ['www.fed.test. 30 A 192.0.2.1', 'www.fed.test. 30 AAAA 2001:db8::1'],
      },
    },
    {
      name: 'a target outside our zones has none',
      in: '_far._tcp.fed.test SRV',
      want: answerTo('_far._tcp.fed.test.', '_far._tcp.fed.test. 60 SRV 0 5 443 www.elsewhere.test.'),
    },
    {
      name: 'Target: a root says that the service is not to be had here',
      in: '_none._tcp.fed.test SRV',
      want: answerTo('_none._tcp.fed.test.', '_none._tcp.fed.test. 60 SRV 0 0 0 .'),
    },
    {
      name: 'all records of a service go out, priorities and weights as they are',
      in: '_two._tcp.fed.test SRV',
      want: {
        ...answerTo(
          '_two._tcp.fed.test.',
          '_two._tcp.fed.test. 60 SRV 0 5 443 www.fed.test.',
          '_two._tcp.fed.test. 60 SRV 10 0 8443 www.elsewhere.test.',
        ),
        additional: ['www.fed.test. 30 A 192.0.2.1', 'www.fed.test. 30 AAAA 2001:db8::1'],
      },
    },
  ],
)
