import { describe, expect, it } from 'vitest'
import { SipHash } from '../../../../src/dns/answer/siphash.ts'

/** Some of the reference vectors: key 00 to 0f, the message 00 01 02 …, by its length. */
const VECTORS: Readonly<Record<number, string>> = {
  0: '310e0edd47db6f72',
  1: 'fd67dc93c539f874',
  2: '5a4fa9d909806c0d',
  3: '2d7efbd796666785',
  4: 'b7877127e09427cf',
  5: '8da699cd64557618',
  6: 'cee3fe586e46c9cb',
  7: '37d1018bf50002ab',
  8: '6224939a79f5f593',
  9: 'b0e4a90bdf82009e',
  15: 'e545be4961ca29a1',
}

describe('SipHash', () => {
  it.each(Object.entries(VECTORS))('of %s octets is as its authors say', (length, want) => {
    const count = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i)
    const out = new Uint8Array(10)

    new SipHash(count(16)).write(count(Number(length)), Number(length), out, 1)

    expect(Buffer.from(out.subarray(1, 9)).toString('hex')).toBe(want)
    expect([out[0], out[9]]).toEqual([0, 0])
  })
})
