import { describe, expect, it } from 'vitest'
import { keySets } from '../../src/dns/dnssec/key-sets.ts'
import { planKeys, type KeyTimes } from '../../src/dns/dnssec/key-times.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { typeName } from '../../src/dns/rdata/type-names.ts'
import type { RecordSet } from '../../src/dns/records.ts'
import { withKeySets } from '../../src/writers/embedded/key-sets.ts'
import { KSK, ZSK, zoneKeyOf, type TestKey } from '../support/dnssec-keys.ts'
import { ALWAYS, SignedStore } from '../support/dnssec-zone.ts'

const ORIGIN = parseDomainName('signed.test')
const SYNCED: KeyTimes = { ...ALWAYS, syncPublishSeconds: 100, syncDeleteSeconds: 200 }
const CDS = `CDS ${KSK.tag} 13 2 ${KSK.ds.sha256.toLowerCase()}`
const KEY = /DNSKEY \d+ \d+ \d+ (.+)/.exec(KSK.publicText)?.[1]?.replaceAll(' ', '')
const CDNSKEY = `CDNSKEY 257 3 13 ${KEY}`

/** What the parent is asked for, as zone lines without owner and TTL. */
function asked(keys: readonly (readonly [TestKey, KeyTimes])[], nowSeconds: number): readonly string[] {
  const plan = planKeys(
    keys.map(([key, times]) => zoneKeyOf(key, times)),
    nowSeconds,
  )
  return lines(keySets(ORIGIN, plan)).filter((line) => !line.startsWith('DNSKEY'))
}

function lines(sets: readonly RecordSet[]): readonly string[] {
  return sets.flatMap(({ type, rdata }) =>
    rdata.map((octets) => `${typeName(type)} ${presentRdata(type, octets)}`),
  )
}

describe('RFC 7344', () => {
  it.each([
    { name: '4: before SyncPublish nothing is asked for', now: 99, want: [] },
    {
      name: '3: from then on there are CDS and CDNSKEY, of one and the same key',
      now: 100,
      want: [CDS, CDNSKEY],
    },
    { name: '4: until SyncDelete', now: 199, want: [CDS, CDNSKEY] },
    { name: '4: from then on nothing is asked for, which changes nothing at the parent', now: 200, want: [] },
  ])('$name', ({ now, want }) => {
    expect(
      asked(
        [
          [KSK, SYNCED],
          [ZSK, ALWAYS],
        ],
        now,
      ),
    ).toEqual(want)
  })

  it('4: a key that is not in the zone is not asked for', () => {
    expect(
      asked(
        [
          [KSK, { ...SYNCED, deleteSeconds: 150 }],
          [ZSK, ALWAYS],
        ],
        150,
      ),
    ).toEqual([])
  })

  it('4.1: both are signed by the key that the parent points at', () => {
    const zones = new SignedStore({
      origins: ['signed.test'],
      lines: ['signed.test. 60 SOA ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15'],
      keys: [zoneKeyOf(KSK, { ...ALWAYS, syncPublishSeconds: 0 }), zoneKeyOf(ZSK, ALWAYS)],
    })

    expect(zones.ask('signed.test CDS').answer).toEqual([
      `signed.test. 3600 ${CDS}`,
      `signed.test. 3600 RRSIG CDS 13 2 3600 ${KSK.tag} signed.test.`,
    ])
    expect(zones.ask('signed.test CDNSKEY').answer).toEqual([
      `signed.test. 3600 ${CDNSKEY}`,
      `signed.test. 3600 RRSIG CDNSKEY 13 2 3600 ${KSK.tag} signed.test.`,
    ])
  })

  it('RFC 8078, 4: a zone that says itself that the parent should let go is not contradicted', () => {
    const letGo: RecordSet = { type: 59, ttlSeconds: 60, rdata: [Uint8Array.of(0, 0, 0, 0, 0)] }
    const keys = keySets(ORIGIN, planKeys([zoneKeyOf(KSK, { ...ALWAYS, syncPublishSeconds: 0 })], 0))

    const answer = withKeySets({ kind: 'records', sets: [letGo] }, keys)

    const sets = answer.kind === 'records' ? answer.sets : []
    expect(lines(sets).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'CDS 0 0',
      'DNSKEY 257 3',
    ])
  })
})
