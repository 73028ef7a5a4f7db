import { createPrivateKey, createPublicKey, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { ALGORITHM } from '../../dns/dnssec/dnskey.ts'
import { KeyFileError } from '../../dns/dnssec/key-file.ts'
import type { SigningKey } from './signing-key.ts'

/** Makes the signatures of one key, in the form that RRSIG records have (RFC 6605, 4; RFC 8080, 4). */
export type SignOctets = (octets: Uint8Array) => Buffer

const HASH: Readonly<Record<number, 'sha256' | null>> = {
  [ALGORITHM.ECDSA_P256_SHA256]: 'sha256',
  [ALGORITHM.ED25519]: null, // is part of the algorithm
}

/**
 * Ready to sign with a key.
 * @throws KeyFileError when its halves do not belong together
 */
export function signsWith(key: SigningKey): SignOctets {
  const hash = HASH[key.algorithm]
  const jwk = publicJwk(key)
  const signer = { key: privateKey(key, jwk), dsaEncoding: 'ieee-p1363' } as const
  const signOctets: SignOctets = (octets) => sign(hash, octets, signer)
  const probe = Buffer.from('probe')
  const verifier = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
  if (!verify(hash, probe, verifier, signOctets(probe))) throw notAPair()
  return signOctets
}

function privateKey({ privateKey: octets }: SigningKey, jwk: JsonWebKey): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk, d: base64url(octets) }, format: 'jwk' })
  } catch {
    throw notAPair() // without the cause, which may quote the key
  }
}

function notAPair(): KeyFileError {
  return new KeyFileError('the .private file does not belong to the .key file')
}

function publicJwk({ algorithm, publicKey }: SigningKey): JsonWebKey {
  if (algorithm === ALGORITHM.ED25519) return { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) }
  const half = publicKey.length / 2
  const [x, y] = [publicKey.subarray(0, half), publicKey.subarray(half)]
  return { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y) }
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url')
}
