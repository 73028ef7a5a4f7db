import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typeBitmap, typesOfBitmap } from '../../../../src/dns/rdata/type-bitmap.ts'

describe('typesOfBitmap', () => {
  it.each([
    { name: 'nothing', hex: '', want: [] },
    { name: 'one type', hex: '000140', want: [1] },
    { name: 'two windows', hex: '000140010180', want: [1, 256] },
    { name: 'windows out of order', hex: '010180000140', want: undefined },
    { name: 'a window twice', hex: '000140000120', want: undefined },
    { name: 'a window without octets', hex: '0000', want: undefined },
    { name: 'a window with no types (RFC 4034, 4.1.2)', hex: '000100', want: undefined },
    { name: 'octets of zero at the end of a window (RFC 4034, 4.1.2)', hex: '00024000', want: undefined },
    { name: 'octets of zero before its end', hex: '00020040', want: [9] },
    { name: 'a window that is not whole', hex: '000240', want: undefined },
    { name: 'a window of more than 32 octets', hex: `0021${'01'.repeat(33)}`, want: undefined },
  ])('$name', ({ hex, want }) => {
    expect(typesOfBitmap(Buffer.from(hex, 'hex'))).toEqual(want)
  })

  it('gives back, in order, what typeBitmap() was given', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 65_535 })), (types) => {
        expect(typesOfBitmap(typeBitmap(types))).toEqual(types.toSorted((left, right) => left - right))
      }),
    )
  })
})
