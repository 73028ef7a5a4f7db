import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshSeconds } from '../../../../src/nameserver/https/freshness.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { TestStore } from '../../../support/dns-store.ts'

const store = new TestStore().serve(
  ['fed.test'],
  [
    'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
    'www.fed.test. 30 A 192.0.2.1',
    'alias.fed.test. 20 CNAME www.fed.test.',
  ],
)
const response = (ask: string): Buffer => store.octets(queryBytes({ ask }), 'https')!

describe('freshSeconds (RFC 8484, 5.1)', () => {
  it.each([
    { ask: 'www.fed.test A', want: 30 },
    { ask: 'alias.fed.test A', want: 20 },
    { ask: 'fed.test SOA', want: 60 },
    { ask: 'nope.fed.test A', want: 15 },
    { ask: 'www.example A', want: 0 },
  ])('$ask: $want', ({ ask, want }) => {
    expect(freshSeconds(response(ask))).toBe(want)
  })

  it('is nothing for what breaks off', () => {
    const whole = response('alias.fed.test A')

    for (let length = 12; length < whole.length; length += 1)
      expect(freshSeconds(whole.subarray(0, length))).toBe(0)
  })

  it('is a number for any octets, and never more than the smallest TTL of our answers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 300 }), (octets) => {
        expect(freshSeconds(octets)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
