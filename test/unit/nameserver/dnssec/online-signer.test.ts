import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dnskeyRdata } from '../../../../src/dns/dnssec/dnskey.ts'
import type { SignRequest } from '../../../../src/dns/dnssec/signer.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import type { ResourceRecord } from '../../../../src/dns/wire/message.ts'
import { OnlineSigner } from '../../../../src/nameserver/dnssec/online-signer.ts'
import type { SigningLimits } from '../../../../src/nameserver/dnssec/signing-budget.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'
import { EDWARDS, KSK, NEXT_ZSK, ZSK, zoneKeyOf } from '../../../support/dnssec-keys.ts'
import { nameOf } from '../../../support/dnssec-names.ts'
import { readSignature, wrongSignatures } from '../../../support/dnssec-verify.ts'
import { ALWAYS, signingZones } from '../../../support/dnssec-zone.ts'

const DAY = 86_400
const NOW = 1_800_000_000
const KEYS = [KSK, ZSK].map((key) => zoneKeyOf(key, ALWAYS))
const A: RecordSet = {
  type: 1,
  ttlSeconds: 30,
  rdata: [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2)],
}

function request(more: Partial<SignRequest> = {}): SignRequest {
  return {
    zone: nameOf('signed.test.'),
    owner: nameOf('www.signed.test.'),
    set: A,
    isMade: () => false,
    isProven: false,
    nowSeconds: NOW,
    ...more,
  }
}

function signerOf(
  keys = KEYS,
  limits: SigningLimits = { unprovenPerSecond: 2, provenPerSecond: 1 },
): OnlineSigner {
  const signer = new OnlineSigner({ limits })
  signer.setZones(signingZones(keys, NOW))
  return signer
}

