import { conformance } from '../support/dns-conformance.ts'

conformance('RFC 3425', [
  {
    name: '3: an inverse query is not implemented',
    in: { opcode: 1 },
    want: { rcode: 'NOTIMP', flags: 'qr opcode1' },
  },
])
