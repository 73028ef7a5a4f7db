import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { yamlDocuments } from '../../../src/sandbox/yaml-documents.ts'

describe('yamlDocuments', () => {
  const cases: readonly { name: string; in: string; want: unknown }[] = [
    { name: 'no document', in: '', want: [] },
    { name: 'one value', in: 'a: 1', want: [{ kind: 'value', value: { a: 1 } }] },
    {
      name: 'several, an empty one among them',
      in: 'a\n---\n---\nb',
      want: ['a', null, 'b'].map((value) => ({ kind: 'value', value })),
    },
    {
      name: 'a fault with its line, beside good ones',
      in: 'a: 1\n---\nb: "\n',
      want: [
        { kind: 'value', value: { a: 1 } },
        { kind: 'fault', line: 4, reason: 'Missing closing "quote' },
      ],
    },
    {
      name: 'an alias bomb',
      in: `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(10)}]\nc: &c [${'*b,'.repeat(10)}]\nd: [${'*c,'.repeat(10)}]\n`,
      want: [
        { kind: 'fault', line: 1, reason: 'Excessive alias count indicates a resource exhaustion attack' },
      ],
    },
  ]
  it.each(cases)('reads $name', ({ in: text, want }) => {
    expect(yamlDocuments(text)).toEqual(want)
  })
})

describe('properties', () => {
  it('any text gives documents', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(yamlDocuments(text)).toBeInstanceOf(Array)
      }),
    )
  })

  it('JSON gives its value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue()), (value) => {
        expect(yamlDocuments(JSON.stringify(value))).toEqual([
          { kind: 'value', value: JSON.parse(JSON.stringify(value)) },
        ])
      }),
    )
  })
})
