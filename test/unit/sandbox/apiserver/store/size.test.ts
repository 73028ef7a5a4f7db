import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTooLarge } from '../../../../../src/sandbox/apiserver/store/size.ts'

const LIMIT = 1_572_864

describe('isTooLarge', () => {
  it('counts bytes of JSON, to the last', () => {
    const frame = JSON.stringify({ a: '' }).length

    expect(isTooLarge({ a: 'x'.repeat(LIMIT - frame) })).toBe(false)
    expect(isTooLarge({ a: 'x'.repeat(LIMIT - frame + 1) })).toBe(true)
  })

  it('counts signs that JSON writes as six', () => {
    expect(isTooLarge({ a: '\u0001'.repeat(LIMIT / 6) })).toBe(true)
  })

  it('counts what is no text', () => {
    expect(isTooLarge(Array.from({ length: LIMIT }, () => 1))).toBe(true)
    expect(isTooLarge(Array.from({ length: LIMIT / 6 }, () => -1.7976931348623157e308))).toBe(true)
  })

  it('takes everything small', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => !isTooLarge(value)))
  })
})
