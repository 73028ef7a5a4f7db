import { createPrivateKey, createPublicKey, sign, verify, type KeyObject, type JsonWebKey } from 'node:crypto'
import { ALGORITHM } from '../../dns/dnssec/dnskey.ts'
import { KeyFileError, type ZoneKey } from '../../dns/dnssec/key-file.ts'
import type { DomainName } from '../../dns/names.ts'

/** A key to sign with; crosses to the workers, its private half inside a KeyObject. */
export interface SigningKey {
  readonly algorithm: number
  readonly tag: number
  /** Of the public key: equal exactly for equal keys. */
  readonly id: string
  readonly key: KeyObject
}

/** The keys that sign a zone now; each list has at least one. */
export interface SigningZone {
  readonly origin: DomainName
  /** Sign DNSKEY, CDS and CDNSKEY. */
  readonly keySigners: readonly SigningKey[]
  /** Sign every other set. */
  readonly zoneSigners: readonly SigningKey[]
}

/**
 * A key ready to sign.
 * @throws KeyFileError when the private half does not belong to the public one
 */
export function signingKey(key: ZoneKey): SigningKey {
  const { algorithm, tag, publicKey } = key
  const jwk = publicJwk(algorithm, publicKey)
  const signing = { algorithm, tag, id: Buffer.from(publicKey).toString('base64'), key: privateKey(key, jwk) }
  const probe = Buffer.from('probe')
  const isPair = verify(
    HASH[algorithm],
    probe,
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    signatureOf(signing, probe),
  )
  if (!isPair) throw new KeyFileError('the .private file does not belong to the .key file')
  return signing
}

/** The signature of octets, in the form that RRSIG records have (RFC 6605, 4; RFC 8080, 4). */
export function signatureOf(
  { algorithm, key }: Pick<SigningKey, 'algorithm' | 'key'>,
  octets: Uint8Array,
): Buffer {
  return sign(HASH[algorithm], octets, { key, dsaEncoding: 'ieee-p1363' })
}

const HASH: Readonly<Record<number, 'sha256' | null>> = {
  [ALGORITHM.ECDSA_P256_SHA256]: 'sha256',
  [ALGORITHM.ED25519]: null, // is part of the algorithm
}

function privateKey({ privateKey: octets }: ZoneKey, jwk: JsonWebKey): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk, d: base64url(octets) }, format: 'jwk' })
  } catch {
    throw new KeyFileError('the .private file does not belong to the .key file') // the cause may quote the key
  }
}

function publicJwk(algorithm: number, publicKey: Uint8Array): JsonWebKey {
  if (algorithm === ALGORITHM.ED25519) return { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) }
  const half = publicKey.length / 2
  const [x, y] = [publicKey.subarray(0, half), publicKey.subarray(half)]
  return { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y) }
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url')
}
