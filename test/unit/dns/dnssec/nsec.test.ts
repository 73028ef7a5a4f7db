import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextName, nextSibling, nsecAt, nsecAtCut, nsecOfNothing } from '../../../../src/dns/dnssec/nsec.ts'
import { presentRdata } from '../../../../src/dns/rdata/present-rdata.ts'
import { foldName } from '../../../../src/dns/wire/name.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'
import { compareNames, nameOf } from '../../../support/dnssec-names.ts'

const ORIGIN = nameOf('example.')
const IN_ZONE = { origin: ORIGIN, ttlSeconds: 15 }
const FULL = 'x'.repeat(63)
/** 255 octets, the most that a name can have. */
const LONGEST = nameOf(`${'a'.repeat(53)}.${FULL}.${FULL}.${FULL}.example.`)

describe('NSEC records', () => {
  it.each([
    {
      name: 'of a name and its types',
      in: nsecAt(nameOf('Www.example.'), [1, 16], IN_ZONE),
      want: '\\000.www.example. A TXT RRSIG NSEC',
    },
    {
      name: 'of an empty non-terminal',
      in: nsecAt(nameOf('ent.example.'), [], IN_ZONE),
      want: '\\000.ent.example. RRSIG NSEC',
    },
    {
      name: 'of a name that does not exist',
      in: nsecOfNothing(nameOf('nope.example.'), IN_ZONE),
      want: '\\000.nope.example. RRSIG NSEC NXNAME',
    },
    {
      name: 'of a delegation',
      in: nsecAtCut(nameOf('sub.example.'), [2], IN_ZONE),
      want: 'sub\\000.example. NS RRSIG NSEC',
    },
  ])('$name', ({ in: set, want }) => {
    expect({
      type: set.type,
      ttl: set.ttlSeconds,
      text: set.rdata.map((rdata) => presentRdata(47, rdata)),
    }).toEqual({
      type: 47,
      ttl: 15,
      text: [want],
    })
  })
})

describe('nextName', () => {
  it.each([
    { name: 'the smallest label in front', in: nameOf('a.example.'), want: nameOf('\\000.a.example.') },
    {
      name: 'where no label fits in front, an octet more in the first',
      in: nameOf(`${'a'.repeat(52)}.${FULL}.${FULL}.${FULL}.example.`),
      want: nameOf(`${'a'.repeat(52)}\\000.${FULL}.${FULL}.${FULL}.example.`),
    },
    {
      name: 'where no octet fits either, the last one counted up',
      in: LONGEST,
      want: nameOf(`${'a'.repeat(52)}b.${FULL}.${FULL}.${FULL}.example.`),
    },
  ])('$name', ({ in: name, want }) => {
    expect(nextName(name, ORIGIN)).toEqual(want)
  })
})

describe('nextSibling', () => {
  const ended = (label: string): Uint8Array => nameOf(`${label}.${FULL}.${FULL}.${FULL}.example.`)

  it.each([
    { name: 'an octet more in the first label', in: nameOf('a.example.'), want: nameOf('a\\000.example.') },
    {
      name: 'a full label counted up',
      in: nameOf(`${FULL}.example.`),
      want: nameOf(`${'x'.repeat(62)}y.example.`),
    },
    {
      name: 'octets that cannot be counted up go',
      in: ended(`${'a'.repeat(52)}\\255`),
      want: ended(`${'a'.repeat(51)}b`),
    },
    {
      name: 'behind @ comes [: capitals are small letters',
      in: ended(`${'a'.repeat(52)}\\@`),
      want: ended(`${'a'.repeat(52)}[`),
    },
    {
      name: 'a label of nothing but the last octet has no successor: what follows its parent',
      in: nameOf(`${'\\255'.repeat(63)}.b.example.`),
      want: nameOf('b\\000.example.'),
    },
    {
      name: 'behind all names of the zone comes its origin',
      in: nameOf(`${'\\255'.repeat(63)}.example.`),
      want: ORIGIN,
    },
    { name: 'and behind the origin itself', in: ORIGIN, want: ORIGIN },
  ])('$name', ({ in: name, want }) => {
    expect(nextSibling(name, ORIGIN)).toEqual(want)
  })
})

describe('properties', () => {
  const below = wireNames
    .map((name) => foldName(Uint8Array.from([...name.subarray(0, -1), ...ORIGIN])))
    .filter((name) => name.length <= 255 && name.length > ORIGIN.length)
  const isBelow = (name: Uint8Array, above: Uint8Array): boolean =>
    name.length > above.length &&
    Buffer.from(name.subarray(name.length - above.length)).equals(Buffer.from(above))

  it('the next name is behind the name, and no other name is between them', () => {
    fc.assert(
      fc.property(below, below, (name, other) => {
        const next = nextName(name, ORIGIN)
        if (next.length === ORIGIN.length) return
        expect(next.length).toBeLessThanOrEqual(255)
        expect(compareNames(name, next)).toBeLessThan(0)
        expect(compareNames(name, other) < 0 && compareNames(other, next) < 0).toBe(false)
      }),
    )
  })

  it('the next sibling is behind a name and all below it; what is between them is below it', () => {
    fc.assert(
      fc.property(below, below, (name, other) => {
        const next = nextSibling(name, ORIGIN)
        if (next.length === ORIGIN.length) return
        expect(compareNames(name, next)).toBeLessThan(0)
        if (isBelow(other, name)) expect(compareNames(other, next)).toBeLessThan(0)
        if (compareNames(name, other) < 0 && compareNames(other, next) < 0)
          expect(isBelow(other, name)).toBe(true)
      }),
    )
  })

  it('order of names is an order: of two, one is first, or they are equal but for case', () => {
    fc.assert(
      fc.property(wireNames, wireNames, (left, right) => {
        expect(Math.sign(compareNames(left, right))).toBe(-Math.sign(compareNames(right, left)) + 0)
        expect(compareNames(left, right) === 0).toBe(
          Buffer.from(foldName(left)).equals(Buffer.from(foldName(right))),
        )
      }),
    )
  })
})
