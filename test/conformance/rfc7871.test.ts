import { option, optionClaims } from '../support/edns-claims.ts'

const ask = 'www.fed.test A'
const subnet = (...data: readonly number[]) => ({ ask, edns: { options: [option(8, ...data)] } })
const bad = { rcode: 'FORMERR', want: [] }

optionClaims('RFC 7871', {}, [
  {
    name: '7.2.1: family, prefix and address come back, with the scope of an answer that is the same for all',
    in: subnet(0, 1, 24, 0, 192, 0, 2),
    want: ['8:00011800c00002'],
  },
  {
    name: '7.2.1: IPv6 too, cut within an octet',
    in: subnet(0, 2, 44, 0, 0x20, 1, 0x0d, 0xb8, 0, 0xf0),
    want: ['8:00022c0020010db800f0'],
  },
  { name: '7.1.2: a prefix of no length comes back', in: subnet(0, 1, 0, 0), want: ['8:00010000'] },
  {
    name: '7.4: negative answers are for everyone',
    in: { ...subnet(0, 1, 24, 0, 192, 0, 2), ask: 'nope.fed.test A' },
    rcode: 'NXDOMAIN',
    want: ['8:00011800c00002'],
  },
  { name: '7.2.1: never without a question about it', in: { ask, edns: {} }, want: [] },
  { name: '7.1.2: a family of none that there is', in: subnet(0, 3, 8, 0, 1), ...bad },
  { name: '7.1.2: a scope in a query', in: subnet(0, 1, 24, 24, 192, 0, 2), ...bad },
  { name: '7.1.2: more octets than the prefix has', in: subnet(0, 1, 24, 0, 192, 0, 2, 1), ...bad },
  { name: '7.1.2: fewer octets than the prefix has', in: subnet(0, 1, 24, 0, 192, 0), ...bad },
  { name: '7.1.2: bits beyond the prefix', in: subnet(0, 1, 20, 0, 192, 0, 0x18), ...bad },
  { name: '7.1.2: a prefix longer than an address', in: subnet(0, 1, 33, 0, 192, 0, 2, 1, 0), ...bad },
  { name: '6: less than its fixed fields', in: subnet(0, 1, 0), ...bad },
])
