import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecordText, recordTexts } from '../../../../src/app/updates/record-text.ts'
import { nameOfWire, parseDomainName } from '../../../../src/dns/names.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'
import { linesOf } from '../../../support/received-transfers.ts'

const zone = parseDomainName('example.com')
const www = { name: 'www.example.com.', type: 'A', ttl: 300, rdata: ['192.0.2.1'] }

describe('readRecordText', () => {
  it.each([
    {
      name: 'a set',
      in: { ...www, rdata: ['192.0.2.1', '192.0.2.2'] },
      want: ['www.example.com. 300 A 192.0.2.1', 'www.example.com. 300 A 192.0.2.2'],
    },
    {
      name: 'without the final dot, in any case',
      in: { ...www, name: 'WWW.example.COM', type: 'a' },
      want: ['www.example.com. 300 A 192.0.2.1'],
    },
    {
      name: 'texts, quoted',
      in: { ...www, type: 'TXT', rdata: ['"one two" three'] },
      want: ['www.example.com. 300 TXT "one two" "three"'],
    },
    {
      name: 'types without a name',
      in: { ...www, type: 'TYPE65280', rdata: ['\\# 2 abcd'] },
      want: ['www.example.com. 300 TYPE65280 \\# 2 abcd'],
    },
    {
      name: 'names of any octets',
      in: { ...www, name: 'a\\.b\\000.example.com.' },
      want: ['a\\046b\\000.example.com. 300 A 192.0.2.1'],
    },
  ])('$name', ({ in: text, want }) => {
    const read = readRecordText(text, zone)

    expect(read.kind === 'set' && linesOf([[read.name, [read.set]]])).toEqual(want)
  })

  it.each([
    {
      name: 'a name outside of the zone',
      in: { ...www, name: 'www.example.org.' },
      want: 'www.example.org. A: is not in the zone example.com.',
    },
    {
      name: 'a type that is none',
      in: { ...www, type: 'AAAAA' },
      want: 'www.example.com. AAAAA: is no type of records',
    },
    {
      name: 'a type that is no data',
      in: { ...www, type: 'AXFR' },
      want: 'www.example.com. AXFR: is no type of records',
    },
    {
      name: 'data of another type',
      in: { ...www, rdata: ['2001:db8::1'] },
      want: 'www.example.com. A: field is not what it should be wanted=an IPv4 address found=2001:db8::1',
    },
    {
      name: 'more than one line',
      in: { ...www, rdata: ['192.0.2.1\n192.0.2.2'] },
      want: 'www.example.com. A: data is not one line',
    },
    { name: 'nothing', in: { ...www, rdata: [''] }, want: 'www.example.com. A: data is not one line' },
    {
      name: 'a relative name in data',
      in: { ...www, type: 'CNAME', rdata: ['www'] },
      want: 'www.example.com. CNAME: relative name without an origin name=www',
    },
    {
      name: 'an empty label',
      in: { ...www, name: 'www..example.com.' },
      want: 'www..example.com. A: label is empty name=www..example.com.',
    },
    {
      name: 'a quote that does not end',
      in: { ...www, type: 'TXT', rdata: ['"a'] },
      want: 'www.example.com. TXT: string is not closed',
    },
  ])('says what is wrong: $name', ({ in: text, want }) => {
    expect(readRecordText(text, zone)).toEqual({ kind: 'problem', problem: want })
  })

  it('reads what recordTexts writes, names of any octets', () => {
    fc.assert(
      fc.property(wireNames, fc.uint8Array({ maxLength: 20 }), (wire, octets) => {
        fc.pre(wire.length <= 240)
        const name = nameOfWire(
          Uint8Array.from([...wire.slice(0, -1), 7, ...Buffer.from('example'), 3, ...Buffer.from('com'), 0]),
        )
        const sets = [
          { type: 16, ttlSeconds: 60, rdata: [Uint8Array.of(octets.length, ...octets)] },
          { type: 65_281, ttlSeconds: 0, rdata: [octets] },
        ]
        const again = recordTexts(name, sets).map((text) => readRecordText(text, zone))

        expect(again).toEqual(sets.map((set) => ({ kind: 'set', name, set })))
      }),
    )
  })
})
