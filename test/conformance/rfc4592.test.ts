import { conformance, DENIAL } from '../support/dns-conformance.ts'

const noData = (name: string) => ({
  rcode: 'NOERROR',
  flags: 'qr aa',
  question: `${name}. A`,
  authority: [DENIAL],
})

conformance('RFC 4592', [
  ...['ns.myfed.svc.eu.fed.test', 'myfed.svc.eu.fed.test', 'svc.eu.fed.test', 'eu.fed.test'].map((name) => ({
    name: `2.2.2: ${name} exists, because a name below it does`,
    in: `${name} A`,
    want: noData(name),
  })),
  {
    name: '2.2.2: a name beside it does not',
    in: 'svc.us.fed.test A',
    want: { rcode: 'NXDOMAIN', flags: 'qr aa', question: 'svc.us.fed.test. A', authority: [DENIAL] },
  },
  {
    name: '2.1.1: the asterisk label, asked for, is a name like any other',
    in: '*.wild.fed.test A',
    want: {
      rcode: 'NOERROR',
      flags: 'qr aa',
      question: '*.wild.fed.test. A',
      answer: ['*.wild.fed.test. 30 A 192.0.2.9'],
    },
  },
])
