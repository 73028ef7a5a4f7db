import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareVersions } from '../../../src/kube/resource-version.ts'

describe('compareVersions', () => {
  test.each([
    { left: '9', right: '10', want: -1 },
    { left: '100', right: '99', want: 1 },
    { left: '7', right: '7', want: 0 },
    { left: '18446744073709551615', right: '18446744073709551614', want: 1 },
    { left: '', right: '5', want: 0 },
    { left: 'abc', right: '5', want: 0 },
    { left: '007', right: '5', want: 0 },
  ])('$left and $right', ({ left, right, want }) => {
    expect(Math.sign(compareVersions(left, right))).toBe(want)
  })

  test('orders as the numbers do', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 80n }), fc.bigInt({ min: 0n, max: 2n ** 80n }), (a, b) => {
        const want = a === b ? 0 : a < b ? -1 : 1
        expect(Math.sign(compareVersions(a.toString(), b.toString()))).toBe(want)
      }),
    )
  })
})
