import { describe, expect, it } from 'vitest'
import { KeyFileError } from '../../../../src/dns/dnssec/key-file.ts'
import { signsWith } from '../../../../src/nameserver/dnssec/signature.ts'
import { CHILD, EDWARDS, KSK, TEST_KEYS, zoneKeyOf, ZSK, type TestKey } from '../../../support/dnssec-keys.ts'

describe('signsWith', () => {
  it.each(TEST_KEYS)('$file: 64 octets, as RRSIG records have them', (key) => {
    expect(signsWith(zoneKeyOf(key))(Buffer.from('octets'))).toHaveLength(64)
  })

  it('Ed25519 gives the same signature every time', () => {
    const sign = signsWith(zoneKeyOf(CHILD))

    expect(sign(Buffer.from('octets'))).toEqual(sign(Buffer.from('octets')))
  })

  it.each([
    { name: 'of two P-256 keys', halves: [KSK, ZSK] },
    { name: 'of two Ed25519 keys', halves: [CHILD, EDWARDS] },
  ] as { name: string; halves: [TestKey, TestKey] }[])(
    'halves $name are refused, without a word of the key',
    ({ halves }) => {
      const [left, right] = halves.map((key) => zoneKeyOf(key))
      const mixed = { ...left!, privateKey: right!.privateKey } // two were given

      const error = attempt(() => signsWith(mixed))

      expect(error).toBeInstanceOf(KeyFileError)
      expect((error as KeyFileError).fields).toEqual({
        reason: 'the .private file does not belong to the .key file',
      })
      expect((error as KeyFileError).cause).toBeUndefined()
    },
  )

  it('a private key of zeros is refused', () => {
    expect(attempt(() => signsWith({ ...zoneKeyOf(KSK), privateKey: new Uint8Array(32) }))).toBeInstanceOf(
      KeyFileError,
    )
  })
})

function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
