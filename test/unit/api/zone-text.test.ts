import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_ZONE_TEXT_CHARACTERS, readZoneText, zoneTextProblems } from '../../../src/api/zone-text.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import { presentRdata } from '../../../src/dns/rdata/present-rdata.ts'

const zone = { origin: parseDomainName('example.com'), defaultTtlSeconds: 180 }
const problems = (text: string): readonly string[] => zoneTextProblems('zoneFile', readZoneText(text, zone))

describe('what is wrong with a text is told by line', () => {
  it.each([
    { name: 'nothing', in: 'www A 192.0.2.1\n', want: [] },
    {
      name: 'a type that there is not',
      in: '\n; a comment\nwww NOTYPE 1',
      want: ['zoneFile line 3: no such type (type=NOTYPE)'],
    },
    {
      name: 'another file',
      in: '$INCLUDE other.zone',
      want: [
        'zoneFile line 1: directive is not supported: write the records into this file (directive=$INCLUDE)',
      ],
    },
    {
      name: 'a record below a parenthesis that is not closed',
      in: 'a A 192.0.2.1\nb TXT ( "x"\n"y"',
      want: ['zoneFile line 2: parenthesis is not closed (opened=1)'],
    },
    {
      name: 'five, and how many more there are',
      in: 'a A 1\n'.repeat(7),
      want: [
        ...[1, 2, 3, 4, 5].map(
          (line) => `zoneFile line ${line}: field is not what it should be (wanted=an IPv4 address found=1)`,
        ),
        'zoneFile: and 2 more',
      ],
    },
    {
      name: 'too many to be counted',
      in: 'a A 1\n'.repeat(100),
      want: expect.arrayContaining(['zoneFile: and at least 15 more']) as unknown,
    },
  ])('$name', (row) => {
    expect(problems(row.in)).toEqual(row.want)
  })
})

describe('a text', () => {
  it('has octets as UTF-8 where it is more than ASCII', () => {
    const part = readZoneText('a TXT "ü" ; ✓', zone)

    expect(
      part.kind === 'zone' &&
        part.records
          .recordsOf(parseDomainName('a.example.com'))
          .map(({ type, rdata }) => presentRdata(type, rdata)),
    ).toEqual(['"\\195\\188"'])
  })

  it('is read once, and again for another zone or another default', () => {
    const text = 'www A 192.0.2.1'
    const first = readZoneText(text, zone)

    expect(readZoneText(['www A ', '192.0.2.1'].join(''), { ...zone })).toBe(first)
    expect(readZoneText(text, { ...zone, defaultTtlSeconds: 5 })).not.toBe(first)
    expect(readZoneText(text, { ...zone, origin: parseDomainName('example.org') })).not.toBe(first)
  })

  it('is forgotten when many others were read since, and those that are asked for stay', () => {
    const text = (name: string) => `${name} A 192.0.2.1\n;${' '.repeat(MAX_ZONE_TEXT_CHARACTERS - 100)}`
    const used = readZoneText(text('used'), zone)
    const idle = readZoneText(text('idle'), zone)
    for (let i = 0; i < 40; i += 1) {
      readZoneText(text(`n${i}`), zone)
      readZoneText(text('used'), zone)
    }

    expect(readZoneText(text('used'), zone)).toBe(used)
    expect(readZoneText(text('idle'), zone)).not.toBe(idle)
  })
})

describe('properties', () => {
  const words = fc.constantFrom(
    ...[
      'www',
      '@',
      '*',
      '$TTL',
      '$ORIGIN',
      '$INCLUDE',
      'A',
      'NS',
      'SOA',
      'CNAME',
      'DNAME',
      'TXT',
      'IN',
      '60',
      '(',
    ],
    ...[
      ')',
      '"',
      ';',
      '\\',
      '\\# 1 ff',
      'TYPE300',
      '192.0.2.1',
      'ns.example.net.',
      '\n',
      '\n',
      ' ',
      'ü',
      '\u0000',
    ],
  )
  const texts = fc.oneof(
    fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  )

  it('any text is read, or told of in at most six lines with the field in front', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const lines = problems(text)

        expect(lines.length).toBeLessThanOrEqual(6)
        for (const line of lines) expect(line).toMatch(/^zoneFile(?: line \d+)?: /)
        expect(lines.length === 0).toBe(readZoneText(text, zone).kind === 'zone')
      }),
    )
  })
})
