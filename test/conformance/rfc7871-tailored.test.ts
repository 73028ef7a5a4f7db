import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import type { Answer } from '../../src/dns/records.ts'
import { Client } from '../../src/nameserver/client.ts'
import { address } from '../support/dns-lines.ts'
import { queryBytes, type QueryShape } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { TestStore } from '../support/dns-store.ts'
import { option, optionsOf } from '../support/edns-claims.ts'

const LISTS = 64

/** Each network has one of 64 addresses of its own; there is one IPv6 address, for everyone. */
const tailored: Answer = {
  kind: 'addresses',
  ttlSeconds: 30,
  a: Array.from({ length: LISTS }, (_, i) => address(`192.0.2.${i}`)),
  aaaa: [],
  select: {
    most: 1,
    rotate: false,
    variants: { by: 'network', lists: Array.from({ length: LISTS }, (_, i) => Uint16Array.of(i)) },
  },
}
const store = new TestStore().serve(
  ['fed.test'],
  [
    'fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 1 60 15 1209600 15',
    'fed.test. 3600 NS ns1.fed.test.',
    'static.fed.test. 30 A 198.51.100.1',
    'static.fed.test. 30 A 198.51.100.2',
    'alias.fed.test. 30 CNAME near.fed.test.',
    'chain.fed.test. 30 CNAME alias.fed.test.',
    'still.fed.test. 30 CNAME static.fed.test.',
    'mail.fed.test. 30 MX 10 near.fed.test.',
    'cut.fed.test. 30 NS near.fed.test.',
    'dname.fed.test. 30 DNAME fed.test.',
  ],
)
store.publish({ name: parseDomainName('near.fed.test'), answer: tailored })

/** The address that the rule gives to a network: by the number of the network, as for clients that ask themselves. */
function nearest(network: string): string {
  return `192.0.2.${new Client(() => 0).set(network).network % LISTS}`
}

const ASKER = '203.0.113.9'

function ask(shape: QueryShape): { readonly answer: readonly string[]; readonly options: readonly string[] } {
  const { network } = new Client(() => 0).set(ASKER)
  const response = store.octets(queryBytes(shape), 'udp', network)!
  return { answer: replyOf(response).answer ?? [], options: optionsOf(response) }
}

const subnet = (...data: readonly number[]) => ({ options: [option(8, ...data)] })
const near = (network: string): readonly string[] => [`near.fed.test. 30 A ${nearest(network)}`]

describe('RFC 7871', () => {
  it.each<{ name: string; in: QueryShape; answer: readonly string[]; options: readonly string[] }>([
    {
      name: '7.2.1: an answer is for the network in the option, and says so: a /24 of IPv4',
      in: { ask: 'near.fed.test A', edns: subnet(0, 1, 24, 0, 198, 51, 100) },
      answer: near('198.51.100.0'),
      options: ['8:00011818c63364'],
    },
    {
      name: '7.2.1: a /48 of IPv6',
      in: { ask: 'near.fed.test A', edns: subnet(0, 2, 48, 0, 0x20, 1, 0x0d, 0xb8, 0, 7) },
      answer: near('2001:db8:7::'),
      options: ['8:0002303020010db80007'],
    },
    {
      name: '7.2.1: a longer prefix than is looked at: the answer holds for more than that',
      in: { ask: 'near.fed.test A', edns: subnet(0, 1, 32, 0, 198, 51, 100, 77) },
      answer: near('198.51.100.0'),
      options: ['8:00012018c633644d'],
    },
    {
      name: '7.2.1: a shorter one: a longer one would be told more',
      in: { ask: 'near.fed.test A', edns: subnet(0, 1, 16, 0, 198, 51) },
      answer: near('198.51.0.0'),
      options: ['8:00011018c633'],
    },
    {
      name: '7.1.2: a prefix of no length tells of no network: the answer is for whoever asks, scope 0',
      in: { ask: 'near.fed.test A', edns: subnet(0, 1, 0, 0) },
      answer: near(ASKER),
      options: ['8:00010000'],
    },
    {
      name: '7.2.1: without the option the answer is for whoever asks, and there is none in it',
      in: { ask: 'near.fed.test A', edns: {} },
      answer: near(ASKER),
      options: [],
    },
    {
      name: '7.2.1: of a chain that ends in such an answer the first alias only, and that is for everyone',
      in: { ask: 'chain.fed.test A', edns: subnet(0, 1, 24, 0, 198, 51, 100) },
      answer: ['chain.fed.test. 30 CNAME alias.fed.test.'],
      options: ['8:00011800c63364'],
    },
    {
      name: '7.2.1: an alias that a DNAME makes comes with it',
      in: { ask: 'near.dname.fed.test A', edns: subnet(0, 1, 24, 0, 198, 51, 100) },
      answer: ['dname.fed.test. 30 DNAME fed.test.', 'near.dname.fed.test. 30 CNAME near.fed.test.'],
      options: ['8:00011800c63364'],
    },
    {
      name: '7.2.1: without the option the chain is whole',
      in: { ask: 'alias.fed.test A', edns: {} },
      answer: ['alias.fed.test. 30 CNAME near.fed.test.', ...near(ASKER)],
      options: [],
    },
    {
      name: '7.2.1: a chain that ends in what is the same for all is whole',
      in: { ask: 'still.fed.test A', edns: subnet(0, 1, 24, 0, 198, 51, 100) },
      answer: [
        'still.fed.test. 30 CNAME static.fed.test.',
        'static.fed.test. 30 A 198.51.100.1',
        'static.fed.test. 30 A 198.51.100.2',
      ],
      options: ['8:00011800c63364'],
    },
    {
      name: '7.4: a denial is for everyone',
      in: { ask: 'near.fed.test AAAA', edns: subnet(0, 1, 24, 0, 198, 51, 100) },
      answer: [],
      options: ['8:00011800c63364'],
    },
  ])('$name', ({ in: shape, answer, options }) => {
    expect(ask(shape)).toEqual({ answer, options })
  })

  it.each([
    { name: 'of a mail server', ask: 'mail.fed.test MX' },
    { name: 'of a delegation', ask: 'www.cut.fed.test A' },
  ])('7.4: addresses sent along are for whoever asks, scope 0: $name', ({ ask: question }) => {
    const { network } = new Client(() => 0).set(ASKER)
    const query = queryBytes({ ask: question, edns: subnet(0, 1, 24, 0, 198, 51, 100) })
    const response = store.octets(query, 'udp', network)!

    expect(replyOf(response).additional).toEqual(near(ASKER))
    expect(optionsOf(response)).toEqual(['8:00011800c63364'])
  })
})
