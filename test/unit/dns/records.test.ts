import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../src/dns/names.ts'
import { sameAnswer, type Answer, type NameChange } from '../../../src/dns/records.ts'
import { address } from '../../support/dns-lines.ts'

const variants = { by: 'network', lists: [Uint16Array.of(0, 1), Uint16Array.of(1, 0)] } as const
const select = { most: 1, rotate: false, variants } as const
const addresses = {
  kind: 'addresses',
  ttlSeconds: 30,
  a: [address('192.0.2.1'), address('192.0.2.2')],
  aaaa: [],
} as const satisfies Answer
const alias = {
  kind: 'alias',
  ttlSeconds: 30,
  target: parseDomainName('a.example'),
} as const satisfies Answer
const records = {
  kind: 'records',
  sets: [{ type: 16, ttlSeconds: 30, rdata: [Uint8Array.of(1, 65)] }],
} as const satisfies Answer

describe('sameAnswer', () => {
  it.each<{ name: string; left: Answer | undefined; right: Answer | undefined; want: boolean }>([
    { name: 'equal addresses', left: addresses, right: structuredClone(addresses), want: true },
    { name: 'equal aliases', left: alias, right: structuredClone(alias), want: true },
    { name: 'equal records', left: records, right: structuredClone(records), want: true },
    { name: 'nothing and nothing', left: undefined, right: undefined, want: true },
    { name: 'nothing and something', left: undefined, right: alias, want: false },
    { name: 'another kind', left: alias, right: records, want: false },
    { name: 'another TTL', left: addresses, right: { ...addresses, ttlSeconds: 31 }, want: false },
    {
      name: 'another address',
      left: addresses,
      right: { ...addresses, a: [address('192.0.2.1')] },
      want: false,
    },
    {
      name: 'another order',
      left: addresses,
      right: { ...addresses, a: addresses.a.toReversed() },
      want: false,
    },
    {
      name: 'equal selections',
      left: { ...addresses, select },
      right: structuredClone({ ...addresses, select }),
      want: true,
    },
    { name: 'a selection more', left: addresses, right: { ...addresses, select }, want: false },
    {
      name: 'another number of addresses at a time',
      left: { ...addresses, select },
      right: { ...addresses, select: { ...select, most: 2 } },
      want: false,
    },
    {
      name: 'an order that moves',
      left: { ...addresses, select },
      right: { ...addresses, select: { ...select, rotate: true } },
      want: false,
    },
    {
      name: 'a selection without lists',
      left: { ...addresses, select },
      right: { ...addresses, select: { most: 1, rotate: false } },
      want: false,
    },
    {
      name: 'another list in the selection',
      left: { ...addresses, select },
      right: {
        ...addresses,
        select: { ...select, variants: { ...variants, lists: [variants.lists[0], variants.lists[0]] } },
      },
      want: false,
    },
    {
      name: 'a list taken in another way',
      left: { ...addresses, select },
      right: { ...addresses, select: { ...select, variants: { ...variants, by: 'turn' } } },
      want: false,
    },
    {
      name: 'a selection of records',
      left: records,
      right: { ...records, select: { most: 0, rotate: true } },
      want: false,
    },
    {
      name: 'another target',
      left: alias,
      right: { ...alias, target: parseDomainName('b.example') },
      want: false,
    },
    {
      name: 'addresses for outputs that keep types',
      left: alias,
      right: { ...alias, instead: { a: [], aaaa: [] } },
      want: false,
    },
    {
      name: 'other rdata',
      left: records,
      right: { kind: 'records', sets: [{ type: 16, ttlSeconds: 30, rdata: [Uint8Array.of(1, 66)] }] },
      want: false,
    },
  ])('$name', ({ left, right, want }) => {
    expect(sameAnswer(left, right)).toBe(want)
    expect(sameAnswer(right, left)).toBe(want)
  })
})

describe('changes', () => {
  it('survive structuredClone: they cross threads', () => {
    const changes: readonly NameChange[] = [addresses, alias, records, { ...addresses, select }].map(
      (answer) => ({
        name: parseDomainName('x.example'),
        answer,
        urgent: false,
      }),
    )

    expect(structuredClone(changes)).toEqual(changes)
  })
})
