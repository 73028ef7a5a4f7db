import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { Client } from '../../../../src/nameserver/client.ts'
import { Admission } from '../../../../src/nameserver/control/admission.ts'
import type { PeerRule } from '../../../../src/nameserver/control/types.ts'

const xfr = parseDomainName('xfr')
const other = parseDomainName('other')

describe('Admission', () => {
  it.each<{ name: string; rules: readonly PeerRule[]; from: string; key?: typeof xfr; want: string }>([
    { name: 'nobody, where there are no rules', rules: [], from: '10.0.0.1', want: 'refused' },
    {
      name: 'an address in the network',
      rules: [{ prefix: '10.0.0.0/8' }],
      from: '10.1.2.3',
      want: 'admitted',
    },
    { name: 'an address outside', rules: [{ prefix: '10.0.0.0/8' }], from: '11.0.0.1', want: 'refused' },
    { name: 'one IPv6 address', rules: [{ prefix: '::1' }], from: '::1', want: 'admitted' },
    { name: 'IPv4 is not IPv6', rules: [{ prefix: '::/0' }], from: '10.0.0.1', want: 'refused' },
    { name: 'a key from anywhere', rules: [{ key: xfr }], from: '203.0.113.1', key: xfr, want: 'admitted' },
    { name: 'another key', rules: [{ key: xfr }], from: '203.0.113.1', key: other, want: 'refused' },
    { name: 'no key', rules: [{ key: xfr }], from: '203.0.113.1', want: 'refused' },
    {
      name: 'address and key',
      rules: [{ prefix: '10.0.0.0/8', key: xfr }],
      from: '10.0.0.1',
      key: xfr,
      want: 'admitted',
    },
    {
      name: 'the address, without the key',
      rules: [{ prefix: '10.0.0.0/8', key: xfr }],
      from: '10.0.0.1',
      want: 'refused',
    },
    {
      name: 'the key, from elsewhere',
      rules: [{ prefix: '10.0.0.0/8', key: xfr }],
      from: '11.0.0.1',
      key: xfr,
      want: 'refused',
    },
    {
      name: 'any rule that fits',
      rules: [{ prefix: '10.0.0.0/8' }, { key: xfr }],
      from: '11.0.0.1',
      key: xfr,
      want: 'admitted',
    },
    {
      name: 'more keys than are asked for',
      rules: [{ prefix: '10.0.0.0/8' }],
      from: '10.0.0.1',
      key: other,
      want: 'admitted',
    },
  ])('$name: $want', ({ rules, from, key, want }) => {
    const client = new Client(() => 0).set(from)

    expect(new Admission({ transfer: rules }).judge('transfer', client, key)).toBe(want)
  })

  it('a kind without rules is unknown', () => {
    expect(new Admission({ transfer: [] }).judge('update', new Client(() => 0), undefined)).toBe('unknown')
  })
})
