import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { readRdata } from '../../src/dns/rdata/read-rdata.ts'
import type { ResourceRecord } from '../../src/dns/wire/message.ts'
import { presentName } from '../../src/dns/wire/name.ts'

const RRSIG = 46
/** NS, CNAME, SOA, PTR, MX, SRV, DNAME: their text is names and numbers, so that all of it may be in lower case. */
const NAMES_AND_NUMBERS = new Set([2, 5, 6, 12, 15, 33, 39])

/** An RRSIG as a validator reads it, field by field (RFC 4034, 3.1). */
export interface ReadSignature {
  readonly covered: number
  readonly algorithm: number
  readonly labels: number
  readonly originalTtl: number
  readonly expiration: number
  readonly inception: number
  readonly tag: number
  readonly signer: string
  readonly head: Buffer
  readonly signature: Buffer
}

/** A DNSKEY's rdata, and the zone that it is of. */
export interface TrustedKey {
  readonly zone: string
  readonly rdata: Uint8Array
}

export function readSignature(rdata: Uint8Array): ReadSignature {
  const octets = Buffer.from(rdata)
  const signerEnd = 18 + nameLength(octets.subarray(18))
  return {
    covered: octets.readUInt16BE(0),
    algorithm: octets.readUInt8(2),
    labels: octets.readUInt8(3),
    originalTtl: octets.readUInt32BE(4),
    expiration: octets.readUInt32BE(8),
    inception: octets.readUInt32BE(12),
    tag: octets.readUInt16BE(16),
    signer: presentName(octets.subarray(18, signerEnd)),
    head: octets.subarray(0, signerEnd),
    signature: octets.subarray(signerEnd),
  }
}

/**
 * Check every signature of a section as a validator does, with nothing of the signer's code (RFC 4034, 3.1.8.1; RFC 4035, 5.3).
 * @returns what is wrong, a line for each; empty: all is well
 */
export function wrongSignatures(
  section: readonly ResourceRecord[],
  keys: readonly TrustedKey[],
  nowSeconds: number,
): readonly string[] {
  return section
    .filter(({ type }) => type === RRSIG)
    .flatMap((record) => {
      const signature = readSignature(record.rdata)
      const owner = presentName(record.name).toLowerCase()
      const set = section.filter(
        ({ name, type }) => type === signature.covered && presentName(name).toLowerCase() === owner,
      )
      const key = keys.find(({ zone, rdata }) => zone === signature.signer && isKey(rdata, signature))
      const name = `${owner} ${signature.covered}`
      if (set.length === 0) return [`${name}: no such set`]
      if (key === undefined) return [`${name}: no key ${signature.tag} of ${signature.signer}`]
      if (record.ttlSeconds !== set[0]!.ttlSeconds) return [`${name}: TTL is not the set's`]
      if (set[0]!.ttlSeconds > signature.originalTtl) return [`${name}: TTL is above the original`]
      const age = (nowSeconds - signature.inception) | 0
      const left = (signature.expiration - nowSeconds) | 0
      if (age < 0 || left < 0) return [`${name}: not valid now`]
      return isSigned(set, signature, key.rdata) ? [] : [`${name}: signature does not fit`]
    })
}

function isKey(rdata: Uint8Array, { algorithm, tag }: ReadSignature): boolean {
  return rdata[3] === algorithm && tagOf(rdata) === tag
}

/** Appendix B of RFC 4034, as its C code has it. */
export function tagOf(rdata: Uint8Array): number {
  let ac = 0
  rdata.forEach((octet, i) => {
    ac += (i & 1) === 1 ? octet : octet << 8
  })
  ac += (ac >> 16) & 0xffff
  return ac & 0xffff
}

function isSigned(set: readonly ResourceRecord[], signature: ReadSignature, dnskey: Uint8Array): boolean {
  const records = set.map((record) => canonicalRecord(record, signature)).sort(byRdata)
  const distinct = records.filter((record, i) => i === 0 || !record.rdata.equals(records[i - 1]!.rdata))
  const octets = Buffer.concat([signature.head, ...distinct.flatMap(({ front, rdata }) => [front, rdata])])
  return verify(
    signature.algorithm === 13 ? 'sha256' : null,
    octets,
    { key: createPublicKey({ key: jwkOf(dnskey), format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    signature.signature,
  )
}

interface Canonical {
  readonly front: Buffer
  readonly rdata: Buffer
}

function byRdata(left: Canonical, right: Canonical): number {
  return Buffer.compare(left.rdata, right.rdata)
}

function canonicalRecord(record: ResourceRecord, { labels, originalTtl }: ReadSignature): Canonical {
  const own = lowerLabels(record.name)
  const shown = own.length > labels && own[0] !== '*' ? ['*', ...own.slice(own.length - labels)] : own
  const name = Buffer.concat([
    ...shown.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ])
  const rdata = lowerRdata(record)
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(record.type, 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(originalTtl, 4)
  fixed.writeUInt16BE(rdata.length, 8)
  return { front: Buffer.concat([name, fixed]), rdata }
}

function lowerLabels(name: Uint8Array): readonly string[] {
  const labels: string[] = []
  for (let at = 0; name[at] !== 0; at += name[at]! + 1)
    labels.push(
      Buffer.from(name.subarray(at + 1, at + 1 + name[at]!))
        .toString('latin1')
        .replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    )
  return labels
}

function lowerRdata({ type, rdata }: ResourceRecord): Buffer {
  if (!NAMES_AND_NUMBERS.has(type)) return Buffer.from(rdata)
  const words = presentRdata(type, rdata).toLowerCase().split(' ')
  return Buffer.from(
    readRdata(
      type,
      words.map((text) => ({ text, quoted: false })),
    ),
  )
}

function jwkOf(dnskey: Uint8Array): JsonWebKey {
  const key = Buffer.from(dnskey.subarray(4))
  if (dnskey[3] === 15) return { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }
  const [x, y] = [key.subarray(0, 32), key.subarray(32)].map((half) => half.toString('base64url'))
  return { kty: 'EC', crv: 'P-256', x: x!, y: y! }
}

function nameLength(octets: Uint8Array): number {
  let at = 0
  while (octets[at] !== 0) at += octets[at]! + 1
  return at + 1
}
