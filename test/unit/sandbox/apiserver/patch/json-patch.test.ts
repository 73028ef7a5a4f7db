import { describe, expect, it } from 'vitest'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'
import { applyJsonPatch } from '../../../../../src/sandbox/apiserver/patch/json-patch.ts'

function codeOf(patch: unknown): number | undefined {
  try {
    applyJsonPatch({ a: 1, list: [1, 2] }, patch)
    return undefined
  } catch (error) {
    return error instanceof StatusError ? error.status.code : -1
  }
}

describe('applyJsonPatch', () => {
  it.each([
    {
      name: 'operations in order',
      patch: [
        { op: 'add', path: '/b', value: 2 },
        { op: 'move', from: '/b', path: '/c' },
      ],
      want: { a: 1, list: [1, 2], c: 2 },
    },
    {
      name: 'the end of a list',
      patch: [{ op: 'add', path: '/list/-', value: 3 }],
      want: { a: 1, list: [1, 2, 3] },
    },
    {
      name: 'escaped names',
      patch: [{ op: 'add', path: '/x~1y~0', value: 1 }],
      want: { a: 1, list: [1, 2], 'x/y~': 1 },
    },
    {
      name: 'replace of what is absent',
      patch: [{ op: 'replace', path: '/b', value: 2 }],
      want: { a: 1, list: [1, 2], b: 2 },
    },
    {
      name: 'copy of what is absent',
      patch: [{ op: 'copy', from: '/b', path: '/c' }],
      want: { a: 1, list: [1, 2], c: null },
    },
    {
      name: 'a test of what is absent against null',
      patch: [{ op: 'test', path: '/b', value: null }],
      want: { a: 1, list: [1, 2] },
    },
  ])('applies $name', ({ patch, want }) => {
    expect(applyJsonPatch({ a: 1, list: [1, 2] }, patch)).toEqual(want)
  })

  it.each([
    { name: 'no list', patch: { op: 'add' }, want: 400 },
    { name: 'an operation that is no object', patch: ['add'], want: 400 },
    {
      name: 'too many operations',
      patch: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })),
      want: 413,
    },
    { name: 'a test that fails', patch: [{ op: 'test', path: '/a', value: 2 }], want: 422 },
    { name: 'removing what is absent', patch: [{ op: 'remove', path: '/b' }], want: 422 },
    { name: 'a parent that is absent', patch: [{ op: 'add', path: '/b/c', value: 1 }], want: 422 },
    { name: 'an index behind the end', patch: [{ op: 'add', path: '/list/9', value: 1 }], want: 422 },
    { name: 'an unknown operation', patch: [{ op: 'odd', path: '/a' }], want: 422 },
    { name: 'a path into the prototype', patch: [{ op: 'add', path: '/__proto__/x', value: 1 }], want: 422 },
  ])('refuses $name with $want', ({ patch, want }) => {
    expect(codeOf(patch)).toBe(want)
  })

  it('leaves the object alone when a later operation fails', () => {
    const object = { a: 1 }

    expect(() =>
      applyJsonPatch(object, [
        { op: 'add', path: '/b', value: 2 },
        { op: 'remove', path: '/c' },
      ]),
    ).toThrow(StatusError)
    expect(object).toEqual({ a: 1 })
  })

  it('refuses copies of copies that would take all memory, before they do', () => {
    const copies = Array.from({ length: 28 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/z${i}` }))

    expect(() => applyJsonPatch({ a: { text: 'x'.repeat(1_000) } }, copies)).toThrow(StatusError)
  })
})
