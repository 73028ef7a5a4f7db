import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import { PackedCursor, packNames, type PackedNames } from '../../../../src/dns/zone-file/packed-names.ts'
import { readPackedZone } from '../../../../src/dns/zone-file/packed-zone.ts'
import { readZoneFile, readZoneRecords } from '../../../../src/dns/zone-file/read-zone-file.ts'
import { zoneDataOf } from '../../../../src/dns/zone-file/zone-data.ts'
import { recordLines } from '../../../support/zone-generator.ts'

const ORIGIN = parseDomainName('example.com')
const HEAD = '$TTL 300\n@ SOA ns1 hostmaster 7 3600 900 604800 15\n@ NS ns1\nns1 A 192.0.2.53\n'

/** Names with what they say, as data. */
type Said = readonly (readonly [DomainName, readonly RecordSet[]])[]

function unpacked(packed: PackedNames): Said {
  const said: [DomainName, readonly RecordSet[]][] = []
  for (const cursor = new PackedCursor(packed); cursor.next();) said.push([cursor.name, cursor.answer().sets])
  return said
}

/** Through one list of all records, gathered as objects. */
function saidDirectly(text: string): Said {
  const read = readZoneRecords(text, ORIGIN)
  if (read.kind === 'broken') throw new Error(read.problems[0]?.message)
  return [...zoneDataOf(ORIGIN, read.records).names]
}

const address = (last: number): RecordSet => ({
  type: 1,
  ttlSeconds: 60,
  rdata: [Uint8Array.of(192, 0, 2, last)],
})

describe('a packed zone', () => {
  it('says what the file says, read record by record', () => {
    let zones = 0
    fc.assert(
      fc.property(recordLines, (lines) => {
        const text = HEAD + lines.map((line, i) => line.replace(' ', ` ${60 + (i % 3)} `)).join('\n')

        const packed = readPackedZone(text, ORIGIN)

        const file = readZoneFile(text, ORIGIN)
        if (packed.kind === 'broken' || file.kind === 'broken') {
          expect(packed).toEqual(file)
          return
        }
        zones += 1
        const said = saidDirectly(text)
        expect(unpacked(packed.names)).toEqual(said)
        expect([...file.zone.names]).toEqual(said)
        expect(packed.warnings).toEqual(file.warnings)
      }),
      { numRuns: 500 },
    )
    expect(zones).toBeGreaterThan(0)
  })

  it.each([
    {
      name: 'names of many records, which come in between others',
      lines: (i: number) => `n${i % 7} TXT "${i}"`,
    },
    { name: 'many names', lines: (i: number) => `n${i} A 192.0.2.${i % 250}` },
    { name: 'octets that no host name has', lines: (i: number) => `a\\.\\200b${i} TYPE65534 \\# 2 ab00` },
    { name: 'rdata of no octets', lines: (i: number) => `n${i} TYPE65534 \\# 0` },
  ])('grows with $name', ({ lines }) => {
    const text = HEAD + Array.from({ length: 1_000 }, (_, i) => lines(i)).join('\n')

    const packed = readPackedZone(text, ORIGIN)

    expect(packed.kind === 'zone' && unpacked(packed.names)).toEqual(saidDirectly(text))
  })

  it('tells what is wrong as it is told without packing', () => {
    const text = `${HEAD}a A 192.0.2.300\nb CNAME`

    expect(readPackedZone(text, ORIGIN)).toEqual(readZoneFile(text, ORIGIN))
    expect(readPackedZone(text, ORIGIN)).toMatchObject({
      kind: 'broken',
      problems: [{ line: 5 }, { line: 6 }],
    })
  })
})

describe('a packed answer', () => {
  const a = parseDomainName('a.example.com')
  const packed = packNames([[a, [address(1), { ...address(2), type: 99 }]]], 0)
  const at = (octets: PackedNames): PackedCursor => {
    const cursor = new PackedCursor(octets)
    cursor.next()
    return cursor
  }

  it('is an answer of kind records', () => {
    const answer = at(packed).answer()

    expect({ kind: answer.kind, sets: answer.sets }).toEqual({
      kind: 'records',
      sets: [address(1), { ...address(2), type: 99 }],
    })
  })

  it('gives copies: who changes them changes nothing', () => {
    const answer = at(packed).answer()

    answer.sets[0]?.rdata[0]?.fill(9)

    expect(answer.sets[0]).toEqual(address(1))
  })

  it.each([
    { name: 'equal octets', sets: [address(1), { ...address(2), type: 99 }], want: true },
    {
      name: 'another TTL',
      sets: [
        { ...address(1), ttlSeconds: 61 },
        { ...address(2), type: 99 },
      ],
      want: false,
    },
    { name: 'one set less', sets: [address(1)], want: false },
    { name: 'one set more', sets: [address(1), { ...address(2), type: 99 }, address(3)], want: false },
    { name: 'nothing', sets: [], want: false },
  ])('says the same as $name: $want', ({ sets, want }) => {
    expect(
      at(packed)
        .answer()
        .saysSame(at(packNames([[a, sets]]))),
    ).toBe(want)
  })

  it('says what it said after it moved, and after it was detached', () => {
    const answer = at(packed).answer()
    const others = packNames([
      [parseDomainName('b'), [address(7)]],
      [a, answer.sets],
    ])
    const cursor = at(others)
    cursor.next()

    const before = answer.sets
    answer.moveTo(cursor)
    const moved = { sets: answer.sets, isIn: answer.isIn(others) }
    answer.detach()
    others.fill(0)

    expect(moved).toEqual({ sets: before, isIn: true })
    expect({ sets: answer.sets, isIn: answer.isIn(others) }).toEqual({ sets: before, isIn: false })
  })
})
