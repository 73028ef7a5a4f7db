import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanJson } from '../../../../../src/sandbox/apiserver/model/json-scan.ts'

describe('scanJson', () => {
  it.each([
    { name: 'an empty object nests once', in: '{}', want: { depth: 1, duplicates: [] } },
    { name: 'plain values nest not at all', in: '"a{[b"', want: { depth: 0, duplicates: [] } },
    { name: 'lists and objects nest alike', in: '{"a":[{"b":[]}]}', want: { depth: 4, duplicates: [] } },
    {
      name: 'a field given twice is named',
      in: '{"a":1,"b":2,"a":3}',
      want: { depth: 1, duplicates: ['a'] },
    },
    {
      name: 'it is named by its whole path',
      in: '{"spec":{"ports":[{"port":1},{"port":1,"port":2}]}}',
      want: { depth: 4, duplicates: ['spec.ports[1].port'] },
    },
    {
      name: 'equal names of different objects are fine',
      in: '[{"a":1},{"a":1}]',
      want: { depth: 2, duplicates: [] },
    },
    {
      name: 'escaped names are compared as they read',
      in: '{"a":1,"\\u0061":2}',
      want: { depth: 1, duplicates: ['a'] },
    },
    {
      name: 'signs inside strings count for nothing',
      in: '{"a":"\\"},{[","b":1}',
      want: { depth: 1, duplicates: [] },
    },
    {
      name: 'a field given three times is named once',
      in: '{"a":1,"a":2,"a":3}',
      want: { depth: 1, duplicates: ['a'] },
    },
    { name: 'values are no names', in: '{"a":"b","b":"a"}', want: { depth: 1, duplicates: [] } },
  ])('$name', ({ in: text, want }) => {
    expect(scanJson(text)).toEqual(want)
  })

  it('finds no duplicates in what JSON.stringify writes, and its depth', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(scanJson(JSON.stringify(value))).toEqual({ depth: depthOf(value), duplicates: [] })
      }),
    )
  })

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(scanJson(text).depth).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
