import { option, optionClaims } from '../support/edns-claims.ts'

const edns = {}
const slow = { options: [option(3)] }

optionClaims('RFC 8914', {}, [
  {
    name: '4.21: a name that is not ours (20, Not Authoritative)',
    in: { ask: 'www.elsewhere A', edns },
    rcode: 'REFUSED',
    want: ['15:0014'],
  },
  {
    name: '4.21: the same on the long way',
    in: { ask: 'www.elsewhere A', edns: slow },
    rcode: 'REFUSED',
    want: ['15:0014'],
  },
  {
    name: '4.15: a zone that is not loaded (14, Not Ready)',
    in: { ask: 'www.loading.test A', edns },
    rcode: 'SERVFAIL',
    want: ['15:000e'],
  },
  {
    name: '4.15: the same on the long way',
    in: { ask: 'www.loading.test A', edns: slow },
    rcode: 'SERVFAIL',
    want: ['15:000e'],
  },
  ...[edns, slow].map((own, i) => ({
    name: `4.25: a zone that has expired (24, Invalid Data)${i === 0 ? '' : ', on the long way'}`,
    in: { ask: 'www.expired.test A', edns: own },
    rcode: 'SERVFAIL',
    want: ['15:0018'],
  })),
  {
    name: '4.19: a transfer (18, Prohibited)',
    in: { ask: 'fed.test AXFR', edns },
    rcode: 'REFUSED',
    want: ['15:0012'],
  },
  {
    name: '4.22: a type that cannot be asked for (21, Not Supported)',
    in: { ask: 'fed.test TYPE250', edns },
    rcode: 'NOTIMP',
    want: ['15:0015'],
  },
  {
    name: 'RFC 9824, 3.5: NXNAME in a question (30, Invalid Query Type)',
    in: { ask: 'fed.test NXNAME', edns },
    rcode: 'FORMERR',
    want: ['15:001e'],
  },
  { name: '2: an answer that is as hoped for has none', in: { ask: 'www.fed.test A', edns }, want: [] },
  {
    name: '2: denials explain themselves',
    in: { ask: 'nope.fed.test A', edns },
    rcode: 'NXDOMAIN',
    want: [],
  },
])