describe('OnlineSigner', () => {
  it('signs the zones it has keys of, and no others', () => {
    const signer = signerOf()

    const signs = ['signed.test.', 'www.signed.test.', 'test.', '.'].map((name) => signer.signs(nameOf(name)))

    expect(signs).toEqual([true, false, false, false])
    expect(signer.origins).toEqual([nameOf('signed.test.')])
    expect(signer.sign(request({ zone: nameOf('test.') }))).toBeUndefined()
  })

  it('keeps a signature: the set in another order, the owner in another case, is the same set', () => {
    const signer = signerOf()
    const first = signer.sign(request())

    const again = signer.sign(
      request({ owner: nameOf('WWW.signed.TEST.'), set: { ...A, rdata: [...A.rdata].reverse() } }),
    )

    expect(again).toBe(first)
    expect(signer.signatures).toBe(1)
  })

  it.each<{ name: string; more: Partial<SignRequest> }>([
    { name: 'another TTL', more: { set: { ...A, ttlSeconds: 31 } } },
    { name: 'another record', more: { set: { ...A, rdata: [Uint8Array.of(192, 0, 2, 3)] } } },
    { name: 'another owner', more: { owner: nameOf('w.signed.test.') } },
    { name: 'another type', more: { set: { ...A, type: 65280 } } },
  ])('$name is another signature', ({ more }) => {
    const signer = signerOf()
    const first = signer.sign(request())

    expect(signer.sign(request(more))).not.toEqual(first)
    expect(signer.signatures).toBe(2)
  })

  it('makes a signature anew when it is due, days before it ends', () => {
    const signer = signerOf()
    const times = [0, DAY - 1, 2 * DAY + 1].map((after) => {
      const [rdata] = signer.sign(request({ nowSeconds: NOW + after }))?.rdata ?? []
      const { inception, expiration } = readSignature(rdata!)
      return [inception - NOW, expiration - NOW]
    })

    expect(times).toEqual([
      [-3_600, 4 * DAY],
      [-3_600, 4 * DAY],
      [2 * DAY + 1 - 3_600, 6 * DAY + 1],
    ])
  })

  it('new keys sign from the next question on', () => {
    const signer = signerOf()
    signer.sign(request())

    signer.setZones(
      signingZones(
        [KSK, NEXT_ZSK].map((key) => zoneKeyOf(key, ALWAYS)),
        NOW,
      ),
    )

    expect(signer.sign(request())?.rdata.map((rdata) => readSignature(rdata).tag)).toEqual([NEXT_ZSK.tag])
  })

  it('what was signed with keys that stay is kept when others come', () => {
    const signer = signerOf()
    const first = signer.sign(request())
    const before = signer.version

    signer.setZones([
      ...signingZones(KEYS, NOW),
      { ...signingZones(KEYS, NOW)[0]!, origin: 'other.test.' as never },
    ])

    expect(signer.sign(request())).toBe(first)
    expect(signer.version).not.toBe(before)
  })

  it('a zone without keys is signed no more', () => {
    const signer = signerOf()

    signer.setZones([])

    expect(signer.signs(nameOf('signed.test.'))).toBe(false)
    expect(signer.origins).toEqual([])
  })

  it('one signature for each algorithm', () => {
    const signer = signerOf([...KEYS, zoneKeyOf(EDWARDS, ALWAYS)])

    const signatures = signer.sign(request())?.rdata.map((rdata) => readSignature(rdata))

    expect(signatures?.map(({ algorithm, tag }) => [algorithm, tag])).toEqual([
      [13, ZSK.tag],
      [15, EDWARDS.tag],
    ])
  })

  describe('names that are there because they were asked for', () => {
    const made = (i: number, more: Partial<SignRequest> = {}): SignRequest =>
      request({ owner: nameOf(`x${i}.signed.test.`), isMade: () => true, ...more })

    it('are signed so many times a second', () => {
      const signer = signerOf()

      const given = [1, 2, 3].map((i) => signer.sign(made(i)) !== undefined)

      expect(given).toEqual([true, true, false])
      expect(signer.refused).toBe(1)
    })

    it('cost nothing when asked for again', () => {
      const signer = signerOf()
      for (const i of [1, 2]) signer.sign(made(i))

      expect([1, 2, 1].map((i) => signer.sign(made(i)) !== undefined)).toEqual([true, true, true])
    })

    it('are signed some more times for whoever cannot have forged the address', () => {
      const signer = signerOf()
      for (const i of [1, 2, 3]) signer.sign(made(i))

      expect([4, 5].map((i) => signer.sign(made(i, { isProven: true })) !== undefined)).toEqual([true, false])
    })

    it('do not keep names of the zone from being signed', () => {
      const signer = signerOf()
      for (let i = 0; i < 10; i += 1) signer.sign(made(i))

      expect(signer.sign(request())).toBeDefined()
    })

    it('do not drive out signatures of names of the zone', () => {
      const signer = signerOf(KEYS, { unprovenPerSecond: 1e6, provenPerSecond: 0 })
      const first = signer.sign(request())
      for (let i = 0; i < 9_000; i += 1) signer.sign(made(i))

      expect(signer.sign(request())).toBe(first)
    }, 60_000)
  })

  it('names of the zone are signed as often as their limit says, and known without', () => {
    const stored = { atOnce: 2, perSecond: 0 }
    const signer = signerOf(KEYS, { unprovenPerSecond: 0, provenPerSecond: 0, stored })

    const given = ['a', 'b', 'c', 'a'].map(
      (label) => signer.sign(request({ owner: nameOf(`${label}.signed.test.`) })) !== undefined,
    )

    expect(given).toEqual([true, true, false, true])
    expect(signer.refused).toBe(1)
  })

  it('every signature is good to a validator, whatever the set', () => {
    const signer = signerOf([...KEYS, zoneKeyOf(EDWARDS, ALWAYS)])
    const keys = [...KEYS, zoneKeyOf(EDWARDS, ALWAYS)].map((key) => ({
      zone: key.zone,
      rdata: dnskeyRdata(key),
    }))
    const origin = nameOf('signed.test.')
    const names = wireNames
      .map((name) => Uint8Array.from([...name.subarray(0, -1), ...origin]))
      .filter((name) => name.length < 256)
    const rdata = fc.oneof(
      fc.record({
        type: fc.constantFrom(2, 5, 12, 39),
        rdata: fc.array(wireNames, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        type: fc.constantFrom(1, 16, 47, 48, 59, 64, 65_280),
        rdata: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
      }),
    )
    const ttls = fc.integer({ min: 0, max: 2 ** 31 - 1 })

    fc.assert(
      fc.property(
        names,
        rdata,
        ttls,
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (name, { type, rdata: octets }, ttlSeconds, nowSeconds) => {
          const rrsigs =
            signer.sign(request({ owner: name, set: { type, ttlSeconds, rdata: octets }, nowSeconds }))
              ?.rdata ?? []
          const record = (own: Uint8Array, as: number): ResourceRecord => ({
            name,
            type: as,
            class: 1,
            ttlSeconds,
            rdata: own,
          })
          const section = [...octets.map((own) => record(own, type)), ...rrsigs.map((own) => record(own, 46))]
          expect(rrsigs.length).toBeGreaterThan(0)
          expect(wrongSignatures(section, keys, nowSeconds)).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })
})
