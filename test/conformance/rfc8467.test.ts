import { describe, expect, it } from 'vitest'
import { queryBytes } from '../support/dns-query.ts'
import { TestStore } from '../support/dns-store.ts'
import { option, optionsOf } from '../support/edns-claims.ts'

const store = new TestStore().serve(
  ['fed.test'],
  [
    'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
    'www.fed.test. 30 A 192.0.2.1',
    ...Array.from({ length: 60 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
  ],
)
const padded = (ask: string) => queryBytes({ ask, edns: { options: [option(12, 0, 0, 0)] } })

describe('RFC 8467', () => {
  it.each([
    { ask: 'www.fed.test A', blocks: 1 },
    { ask: 'nope.fed.test A', blocks: 1 },
    { ask: 'many.fed.test A', blocks: 3 },
  ])('4.1: a response to $ask fills $blocks blocks of 468 octets', ({ ask, blocks }) => {
    for (const transport of ['tls', 'https'] as const)
      expect(store.octets(padded(ask), transport)).toHaveLength(468 * blocks)
  })

  it('RFC 7830, 6: nothing is padded that others can read', () => {
    for (const transport of ['udp', 'tcp'] as const)
      expect(optionsOf(store.octets(padded('www.fed.test A'), transport)!)).toEqual([])
  })

  it('RFC 7830, 4: nothing is padded for who did not pad', () => {
    expect(optionsOf(store.octets(queryBytes({ ask: 'www.fed.test A', edns: {} }), 'tls')!)).toEqual([])
  })
})
