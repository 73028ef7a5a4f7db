import { option, optionClaims } from '../support/edns-claims.ts'

const ask = 'www.fed.test A'

optionClaims('RFC 5001', { serverId: 'dns-1' }, [
  {
    name: '2.2: the id is told when asked for',
    in: { ask, edns: { options: [option(3)] } },
    want: ['3:646e732d31'],
  },
  {
    name: '2.1: what the question says besides is ignored',
    in: { ask, edns: { options: [option(3, 1, 2, 3)] } },
    want: ['3:646e732d31'],
  },
  { name: '2.2: and never told otherwise', in: { ask, edns: {} }, want: [] },
])

optionClaims('RFC 5001, a server without id', {}, [
  { name: '2.2: a server may tell none', in: { ask, edns: { options: [option(3)] } }, want: [] },
])
