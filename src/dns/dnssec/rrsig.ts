import type { WireName } from '../wire/message.ts'
import { foldName, labelCount } from '../wire/name.ts'

/** What an RRSIG says besides its signature (RFC 4034, 3.1). Times are Unix seconds modulo 2^32 (3.1.5). */
export interface SignatureFields {
  readonly typeCovered: number
  readonly algorithm: number
  /** Of the owner, without the root and without a `*` in front (3.1.3). */
  readonly labels: number
  /** The TTL of the set as the zone has it (3.1.4). */
  readonly originalTtlSeconds: number
  readonly expirationSeconds: number
  readonly inceptionSeconds: number
  readonly keyTag: number
  /** The zone's origin (3.1.7). */
  readonly signer: WireName
}

/** Octets before the signer's name. */
const FIXED_BYTES = 18

/** RRSIG rdata up to the signature, the signer's name in lower case: the first part of what is signed (RFC 4034, 3.1.8.1). */
export function rrsigHead(fields: SignatureFields): Uint8Array {
  const out = Buffer.allocUnsafe(FIXED_BYTES + fields.signer.length)
  out.writeUInt16BE(fields.typeCovered, 0)
  out.writeUInt8(fields.algorithm, 2)
  out.writeUInt8(fields.labels, 3)
  out.writeUInt32BE(fields.originalTtlSeconds, 4)
  out.writeUInt32BE(fields.expirationSeconds >>> 0, 8)
  out.writeUInt32BE(fields.inceptionSeconds >>> 0, 12)
  out.writeUInt16BE(fields.keyTag, 16)
  out.set(foldName(fields.signer), FIXED_BYTES)
  return out
}

/** The labels field for an owner: as many as it has, a `*` in front not counted (RFC 4034, 3.1.3). */
export function signedLabels(owner: WireName): number {
  const isWildcard = owner[0] === 1 && owner[1] === 0x2a
  return labelCount(owner) - (isWildcard ? 1 : 0)
}
