import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tryAddress } from '../../../../../src/dns/address.ts'
import { addressPlan } from '../../../../../src/sandbox/cloud/network/address-plan.ts'
import { AddressPool, rangeFrom } from '../../../../../src/sandbox/cloud/network/address-pool.ts'

const pool = () => new AddressPool([rangeFrom('192.0.2.1', 3)])

describe('AddressPool', () => {
  it('gives an owner one address and keeps it', () => {
    const addresses = pool()

    expect([addresses.take('a'), addresses.take('b'), addresses.take('a')]).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.1',
    ])
  })

  it('gives a released address again only after all others had their turn', () => {
    const addresses = pool()
    addresses.take('a')
    addresses.release('a')

    expect([addresses.take('b'), addresses.take('c'), addresses.take('d')]).toEqual([
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.1',
    ])
  })

  it('says so when all are taken', () => {
    const addresses = pool()
    for (const owner of ['a', 'b', 'c']) addresses.take(owner)

    expect(addresses.take('d')).toBeUndefined()
  })

  const wanted: readonly { name: string; wanted: string; want: string }[] = [
    { name: 'gives the address asked for', wanted: '192.0.2.3', want: '192.0.2.3' },
    { name: 'gives another when it is taken', wanted: '192.0.2.1', want: '192.0.2.2' },
    { name: 'gives another when it is outside', wanted: '192.0.2.4', want: '192.0.2.2' },
    { name: 'gives another when it is no canonical address', wanted: '192.0.2.03', want: '192.0.2.2' },
  ]
  it.each(wanted)('$name', ({ wanted: ask, want }) => {
    const addresses = pool()
    addresses.take('other')

    expect(addresses.take('me', ask)).toBe(want)
  })

  it('adopts what an owner shows, unless it has one or the address is taken', () => {
    const addresses = pool()
    addresses.adopt('a', '192.0.2.2')
    addresses.adopt('b', '192.0.2.2')
    addresses.adopt('a', '192.0.2.3')

    expect([addresses.heldBy('a'), addresses.heldBy('b')]).toEqual(['192.0.2.2', undefined])
  })

  it('writes IPv6 as RFC 5952 does', () => {
    const addresses = new AddressPool([rangeFrom('2001:db8:1::ffff', 2)])

    expect([addresses.take('a'), addresses.take('b')]).toEqual(['2001:db8:1::ffff', '2001:db8:1::1:0'])
  })
})

describe('addressPlan', () => {
  const first = (index: number, clusters: number) => addressPlan(index, clusters).loadBalancers.IPv4.take('x')

  it('gives each of three clusters a documentation range of its own', () => {
    expect([0, 1, 2].map((index) => first(index, 3))).toEqual(['192.0.2.1', '198.51.100.1', '203.0.113.1'])
  })

  it('goes on in the benchmarking range when the documentation ranges are used up', () => {
    const { IPv4 } = addressPlan(2, 3).loadBalancers

    const taken = Array.from({ length: 255 }, (_, index) => IPv4.take(`owner ${index}`))

    expect([taken[253], taken[254]]).toEqual(['203.0.113.254', '198.19.85.84'])
  })

  it('has load balancers for 10,000 services in any of 100 clusters, none twice', () => {
    const seen = new Set<string>()
    for (const index of [0, 1, 49, 50, 99]) {
      const { IPv4 } = addressPlan(index, 100).loadBalancers
      // the ends of a cluster's share are where it could run into a neighbour's
      for (let owner = 0; owner < 10_000; owner += 1) {
        const address = IPv4.take(`${owner}`)
        if (address === undefined) throw new Error(`cluster ${index} ran out at ${owner}`)
        if (owner < 5 || owner % 997 === 0 || owner === 9_999) seen.add(address)
      }
    }

    expect(seen.size).toBe(5 * 16)
  })
})

describe('properties', () => {
  it('no address has two owners, whatever is taken, adopted and released, and in whatever order', () => {
    const owner = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const address = fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.9', 'x')
    const step = fc.oneof(
      fc.record({
        act: fc.constant('take' as const),
        owner,
        address: fc.option(address, { nil: undefined }),
      }),
      fc.record({ act: fc.constant('adopt' as const), owner, address }),
      fc.record({ act: fc.constant('release' as const), owner, address }),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const addresses = pool()
        for (const each of steps) {
          if (each.act === 'take') addresses.take(each.owner, each.address)
          else if (each.act === 'adopt') addresses.adopt(each.owner, each.address)
          else addresses.release(each.owner)
          const held = ['a', 'b', 'c', 'd', 'e'].flatMap((name) => addresses.heldBy(name) ?? [])
          expect(new Set(held).size).toBe(held.length)
          expect(addresses.taken).toBe(held.length)
        }
      }),
    )
  })

  it('clusters never share a load balancer address, and every address is canonical', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 300 }), (clusters, each) => {
        const chosen = [0, Math.floor(clusters / 2), clusters - 1]
        const taken = [...new Set(chosen)].flatMap((index) => {
          const { IPv4, IPv6 } = addressPlan(index, clusters).loadBalancers
          return Array.from({ length: each }, (_, owner) => [
            IPv4.take(`${owner}`),
            IPv6.take(`${owner}`),
          ]).flat()
        })

        expect(taken).not.toContain(undefined)
        expect(new Set(taken).size).toBe(taken.length)
        expect(taken.every((address) => address !== undefined && tryAddress(address) === address)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})
