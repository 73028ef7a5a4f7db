import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { typesOfBitmap } from '../../../../src/dns/rdata/type-bitmap.ts'
import { typeNumber } from '../../../../src/dns/rdata/type-names.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import type { Message, ResourceRecord } from '../../../../src/dns/wire/message.ts'
import { presentName } from '../../../../src/dns/wire/name.ts'
import { readZoneFile } from '../../../../src/dns/zone-file/read-zone-file.ts'
import type { ZoneData } from '../../../../src/dns/zone-file/zone-data.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { EDWARDS, zoneKeyOf } from '../../../support/dnssec-keys.ts'
import { readSignature } from '../../../support/dnssec-verify.ts'
import { ALWAYS, DO, SignedStore } from '../../../support/dnssec-zone.ts'
import { recordLines } from '../../../support/zone-generator.ts'
import { questionsOf } from '../../../support/zone-questions.ts'

const ORIGIN = parseDomainName('signed.test')
const KEY = zoneKeyOf(EDWARDS, ALWAYS)
const [CNAME, SOA, NS, DNAME, DS, RRSIG, NSEC, NXNAME] = [5, 6, 2, 39, 43, 46, 47, 128]
const NXDOMAIN = 3
const HEAD = ['$TTL 300', '@ SOA ns.elsewhere.test. host 1 2 3 4 15', '@ NS ns.elsewhere.test.']

/** Zones that can be served, of lines of which those go that cannot stand with the others. */
const zones = recordLines.map((lines): ZoneData => {
  let kept = [...HEAD, ...lines]
  for (;;) {
    const file = readZoneFile(`${kept.join('\n')}\n`, ORIGIN)
    if (file.kind === 'zone') return file.zone
    const broken = file.problems.find(({ line }) => line > HEAD.length)?.line ?? kept.length
    kept = kept.filter((_, index) => index + 1 !== broken)
  }
})

function signedStore({ names }: ZoneData): SignedStore {
  const signed = new SignedStore({ origins: [], lines: [], keys: [KEY] })
  signed.publish(
    [...names].map(([name, sets]) => ({ name, answer: { kind: 'records', sets }, urgent: false })),
  )
  signed.store.state(ORIGIN, 'serving')
  return signed
}

const keyOf = ({ name }: ResourceRecord, type: number): string => `${presentName(name).toLowerCase()} ${type}`
const withType = (records: readonly ResourceRecord[], type: number): readonly ResourceRecord[] =>
  records.filter((record) => record.type === type)
const withoutSigning = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
  records.filter(({ type }) => type !== RRSIG && type !== NSEC && type !== DS)

/** Sets of a section that lack a signature though they must have one. */
function unsigned(records: readonly ResourceRecord[]): readonly string[] {
  const signed = new Set(
    withType(records, RRSIG).map((record) => keyOf(record, readSignature(record.rdata).covered)),
  )
  const dnames = withType(records, DNAME).map(({ name }) => presentName(name).toLowerCase())
  const isMade = (record: ResourceRecord): boolean =>
    record.type === CNAME &&
    dnames.some((dname) => presentName(record.name).toLowerCase().endsWith(`.${dname}`))
  return records
    .filter((record) => record.type !== RRSIG && record.type !== NS && !isMade(record))
    .map((record) => keyOf(record, record.type))
    .filter((key) => !signed.has(key))
}

/** The types that the one NSEC record of a response gives to its owner; fails where there are more, or none. */
function provenTypes({ authority }: Message): { readonly owner: string; readonly types: readonly number[] } {
  const nsec = withType(authority, NSEC)
  expect(nsec).toHaveLength(1)
  const { name, rdata } = nsec[0]! // one
  let next = 0
  while (rdata[next] !== 0) next += rdata[next]! + 1
  return { owner: presentName(name).toLowerCase(), types: typesOfBitmap(rdata.subarray(next + 1)) ?? [] }
}

/** The name that the answers lead to. */
function lastName(question: string, answers: readonly ResourceRecord[]): string {
  return withType(answers, CNAME).reduce((_, { rdata }) => presentName(rdata).toLowerCase(), question)
}

describe('signed answers, properties', () => {
  it('every question to every zone: what has to be signed is, what is not there is proven, and all else is as without DO', () => {
    fc.assert(
      fc.property(zones, (zone) => {
        const signed = signedStore(zone)
        for (const question of questionsOf(zone)) {
          const [name = '', type = ''] = question.split(' ')
          const ask = (edns: object): Message =>
            decodeMessage(
              signed.store.octets(queryBytes({ ask: `${name} TYPE${typeNumber(type)}`, edns }), 'tcp')!,
            ).message!
          const [plain, secure] = [ask({}), ask(DO)]

          signed.verify(secure)
          expect(unsigned(secure.answers)).toEqual([])
          expect(unsigned(secure.authority.filter((record) => record.type !== NS))).toEqual([])
          expect(withoutSigning(secure.answers)).toEqual(withoutSigning(plain.answers))
          expect(withoutSigning(secure.authority)).toEqual(withoutSigning(plain.authority))
          expect(secure.header).toEqual({
            ...plain.header,
            rcode: plain.header.rcode === NXDOMAIN ? 0 : plain.header.rcode,
          })
          const isReferral = withType(plain.authority, NS).length > 0
          const isDenial = withType(plain.authority, SOA).length > 0
          if (isReferral && withType(secure.authority, DS).length === 0) {
            const cut = presentName(withType(plain.authority, NS)[0]!.name).toLowerCase()
            expect(provenTypes(secure)).toEqual({ owner: cut, types: [NS, RRSIG, NSEC] })
          }
          if (isDenial) {
            const { owner, types } = provenTypes(secure)
            expect(owner).toBe(lastName(name, plain.answers))
            expect(types).not.toContain(typeNumber(type))
            expect(types).not.toContain(CNAME)
            expect(types.includes(NXNAME)).toBe(plain.header.rcode === NXDOMAIN)
            if (types.includes(NXNAME)) expect(types).toEqual([RRSIG, NSEC, NXNAME])
          }
          if (!isReferral && !isDenial) expect(withType(secure.authority, NSEC)).toEqual([])
        }
      }),
      { numRuns: 4 },
    )
  }, 120_000)
})
