import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer, RecordSet } from '../../../../src/dns/records.ts'
import type { Address } from '../../../../src/dns/address.ts'
import { canonicalSets, differences, sameRecords } from '../../../../src/dns/transfer/canonical.ts'
import { address, changesOf } from '../../../support/dns-lines.ts'

const target = parseDomainName('www.example.com')
const a = address('192.0.2.1')
const b = address('192.0.2.2')
const six = address('2001:db8::1')
const records = (...lines: readonly string[]): Answer => changesOf(lines)[0]!.answer!
const sets = (...lines: readonly string[]): readonly RecordSet[] => canonicalSets(records(...lines))

describe('canonicalSets', () => {
  it.each<{ name: string; in: Answer | undefined; want: readonly RecordSet[] }>([
    { name: 'no answer', in: undefined, want: [] },
    {
      name: 'every address, whatever is chosen among them',
      in: {
        kind: 'addresses',
        ttlSeconds: 30,
        a: [a, b],
        aaaa: [six],
        select: { most: 1, rotate: true, variants: { by: 'place', lists: [Uint16Array.of(0)] } },
      },
      want: sets('x.test. 30 A 192.0.2.1', 'x.test. 30 A 192.0.2.2', 'x.test. 30 AAAA 2001:db8::1'),
    },
    {
      name: 'a name with nothing to say',
      in: { kind: 'addresses', ttlSeconds: 30, a: [], aaaa: [] },
      want: [],
    },
    {
      name: 'an alias, not what is written in its place elsewhere',
      in: { kind: 'alias', ttlSeconds: 30, target, instead: { a: [a], aaaa: [] } },
      want: sets('x.test. 30 CNAME www.example.com.'),
    },
    {
      name: 'record sets, without empty ones',
      in: { kind: 'records', sets: [{ type: 99, ttlSeconds: 1, rdata: [] }, ...sets('x.test. 5 TXT "a"')] },
      want: sets('x.test. 5 TXT "a"'),
    },
    {
      name: 'a TTL that is none, as it is served',
      in: { kind: 'addresses', ttlSeconds: -1, a: [a], aaaa: [] },
      want: sets('x.test. 0 A 192.0.2.1'),
    },
  ])('$name', ({ in: answer, want }) => {
    expect(canonicalSets(answer)).toEqual(want)
  })
})

describe('differences', () => {
  it.each([
    {
      name: 'records of a set come and go one by one',
      before: sets('x.test. 5 A 192.0.2.1', 'x.test. 5 A 192.0.2.2'),
      after: sets('x.test. 5 A 192.0.2.2', 'x.test. 5 A 192.0.2.3'),
      want: { removed: sets('x.test. 5 A 192.0.2.1'), added: sets('x.test. 5 A 192.0.2.3') },
    },
    {
      name: 'a set with another TTL goes and comes as a whole',
      before: sets('x.test. 5 A 192.0.2.1', 'x.test. 5 TXT "a"'),
      after: sets('x.test. 6 A 192.0.2.1', 'x.test. 5 TXT "a"'),
      want: { removed: sets('x.test. 5 A 192.0.2.1'), added: sets('x.test. 6 A 192.0.2.1') },
    },
    {
      name: 'the order in a set says nothing',
      before: sets('x.test. 5 A 192.0.2.1', 'x.test. 5 A 192.0.2.2'),
      after: sets('x.test. 5 A 192.0.2.2', 'x.test. 5 A 192.0.2.1'),
      want: { removed: [], added: [] },
    },
    {
      name: 'addresses become an alias',
      before: sets('x.test. 5 A 192.0.2.1'),
      after: sets('x.test. 5 CNAME y.test.'),
      want: { removed: sets('x.test. 5 A 192.0.2.1'), added: sets('x.test. 5 CNAME y.test.') },
    },
  ])('$name', ({ before, after, want }) => {
    expect(differences(before, after)).toEqual(want)
  })
})

describe('sameRecords', () => {
  const addresses = (ttlSeconds: number, list: readonly Address[]): Answer => ({
    kind: 'addresses',
    ttlSeconds,
    a: list,
    aaaa: [],
  })

  it('no addresses are the same whatever their TTL, some are not', () => {
    expect(sameRecords(addresses(5, []), addresses(30, []))).toBe(true)
    expect(sameRecords(addresses(5, [a]), addresses(30, [a]))).toBe(false)
  })
})

describe('properties', () => {
  const answer: fc.Arbitrary<Answer | undefined> = fc.oneof(
    fc.constant(undefined),
    fc.record({
      kind: fc.constant('addresses' as const),
      ttlSeconds: fc.constantFrom(5, 30),
      a: fc.subarray([a, b]),
      aaaa: fc.subarray([six]),
    }),
    fc.record({
      kind: fc.constant('alias' as const),
      ttlSeconds: fc.constantFrom(5, 30),
      target: fc.constant(target),
    }),
    fc.record({
      kind: fc.constant('records' as const),
      sets: fc
        .subarray([
          'x.test. 5 A 192.0.2.1',
          'x.test. 5 A 192.0.2.2',
          'x.test. 5 TXT "a"',
          'x.test. 5 AAAA 2001:db8::1',
        ])
        .map((lines) => (lines.length === 0 ? [] : sets(...lines))),
    }),
  )
  const keys = (of: readonly RecordSet[]): readonly string[] =>
    of
      .flatMap(({ type, ttlSeconds, rdata }) =>
        rdata.map((octets) => `${type} ${ttlSeconds} ${octets.join('.')}`),
      )
      .sort()

  it('before, less what is removed, with what is added, is after', () => {
    fc.assert(
      fc.property(answer, answer, (before, after) => {
        const { removed, added } = differences(canonicalSets(before), canonicalSets(after))

        const gone = new Set(keys(removed))
        const left = keys(canonicalSets(before)).filter((key) => !gone.has(key))

        expect([...left, ...keys(added)].sort()).toEqual(keys(canonicalSets(after)))
        expect(sameRecords(before, after)).toBe(removed.length + added.length === 0)
      }),
    )
  })
})
