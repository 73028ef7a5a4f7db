import { describe, expect, it } from 'vitest'
import { foldName, labelCount, nameKey, parentName, presentName } from '../../../../src/dns/wire/name.ts'
import { nameBytes } from '../../../support/dns-query.ts'

describe('foldName', () => {
  it('folds A to Z and nothing else (RFC 4343, 3)', () => {
    expect(presentName(foldName(nameBytes('AZ[@`.Exam\u00c4ple')))).toBe(
      presentName(nameBytes('az[@`.exam\u00c4ple')),
    )
  })
})

describe('presentName', () => {
  it.each([
    { name: 'the root', in: Uint8Array.of(0), want: '.' },
    { name: 'letters', in: nameBytes('www.Example'), want: 'www.Example.' },
    { name: 'a dot in a label', in: Uint8Array.of(3, 97, 46, 98, 0), want: 'a\\.b.' },
    { name: 'octets that do not print', in: Uint8Array.of(2, 0, 255, 0), want: '\\000\\255.' },
  ])('$name', ({ in: name, want }) => {
    expect(presentName(name)).toBe(want)
  })
})

describe('parts of names', () => {
  it('counts labels, the root apart', () => {
    expect([labelCount(nameBytes('.')), labelCount(nameBytes('a.b.c'))]).toEqual([0, 3])
  })

  it('gives the name without its first labels', () => {
    expect([0, 1, 3, 9].map((labels) => presentName(parentName(nameBytes('a.b.c'), labels)))).toEqual([
      'a.b.c.',
      'b.c.',
      '.',
      '.',
    ])
  })

  it('has one key for equal octets and another for others', () => {
    expect(nameKey(nameBytes('a.b'))).toBe(nameKey(nameBytes('a.b.')))
    expect(nameKey(nameBytes('a.b'))).not.toBe(nameKey(nameBytes('ab')))
  })
})
