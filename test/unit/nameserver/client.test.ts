import { describe, expect, it } from 'vitest'
import { Client } from '../../../src/nameserver/client.ts'

const clientOf = (address: string): number => new Client(() => 0).set(address).network

describe('Client', () => {
  it.each([
    { name: 'hosts of one IPv4 /24 are one', left: '192.0.2.1', right: '192.0.2.250', same: true },
    { name: 'two IPv4 /24 differ', left: '192.0.2.1', right: '192.0.3.1', same: false },
    { name: 'hosts of one IPv6 /48 are one', left: '2001:db8:1::1', right: '2001:db8:1:2::3', same: true },
    { name: 'two IPv6 /48 differ', left: '2001:db8:1::1', right: '2001:db8:2::1', same: false },
  ])('$name', ({ left, right, same }) => {
    expect(clientOf(left) === clientOf(right)).toBe(same)
  })

  it.each([
    { address: '192.0.2.1', octets: [192, 0, 2, 1] },
    { address: '255.255.255.255', octets: [255, 255, 255, 255] },
    { address: '::', octets: Array.from({ length: 16 }, () => 0) },
    { address: '::1', octets: [...Array.from({ length: 15 }, () => 0), 1] },
    { address: '2001:DB8::a:0:1', octets: [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 1] },
    { address: 'fe80::1%eth0', octets: [0xfe, 0x80, ...Array.from({ length: 13 }, () => 0), 1] },
    {
      address: '::ffff:192.0.2.1',
      octets: [...Array.from({ length: 10 }, () => 0), 255, 255, 192, 0, 2, 1],
    },
    { address: '1:2:3:4:5:6:7:8', octets: [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8] },
  ])('reads $address', ({ address, octets }) => {
    const client = new Client(() => 0).set(address)

    expect([...client.octets.subarray(0, client.length)]).toEqual(octets)
  })

  it('takes octets as they are', () => {
    const client = new Client(() => 0).setOctets(Uint8Array.of(9, 192, 0, 2, 1), 1, 4)

    expect(client.network).toBe(clientOf('192.0.2.7'))
    expect([...client.octets.subarray(0, client.length)]).toEqual([192, 0, 2, 1])
  })

  it('is the same who asks again, whoever asked in between, and has to prove it anew', () => {
    const client = new Client(() => 0)
    const said = ['192.0.2.1', '192.0.2.1', 'octets', '192.0.2.1', '2001:db8::1', '192.0.2.1'].map(
      (address) => {
        if (address === 'octets') client.setOctets(Uint8Array.of(198, 51, 100, 7), 0, 4)
        else client.set(address)
        const { proven } = client
        client.proven = true
        return [client.network, [...client.octets.subarray(0, client.length)].join('.'), proven]
      },
    )

    const first = [clientOf('192.0.2.1'), '192.0.2.1', false]
    expect(said).toEqual([
      first,
      first,
      [clientOf('198.51.100.7'), '198.51.100.7', false],
      first,
      [clientOf('2001:db8::1'), '32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1', false],
      first,
    ])
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
