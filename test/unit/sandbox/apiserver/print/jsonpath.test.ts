import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileJsonPath } from '../../../../../src/sandbox/apiserver/print/jsonpath.ts'

const OBJECT = {
  metadata: { labels: { 'a/b': 'lab', 'c.d': 'dot' } },
  spec: {
    list: [1, 2, 3],
    parts: [
      { id: 'a', size: 1, inner: { on: true } },
      { id: 'b', size: 5 },
    ],
  },
}

describe('compileJsonPath', () => {
  it.each([
    { in: '.spec.list', want: [[1, 2, 3]] },
    { in: 'spec.list', want: [[1, 2, 3]] },
    { in: '{.spec.list}', want: [[1, 2, 3]] },
    { in: '.spec.list[0]', want: [1] },
    { in: '.spec.list[-1]', want: [3] },
    { in: '.spec.list[9]', want: [] },
    { in: '.spec.list[*]', want: [1, 2, 3] },
    { in: '.spec.parts[*].id', want: ['a', 'b'] },
    { in: ".metadata.labels['a/b']", want: ['lab'] },
    { in: '.metadata.labels.c\\.d', want: ['dot'] },
    { in: '.metadata.labels.*', want: ['lab', 'dot'] },
    { in: '.spec.parts[?(@.id=="b")].size', want: [5] },
    { in: ".spec.parts[?(@.id!='b')].size", want: [1] },
    { in: '.spec.parts[?(@.size>1)].id', want: ['b'] },
    { in: '.spec.parts[?(@.inner.on==true)].id', want: ['a'] },
    { in: '.spec.parts[?(@.inner)].id', want: ['a'] },
    { in: '.spec.absent.deep', want: [] },
    { in: '.toString', want: [] },
  ])('$in finds $want', ({ in: path, want }) => {
    expect(compileJsonPath(path)?.(OBJECT)).toEqual(want)
  })

  it.each(['.spec[', '.spec.parts[?(@.id==)]', '..', '.spec[abc]'])('%s is outside the language', (path) => {
    expect(compileJsonPath(path)).toBeUndefined()
  })

  it('compiles or refuses any text, and what compiles finds something or nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (path, value) => {
        expect(Array.isArray(compileJsonPath(path)?.(value) ?? [])).toBe(true)
      }),
    )
  })
})
