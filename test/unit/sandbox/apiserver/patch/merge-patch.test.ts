import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyMergePatch } from '../../../../../src/sandbox/apiserver/patch/merge-patch.ts'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'

/** RFC 7386, appendix A, where the patch is an object. */
const RFC_7386 = [
  { target: { a: 'b' }, patch: { a: 'c' }, want: { a: 'c' } },
  { target: { a: 'b' }, patch: { b: 'c' }, want: { a: 'b', b: 'c' } },
  { target: { a: 'b' }, patch: { a: null }, want: {} },
  { target: { a: 'b', b: 'c' }, patch: { a: null }, want: { b: 'c' } },
  { target: { a: ['b'] }, patch: { a: 'c' }, want: { a: 'c' } },
  { target: { a: 'c' }, patch: { a: ['b'] }, want: { a: ['b'] } },
  { target: { a: { b: 'c' } }, patch: { a: { b: 'd', c: null } }, want: { a: { b: 'd' } } },
  { target: { a: [{ b: 'c' }] }, patch: { a: [1] }, want: { a: [1] } },
  { target: ['a', 'b'], patch: { a: 'b' }, want: { a: 'b' } },
  { target: { e: null }, patch: { a: 1 }, want: { e: null, a: 1 } },
  { target: [1, 2], patch: { a: 'b', c: null }, want: { a: 'b' } },
  { target: {}, patch: { a: { bb: { ccc: null } } }, want: { a: { bb: {} } } },
]

describe('applyMergePatch', () => {
  it.each(RFC_7386)('RFC 7386 A: $target with $patch is $want', ({ target, patch, want }) => {
    expect(applyMergePatch(target, patch, 'Thing')).toEqual(want)
  })

  it('refuses a patch that is no object', () => {
    for (const patch of [[], 'a', 1, null]) {
      expect(() => applyMergePatch({}, patch, 'Thing')).toThrow(StatusError)
    }
  })

  it('keeps __proto__ a plain field', () => {
    const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'), 'Thing')

    expect(Object.keys(result as object)).toEqual(['__proto__'])
    expect((result as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('properties', () => {
  const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue())

  it('a patch applied twice is a patch applied once', () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const once = applyMergePatch(target, patch, 'Thing')

        expect(applyMergePatch(once, patch, 'Thing')).toEqual(once)
      }),
    )
  })

  it('neither target nor patch is changed', () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const before = JSON.stringify([target, patch])

        applyMergePatch(target, patch, 'Thing')

        expect(JSON.stringify([target, patch])).toBe(before)
      }),
    )
  })
})
