import { describe, expect, it } from 'vitest'
import { ServiceAllocator } from '../../../../../src/sandbox/apiserver/builtin/cluster-ips.ts'
import { Store } from '../../../../../src/sandbox/apiserver/store/store.ts'

function service(name: string, clusterIPs: readonly string[]): Parameters<Store['put']>[2] {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'a' }, spec: { clusterIPs } }
}

describe('ServiceAllocator', () => {
  it('counts through a range, from its eleventh address', () => {
    const allocator = new ServiceAllocator(new Store(10), { ipv4: '192.0.2.0/24', ipv6: '2001:db8::/112' })

    expect([allocator.address('IPv4'), allocator.address('IPv4'), allocator.address('IPv6')]).toEqual([
      '192.0.2.10',
      '192.0.2.11',
      '2001:db8::a',
    ])
  })

  it('steps over what Services hold, and gives free addresses again', () => {
    const store = new Store(10)
    const allocator = new ServiceAllocator(store, { ipv4: '192.0.2.0/28', ipv6: '2001:db8::/124' })
    store.put('services', 'a/x', service('x', ['192.0.2.10', '192.0.2.11']))

    const given = [
      allocator.address('IPv4'),
      allocator.address('IPv4'),
      allocator.address('IPv4'),
      allocator.address('IPv4'),
    ]
    const again = allocator.address('IPv4')
    store.remove('services', 'a/x', store.get('services', 'a/x') ?? service('x', []))
    const freed = allocator.address('IPv4')

    expect(given).toEqual(['192.0.2.12', '192.0.2.13', '192.0.2.14', '192.0.2.15'])
    expect(again).toBe('192.0.2.12')
    expect(freed).toBe('192.0.2.13')
  })

  it('says so when a range is used up', () => {
    const store = new Store(10)
    const allocator = new ServiceAllocator(store, { ipv4: '192.0.2.0/31', ipv6: '2001:db8::/127' })
    store.put('services', 'a/x', service('x', ['192.0.2.0', '192.0.2.1']))

    expect(() => allocator.address('IPv4')).toThrow('no address is free in 192.0.2.0/31')
  })

  it('carries into higher octets', () => {
    const store = new Store(10)
    const allocator = new ServiceAllocator(store, { ipv4: '10.96.0.0/16', ipv6: 'fd00::/112' })

    const addresses = Array.from({ length: 300 }, () => allocator.address('IPv4'))

    expect(addresses[245]).toBe('10.96.0.255')
    expect(addresses[246]).toBe('10.96.1.0')
    expect(new Set(addresses).size).toBe(300)
  })
})
