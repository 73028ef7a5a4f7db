import { describe, expect, it } from 'vitest'
import { KeyFileError, readZoneKey } from '../../../../src/dns/dnssec/key-file.ts'
import { CHILD, KSK, NEXT_ZSK, TEST_KEYS } from '../../../support/dnssec-keys.ts'

/** The reason that a pair is refused for. */
function reasonOf(publicText: string, privateText: string): unknown {
  try {
    readZoneKey(publicText, privateText)
    return undefined
  } catch (error) {
    return error instanceof KeyFileError ? error.fields['reason'] : error
  }
}

const changed = (text: string, from: string | RegExp, to: string): string => {
  const other = text.replace(from, to)
  expect(other).not.toBe(text)
  return other
}

describe('readZoneKey', () => {
  it.each(TEST_KEYS)('$file as dnssec-keygen wrote it', ({ file, publicText, privateText, tag }) => {
    const [, zone, algorithm] = /^K(.+)\+(\d+)\+\d+$/.exec(file) ?? []

    const key = readZoneKey(publicText, privateText)

    expect({ zone: key.zone, algorithm: key.algorithm, tag: key.tag }).toEqual({
      zone,
      algorithm: Number(algorithm),
      tag,
    })
    expect(key.publicKey).toHaveLength(key.algorithm === 13 ? 64 : 32)
    expect(key.privateKey).toHaveLength(32)
  })

  it('times and TTL', () => {
    const { times, ttlSeconds, flags } = readZoneKey(NEXT_ZSK.publicText, NEXT_ZSK.privateText)

    const at = (text: string): number => Date.parse(text) / 1_000
    expect({ times, ttlSeconds, flags }).toEqual({
      flags: 256,
      ttlSeconds: 600,
      times: {
        publishSeconds: at('2026-11-21T07:31:09Z'),
        activateSeconds: at('2026-11-22T07:31:09Z'),
        inactiveSeconds: at('2026-12-21T07:31:09Z'),
        deleteSeconds: at('2026-12-31T07:31:09Z'),
      },
    })
  })

  it('times of CDS records, and lines that are of no use here', () => {
    const more =
      'SyncPublish: 20260101000000\nSyncDelete: 20270101000000\nRevoke: 20280101000000\nDSPublish: 1\n'

    const { times } = readZoneKey(KSK.publicText, KSK.privateText + more)

    expect(times).toMatchObject({
      syncPublishSeconds: Date.UTC(2026, 0, 1) / 1_000,
      syncDeleteSeconds: Date.UTC(2027, 0, 1) / 1_000,
    })
  })

  it('format 1.2 knows no times: in use from the start', () => {
    const { times } = readZoneKey(KSK.publicText, changed(KSK.privateText, 'v1.3', 'v1.2'))

    expect(times).toEqual({ publishSeconds: 0, activateSeconds: 0 })
  })

  it('the record over several lines, its class left out, its owner in any case', () => {
    const text = changed(
      CHILD.publicText,
      /child\.signed\.test\. IN DNSKEY 257 3 15 (.*)/,
      'Child.SIGNED.test. 1h DNSKEY (\n 257 3 15\n $1 )',
    )

    const { zone, tag, ttlSeconds } = readZoneKey(text, CHILD.privateText)

    expect({ zone, tag, ttlSeconds }).toEqual({
      zone: 'child.signed.test.',
      tag: CHILD.tag,
      ttlSeconds: 3_600,
    })
  })

  it.each([
    {
      name: 'no .key text',
      in: ['', KSK.privateText],
      want: 'the .key file does not hold one DNSKEY record',
    },
    {
      name: 'two records',
      in: [KSK.publicText + KSK.publicText, KSK.privateText],
      want: 'the .key file does not hold one DNSKEY record',
    },
    {
      name: 'another type',
      in: ['signed.test. IN A 192.0.2.1', KSK.privateText],
      want: 'the .key file does not hold one DNSKEY record',
    },
    {
      name: 'a relative owner',
      in: [KSK.publicText.replace('signed.test. IN', 'signed IN'), KSK.privateText],
      want: /^the \.key file cannot be read: relative name/,
    },
    {
      name: 'broken base64',
      in: [KSK.publicText.replace('==', '='), KSK.privateText],
      want: /^the \.key file cannot be read: field is not/,
    },
    {
      name: 'an algorithm of other times',
      in: [KSK.publicText.replace('257 3 13', '257 3 8'), KSK.privateText],
      want: 'algorithm 8 is none that zones are signed with here: make a key of 13 (ECDSAP256SHA256) or 15 (ED25519)',
    },
    {
      name: 'flags of no zone key',
      in: [KSK.publicText.replace('257 3 13', '1 3 13'), KSK.privateText],
      want: 'flags 1, protocol 3 are not those of a zone key',
    },
    {
      name: 'a public key of another length',
      in: [KSK.publicText.replace('257 3 13', '257 3 15'), KSK.privateText],
      want: 'public key has 64 octets, not 32',
    },
    {
      name: 'halves of two algorithms',
      in: [KSK.publicText, CHILD.privateText],
      want: 'the .private file is of algorithm 15, the .key file of 13',
    },
    {
      name: 'no private format',
      in: [KSK.publicText, 'PrivateKey: AAAA'],
      want: 'the .private file does not begin with Private-key-format: v1.x',
    },
    {
      name: 'a format of the future',
      in: [KSK.publicText, KSK.privateText.replace('v1.3', 'v2.0')],
      want: 'the .private file does not begin with Private-key-format: v1.x',
    },
    {
      name: 'no private key',
      in: [KSK.publicText, KSK.privateText.replace(/PrivateKey: .*/, '')],
      want: 'PrivateKey is not 32 octets in base64',
    },
    {
      name: 'a time that is none',
      in: [KSK.publicText, KSK.privateText.replace(/Publish: \d+/, 'Publish: soon')],
      want: 'publish is no time as YYYYMMDDHHmmSS',
    },
  ])('refused: $name', ({ in: [publicText = '', privateText = ''], want }) => {
    const reason = reasonOf(publicText, privateText)

    if (want instanceof RegExp) expect(reason).toMatch(want)
    else expect(reason).toBe(want)
  })
})
