import { describe, expect, it } from 'vitest'
import { canonicalRdata, canonicalSet } from '../../src/dns/dnssec/canonical.ts'
import { dnskeyRdata, keyTag } from '../../src/dns/dnssec/dnskey.ts'
import { DIGEST, dsRdata } from '../../src/dns/dnssec/ds.ts'
import { rrsigHead, signedLabels } from '../../src/dns/dnssec/rrsig.ts'
import { wireName } from '../../src/dns/names.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { readRdata } from '../../src/dns/rdata/read-rdata.ts'
import { typeNumber } from '../../src/dns/rdata/type-names.ts'
import { TEST_KEYS, zoneKeyOf } from '../support/dnssec-keys.ts'
import { compareNames, nameOf } from '../support/dnssec-names.ts'

/** Rdata of words without quotes, or with them around one that begins with ". */
function rdata(type: string, text: string): Uint8Array {
  const words = text
    .split(' ')
    .map((word) =>
      word.startsWith('"') ? { text: word.slice(1, -1), quoted: true } : { text: word, quoted: false },
    )
  return readRdata(typeNumber(type) ?? 0, words)
}

describe('RFC 4034', () => {
  it('3.1: the fields of an RRSIG in their order, the signer in lower case', () => {
    const head = rrsigHead({
      typeCovered: 1,
      algorithm: 13,
      labels: 3,
      originalTtlSeconds: 3600,
      expirationSeconds: 0x8000_0001,
      inceptionSeconds: -1,
      keyTag: 0x1234,
      signer: nameOf('Signed.Test.'),
    })

    expect(Buffer.from(head).toString('hex')).toBe(
      `00010d0300000e1080000001ffffffff1234${Buffer.from(nameOf('signed.test.')).toString('hex')}`,
    )
  })

  it.each([
    { name: '3.1.3: every label but the root', in: 'www.example.com.', want: 3 },
    { name: '3.1.3: a * in front is not counted', in: '*.example.com.', want: 2 },
    { name: '3.1.3: one elsewhere is', in: 'www.*.example.com.', want: 4 },
    { name: '3.1.3: a label that begins with * is', in: '*a.example.com.', want: 3 },
    { name: '3.1.3: the root has none', in: '.', want: 0 },
  ])('$name', ({ in: owner, want }) => {
    expect(signedLabels(nameOf(owner))).toBe(want)
  })

  it('6.1: names in canonical order, the example', () => {
    const ordered = [
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      '\\001.z.example.',
      '*.z.example.',
      '\\200.z.example.',
    ].map(nameOf)

    expect([...ordered].reverse().sort(compareNames)).toEqual(ordered)
  })

  it.each([
    { name: 'NS', in: 'Ns1.Example.COM.', want: 'ns1.example.com.' },
    { name: 'CNAME', in: 'A.B.', want: 'a.b.' },
    { name: 'PTR', in: 'A.B.', want: 'a.b.' },
    { name: 'DNAME', in: 'A.B.', want: 'a.b.' },
    { name: 'SOA', in: 'NS.X. Host\\.Master.X. 1 2 3 4 5', want: 'ns.x. host\\.master.x. 1 2 3 4 5' },
    { name: 'MX', in: '10 MX.X.', want: '10 mx.x.' },
    { name: 'RP', in: 'A.X. B.X.', want: 'a.x. b.x.' },
    { name: 'AFSDB', in: '1 A.X.', want: '1 a.x.' },
    { name: 'KX', in: '1 A.X.', want: '1 a.x.' },
    { name: 'SRV', in: '1 2 3 A.X.', want: '1 2 3 a.x.' },
    {
      name: 'NAPTR',
      in: '1 2 "S" "SIP+D2U" "!A!B!" _Sip.X.',
      want: '1 2 "S" "SIP+D2U" "!A!B!" _sip.x.',
    },
    {
      name: 'RRSIG',
      in: 'A 13 2 60 20260101000000 20250101000000 7 X.Y. QUJD',
      want: 'A 13 2 60 20260101000000 20250101000000 7 x.y. QUJD',
    },
  ])('6.2: names in the rdata of $name are in lower case, and nothing else', ({ name, in: text, want }) => {
    const type = typeNumber(name) ?? 0

    expect(presentRdata(type, canonicalRdata(type, rdata(name, text)))).toBe(want)
  })

  it.each([
    { name: 'MD', type: 3, in: '0141024243 00', want: '0161026263 00' },
    { name: 'MF', type: 4, in: '0141 00', want: '0161 00' },
    { name: 'MB', type: 7, in: '0141 00', want: '0161 00' },
    { name: 'MG', type: 8, in: '0141 00', want: '0161 00' },
    { name: 'MR', type: 9, in: '0141 00', want: '0161 00' },
    { name: 'MINFO', type: 14, in: '014100 014200', want: '016100 016200' },
    { name: 'RT', type: 21, in: '4141 014100', want: '4141 016100' },
    { name: 'SIG', type: 24, in: `${'41'.repeat(18)} 014100 4141`, want: `${'41'.repeat(18)} 016100 4141` },
    { name: 'PX', type: 26, in: '4141 014100 014200', want: '4141 016100 016200' },
    { name: 'NXT', type: 30, in: '014100 41', want: '016100 41' },
    { name: 'A6', type: 38, in: `40${'41'.repeat(8)} 014100`, want: `40${'41'.repeat(8)} 016100` },
  ])('6.2: and in the obsolete type $name', ({ type, in: before, want }) => {
    const octets = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

    expect(Buffer.from(canonicalRdata(type, octets(before)))).toEqual(octets(want))
  })

  it.each([
    { name: 'RFC 6840, 5.1: the next name of NSEC stays as it is', type: 47, in: '014100 000140' },
    { name: 'RFC 6840, 5.1: HINFO has no names', type: 13, in: '0141 0142' },
    { name: 'RFC 3597, 7: a type unknown then stays as it is: SVCB', type: 64, in: '0001 014100' },
    { name: 'RFC 3597, 7: and any other', type: 65280, in: '014100' },
    { name: 'rdata that ends within its name', type: 2, in: '' },
  ])('$name', ({ type, in: hex }) => {
    const octets = Buffer.from(hex.replaceAll(' ', ''), 'hex')

    expect(Buffer.from(canonicalRdata(type, octets))).toEqual(octets)
  })

  it('6.3: records in the order of their rdata as octets, each once, owner in lower case, TTL as given', () => {
    const set = canonicalSet(nameOf('Www.X.'), {
      type: 65280,
      ttlSeconds: 258,
      rdata: [[1, 0], [1], [0xff], [1, 0], [0, 5, 5]].map((octets) => Uint8Array.from(octets)),
    })

    const front = `${Buffer.from(nameOf('www.x.')).toString('hex')}ff00000100000102`
    const records = ['00 03 000505', '00 01 01', '00 02 0100', '00 01 ff']
    expect(Buffer.from(set).toString('hex')).toBe(
      records.map((record) => front + record.replaceAll(' ', '')).join(''),
    )
  })

  it.each(TEST_KEYS)('appendix B: the key tag of $file is the one that dnssec-keygen gave it', (key) => {
    expect(keyTag(dnskeyRdata(zoneKeyOf(key)))).toBe(key.tag)
  })

  it('appendix B: the key tag of 5.4', () => {
    const key =
      'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw=='

    expect(keyTag(rdata('DNSKEY', `256 3 5 ${key}`))).toBe(60485)
  })

  it.each(TEST_KEYS)('5.1: DS records of $file are those of dnssec-dsfromkey', (testKey) => {
    const key = zoneKeyOf(testKey)
    const owner = wireName(key.zone)
    const front = `${key.tag} ${key.algorithm}`

    expect(presentRdata(43, dsRdata(owner, key, DIGEST.SHA256))).toBe(
      `${front} 2 ${testKey.ds.sha256.toLowerCase()}`,
    )
    expect(presentRdata(43, dsRdata(owner, key, DIGEST.SHA384))).toBe(
      `${front} 4 ${testKey.ds.sha384.toLowerCase()}`,
    )
  })
})
