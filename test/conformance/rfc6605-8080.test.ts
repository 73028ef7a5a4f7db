import { describe, expect, it } from 'vitest'
import { dnskeyRdata, keyTag } from '../../src/dns/dnssec/dnskey.ts'
import { DIGEST, dsRdata } from '../../src/dns/dnssec/ds.ts'
import { readZoneKey } from '../../src/dns/dnssec/key-file.ts'
import { wireName } from '../../src/dns/names.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { readRdata } from '../../src/dns/rdata/read-rdata.ts'
import type { ResourceRecord } from '../../src/dns/wire/message.ts'
import { canonicalSet } from '../../src/dns/dnssec/canonical.ts'
import { rrsigHead } from '../../src/dns/dnssec/rrsig.ts'
import { signsWith } from '../../src/nameserver/dnssec/signature.ts'
import { nameOf } from '../support/dnssec-names.ts'
import { readSignature, wrongSignatures } from '../support/dnssec-verify.ts'

const words = (text: string): { text: string; quoted: boolean }[] =>
  text.split(' ').map((word) => ({ text: word, quoted: false }))

interface Example {
  readonly name: string
  readonly publicText: string
  readonly privateText: string
  readonly ds: string
  /** Owner, type, TTL and rdata of a record, and its RRSIG. */
  readonly record: readonly [owner: string, type: number, ttlSeconds: number, rdata: string]
  readonly rrsig: string
  /** Within the signature's validity. */
  readonly nowSeconds: number
}

const P256: Example = {
  name: 'RFC 6605, 6.1: algorithm 13',
  publicText:
    'example.net. 3600 IN DNSKEY 257 3 13 ( GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edb krSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA== )',
  privateText:
    'Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=\n',
  ds: '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
  record: ['www.example.net.', 1, 3600, '192.0.2.1'],
  rrsig:
    'A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
  nowSeconds: Date.UTC(2010, 7, 20) / 1_000,
}
const EDWARDS: Example = {
  name: 'RFC 8080, 6.1: algorithm 15',
  publicText: 'example.com. 3600 IN DNSKEY 257 3 15 ( l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= )',
  privateText:
    'Private-key-format: v1.2\nAlgorithm: 15 (ED25519)\nPrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=\n',
  ds: '3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
  record: ['example.com.', 15, 3600, '10 mail.example.com.'],
  rrsig:
    'MX 15 2 3600 1440021600 1438207200 3613 example.com. oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
  nowSeconds: Date.UTC(2015, 7, 1) / 1_000,
}

describe.each([P256, EDWARDS])('$name', (example) => {
  const key = readZoneKey(example.publicText, example.privateText)
  const [owner, type, ttlSeconds, text] = example.record
  const record: ResourceRecord = {
    name: nameOf(owner),
    type,
    class: 1,
    ttlSeconds,
    rdata: readRdata(type, words(text)),
  }
  const signature: ResourceRecord = { ...record, type: 46, rdata: readRdata(46, words(example.rrsig)) }
  const trusted = [{ zone: key.zone, rdata: dnskeyRdata(key) }]

  it('the DS record of the example', () => {
    expect(presentRdata(43, dsRdata(wireName(key.zone), key, DIGEST.SHA256))).toBe(example.ds)
    expect(key.tag).toBe(keyTag(dnskeyRdata(key)))
  })

  it('the signature of the example is good to the verifier that these tests use', () => {
    expect(wrongSignatures([record, signature], trusted, example.nowSeconds)).toEqual([])
  })

  it('our signature over what the example covers is good too; of Ed25519, the very same', () => {
    const { head: expectedHead, inception, expiration, labels, tag } = readSignature(signature.rdata)
    const head = rrsigHead({
      typeCovered: type,
      algorithm: key.algorithm,
      labels,
      originalTtlSeconds: ttlSeconds,
      expirationSeconds: expiration,
      inceptionSeconds: inception,
      keyTag: tag,
      signer: wireName(key.zone),
    })

    const octets = signsWith(key)(
      Buffer.concat([head, canonicalSet(record.name, { type, ttlSeconds, rdata: [record.rdata] })]),
    )

    expect(head).toEqual(expectedHead)
    expect(
      wrongSignatures(
        [record, { ...signature, rdata: Buffer.concat([head, octets]) }],
        trusted,
        example.nowSeconds,
      ),
    ).toEqual([])
    if (key.algorithm === 15) expect(octets).toEqual(readSignature(signature.rdata).signature)
  })

  it('the verifier that these tests use knows a bad signature', () => {
    const spoilt = Buffer.from(signature.rdata)
    spoilt[spoilt.length - 1]! ^= 1

    expect(
      wrongSignatures([record, { ...signature, rdata: spoilt }], trusted, example.nowSeconds),
    ).toHaveLength(1)
  })
})
