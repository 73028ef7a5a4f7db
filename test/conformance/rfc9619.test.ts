import { conformance } from '../support/dns-conformance.ts'
import { questionBytes } from '../support/dns-query.ts'

const question = questionBytes('www.fed.test A', 1)

conformance('RFC 9619', [
  {
    name: '4: two questions in a query are a format error',
    in: { counts: [2, 0, 0, 0], tail: [...question, ...question] },
    want: { rcode: 'FORMERR', flags: 'qr' },
  },
  {
    name: '4: so are 65,535 that are not there',
    in: { counts: [65_535, 0, 0, 0], tail: [...question] },
    want: { rcode: 'FORMERR', flags: 'qr', question: 'www.fed.test. A' },
  },
  { name: '4: and none', in: {}, want: { rcode: 'FORMERR', flags: 'qr' } },
])
