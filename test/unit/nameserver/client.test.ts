import { describe, expect, it } from 'vitest'
import { clientOf } from '../../../src/nameserver/client.ts'

describe('clientOf', () => {
  it.each([
    { name: 'hosts of one IPv4 /24 are one', left: '192.0.2.1', right: '192.0.2.250', same: true },
    { name: 'two IPv4 /24 differ', left: '192.0.2.1', right: '192.0.3.1', same: false },
    { name: 'hosts of one IPv6 /48 are one', left: '2001:db8:1::1', right: '2001:db8:1:2::3', same: true },
    { name: 'two IPv6 /48 differ', left: '2001:db8:1::1', right: '2001:db8:2::1', same: false },
  ])('$name', ({ left, right, same }) => {
    expect(clientOf(left) === clientOf(right)).toBe(same)
  })

  it('spreads networks over 64 buckets', () => {
    const buckets = new Set(
      Array.from({ length: 1000 }, (_, i) => clientOf(`10.${i >> 4}.${(i * 7) & 255}.1`) % 64),
    )

    expect(buckets.size).toBe(64)
  })

  it('is never negative: buckets are taken by remainder', () => {
    expect(['192.0.2.1', '203.0.113.9', '::1', ''].every((text) => clientOf(text) >= 0)).toBe(true)
  })
})
