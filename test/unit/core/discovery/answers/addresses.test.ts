import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareSameFamily,
  isSubset,
  reviseUnion,
  sameAddresses,
  unionOf,
} from '../../../../../src/core/discovery/answers/addresses.ts'
import { type Address, compareAddresses, tryAddress } from '../../../../../src/dns/address.ts'

const ipv4 = fc.ipV4()
const ipv6 = fc.oneof(fc.ipV6(), fc.constantFrom('::', '::1', '1::', '2001:db8::1', '2001:db8:0:1::'))

/** Canonical, of one family. */
function family(kind: 'a' | 'aaaa'): fc.Arbitrary<Address> {
  const texts: fc.Arbitrary<string> = kind === 'a' ? ipv4 : ipv6
  return texts
    .map((text) => tryAddress(text))
    .filter((address): address is Address => address?.includes(':') === (kind === 'aaaa'))
}

/** Few values, so that lists share some; sorted and distinct as facts are. */
function listsOf(kind: 'a' | 'aaaa', maxLength: number): fc.Arbitrary<readonly (readonly Address[])[]> {
  return fc.uniqueArray(family(kind), { minLength: 1, maxLength: 12 }).chain((pool) =>
    fc.array(
      fc.subarray(pool).map((list) => list.toSorted(compareAddresses)),
      { maxLength },
    ),
  )
}

const FAMILIES = ['a', 'aaaa'] as const

describe.each(FAMILIES)('lists of addresses: %s', (kind) => {
  it('the order is that of dns/address', () => {
    fc.assert(
      fc.property(family(kind), family(kind), (left, right) => {
        expect(Math.sign(compareSameFamily(left, right))).toBe(Math.sign(compareAddresses(left, right)))
      }),
    )
  })

  it('a union has every address once, in order, and knows of overlaps', () => {
    fc.assert(
      fc.property(listsOf(kind, 6), (lists) => {
        const all = lists.flat()
        const want = [...new Set(all)].toSorted(compareAddresses)

        expect(unionOf(lists)).toEqual({ list: want, overlaps: want.length < all.length })
      }),
    )
  })

  it('a revised union is the union of the revised lists', () => {
    fc.assert(
      fc.property(listsOf(kind, 5), fc.nat(), fc.nat(), (lists, from, to) => {
        const { list, overlaps } = unionOf(lists)
        fc.pre(lists.length > 1 && !overlaps)
        const at = from % lists.length
        const after = (lists[at] ?? [])
          .slice(to % 3)
          .concat(to % 2 === 0 ? (lists[(at + 1) % lists.length] ?? []) : [])
        const next = [...new Set(after)].toSorted(compareAddresses)

        expect(reviseUnion({ list, before: lists[at] ?? [], after: next })).toEqual(
          unionOf(lists.with(at, next)),
        )
      }),
    )
  })

  it('isSubset and sameAddresses are what they say', () => {
    fc.assert(
      fc.property(listsOf(kind, 2), ([one = [], other = []]) => {
        expect(isSubset(one, other)).toBe(one.every((address) => other.includes(address)))
        expect(sameAddresses(one, other)).toBe(one.join() === other.join())
      }),
    )
  })
})

describe('unionOf', () => {
  const one = [tryAddress('192.0.2.1')!] // literals
  const more = [tryAddress('192.0.2.2')!, tryAddress('192.0.2.10')!]

  it('returns the only list itself, so that facts and answers share it', () => {
    expect(unionOf([[], more, []]).list).toBe(more)
  })

  it('returns the one empty list for none', () => {
    expect(unionOf([]).list).toBe(unionOf([[], []]).list)
  })

  it('orders by number, not by text', () => {
    expect(unionOf([more, one]).list).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.10'])
  })
})

describe('reviseUnion', () => {
  it('returns the list itself when nothing changes', () => {
    const list = [tryAddress('192.0.2.1')!] // a literal

    expect(reviseUnion({ list, before: list, after: [...list] }).list).toBe(list)
  })
})
