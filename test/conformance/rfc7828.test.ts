import { option, optionClaims } from '../support/edns-claims.ts'

const ask = 'www.fed.test A'
const asked = { ask, edns: { options: [option(11)] } }

optionClaims('RFC 7828', { tcpIdleMs: 10_000 }, [
  { name: '3.2.1: ignored', in: asked, over: ['udp'], want: [] },
  {
    name: '3.3.2: the idle time in units of 100 ms',
    in: asked,
    over: ['tcp', 'tls'],
    want: ['11:0064'],
  },
  { name: '3.3.2: not told to who did not ask', in: { ask, edns: {} }, want: [] },
])
