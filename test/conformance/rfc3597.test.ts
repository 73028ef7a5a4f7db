import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../src/dns/wire/encode.ts'
import { readZoneFile } from '../../src/dns/zone-file/read-zone-file.ts'
import { nameBytes, queryBytes } from '../support/dns-query.ts'
import { TestStore } from '../support/dns-store.ts'

const ORIGIN = parseDomainName('fed.test')
const TEXT = `@ 60 SOA ns host 1 60 15 1209600 15
@ 60 NS ns
ns 60 A 192.0.2.53
new 60 TYPE65280 \\# 6 ( 0102 03fe
  ff00 )
none 60 TYPE65280 \\# 0
known 60 TYPE1 \\# 4 c0000201
known 60 TYPE28 2001:db8::1
odd 60 CLASS1 TXT \\# 3 026869
_a 60 SRV 0 0 53 ns
kx 60 KX 10 ns
mail 60 MX 10 ns
`

function storeOf(text: string): TestStore {
  const file = readZoneFile(text, ORIGIN)
  if (file.kind === 'broken') throw new Error(JSON.stringify(file.problems))
  const store = new TestStore()
  store.publish(
    ...[...file.zone.names].map(([name, sets]) => ({ name, answer: { kind: 'records' as const, sets } })),
  )
  store.state('fed.test', 'serving')
  return store
}

const store = storeOf(TEXT)
const answersTo = (ask: string) => decodeMessage(store.octets(queryBytes({ ask }))!).message!.answers
const rdataOf = (ask: string): readonly string[] =>
  answersTo(ask).map(({ rdata }) => Buffer.from(rdata).toString('hex'))

describe('RFC 3597', () => {
  it('3: rdata of a type that we do not know goes out octet for octet', () => {
    expect(rdataOf('new.fed.test TYPE65280')).toEqual(['010203feff00'])
  })

  it('5: rdata may be empty', () => {
    expect(answersTo('none.fed.test TYPE65280')).toHaveLength(1)
    expect(rdataOf('none.fed.test TYPE65280')).toEqual([''])
  })

  it('5: types that we know may be written as others are, and others as those', () => {
    expect(rdataOf('known.fed.test A')).toEqual(['c0000201'])
    expect(rdataOf('known.fed.test AAAA')).toEqual(['20010db8000000000000000000000001'])
    expect(rdataOf('odd.fed.test TXT')).toEqual(['026869'])
  })

  it('5: and are written so where nothing else is known of them', () => {
    expect(presentRdata(65_280, Uint8Array.of(1, 2, 255))).toBe('\\# 3 0102ff')
    expect(presentRdata(65_280, new Uint8Array(0))).toBe('\\# 0')
  })

  it.each([
    { ask: '_a.fed.test SRV', before: 6 },
    { ask: 'kx.fed.test TYPE36', before: 2 },
  ])('4: the name in $ask is not compressed, although it could be', ({ ask, before }) => {
    const wire = store.octets(queryBytes({ ask }))!

    expect(wire.includes(nameBytes('ns.fed.test'), 12 + 1)).toBe(true)
    expect(answersTo(ask)[0]!.rdata).toHaveLength(before + nameBytes('ns.fed.test').length)
  })

  it('4: the name in MX, of RFC 1035, may be', () => {
    const { message } = decodeMessage(store.octets(queryBytes({ ask: 'mail.fed.test MX' }))!)

    const wire = encodeMessage(message!, 512)!

    expect(Buffer.from(wire).includes(nameBytes('ns.fed.test'))).toBe(false)
    expect(decodeMessage(wire).message!.answers[0]!.rdata).toEqual(message!.answers[0]!.rdata)
  })

  it.each([
    { name: 'a length that is not that of the data', line: 'x 60 TYPE65280 \\# 3 0102' },
    { name: 'data that is not hexadecimal', line: 'x 60 TYPE65280 \\# 2 01zz' },
    { name: 'data that cannot be of its type', line: 'x 60 A \\# 3 c00002' },
    { name: 'a type that is none', line: 'x 60 TYPE65536 \\# 0' },
    { name: 'a class that is not IN', line: 'x 60 CLASS3 TXT hi' },
  ])('5: $name is refused', ({ line }) => {
    expect(readZoneFile(`${TEXT}${line}\n`, ORIGIN).kind).toBe('broken')
  })
})
