import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalRdata, canonicalSet } from '../../../../src/dns/dnssec/canonical.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import { foldName } from '../../../../src/dns/wire/name.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'

const types = fc.oneof(
  fc.constantFrom(2, 5, 6, 14, 15, 17, 18, 24, 26, 33, 35, 36, 38, 39, 46, 47),
  fc.integer({ min: 1, max: 65_535 }),
)
const rdata = fc.oneof(fc.uint8Array({ maxLength: 60 }), wireNames)
const sets: fc.Arbitrary<RecordSet> = fc.record({
  type: types,
  ttlSeconds: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  rdata: fc.array(rdata, { minLength: 1, maxLength: 6 }),
})

describe('canonical form, properties', () => {
  it('any octets have one, of the same length, and it is its own canonical form', () => {
    fc.assert(
      fc.property(types, rdata, (type, octets) => {
        const canonical = canonicalRdata(type, octets)
        expect(canonical).toHaveLength(octets.length)
        expect(canonicalRdata(type, canonical)).toEqual(canonical)
      }),
    )
  })

  it('what is given is left as it is', () => {
    fc.assert(
      fc.property(types, rdata, (type, octets) => {
        const before = octets.slice()
        canonicalRdata(type, octets)
        expect(octets).toEqual(before)
      }),
    )
  })

  it('a set says the same in any order, with records twice, and under an owner in any case', () => {
    fc.assert(
      fc.property(wireNames, sets, fc.infiniteStream(fc.nat()), (owner, set, numbers) => {
        const keyed = [...set.rdata, set.rdata[0]!].map((octets) => ({
          octets,
          key: numbers.next().value ?? 0,
        }))
        const shuffled = keyed.sort((left, right) => left.key - right.key).map(({ octets }) => octets)

        expect(canonicalSet(foldName(owner), { ...set, rdata: shuffled })).toEqual(canonicalSet(owner, set))
      }),
    )
  })

  it('sets that differ in TTL, type or a record say different things', () => {
    fc.assert(
      fc.property(wireNames, sets, fc.uint8Array({ minLength: 61, maxLength: 70 }), (owner, set, more) => {
        const said = canonicalSet(owner, set)
        expect(canonicalSet(owner, { ...set, ttlSeconds: set.ttlSeconds + 1 })).not.toEqual(said)
        expect(canonicalSet(owner, { ...set, rdata: [...set.rdata, more] })).not.toEqual(said)
      }),
    )
  })
})
