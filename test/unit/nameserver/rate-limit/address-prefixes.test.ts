import { describe, expect, it } from 'vitest'
import { Client } from '../../../../src/nameserver/client.ts'
import { AddressPrefixes } from '../../../../src/nameserver/rate-limit/address-prefixes.ts'
import { PRIVATE_NETWORKS } from '../../../../src/nameserver/rate-limit/rate-limits.ts'

const has = (prefixes: readonly string[], address: string): boolean =>
  new AddressPrefixes(prefixes).has(new Client(() => 0).set(address))

describe('AddressPrefixes', () => {
  it.each([
    { prefixes: ['10.0.0.0/8'], address: '10.255.0.1', want: true },
    { prefixes: ['10.0.0.0/8'], address: '11.0.0.1', want: false },
    { prefixes: ['172.16.0.0/12'], address: '172.31.255.255', want: true },
    { prefixes: ['172.16.0.0/12'], address: '172.32.0.0', want: false },
    { prefixes: ['192.0.2.1'], address: '192.0.2.1', want: true },
    { prefixes: ['192.0.2.1'], address: '192.0.2.2', want: false },
    { prefixes: ['0.0.0.0/0'], address: '203.0.113.9', want: true },
    { prefixes: ['0.0.0.0/0'], address: '::1', want: false },
    { prefixes: ['fc00::/7'], address: 'fdff::1', want: true },
    { prefixes: ['fc00::/7'], address: 'fe00::1', want: false },
    { prefixes: ['2001:db8::1'], address: '2001:db8::1', want: true },
    { prefixes: ['192.0.2.0/24', '2001:db8::/33'], address: '2001:db8:8000::1', want: false },
    { prefixes: [], address: '127.0.0.1', want: false },
    { prefixes: PRIVATE_NETWORKS, address: '127.0.0.1', want: true },
    { prefixes: PRIVATE_NETWORKS, address: '8.8.8.8', want: false },
  ])('$prefixes has $address: $want', ({ prefixes, address, want }) => {
    expect(has(prefixes, address)).toBe(want)
  })
})
