/** Algorithms that zones are signed with here (RFC 8624, 3.1). */
export const ALGORITHM = {
  /** RFC 6605. */
  ECDSA_P256_SHA256: 13,
  /** RFC 8080. */
  ED25519: 15,
} as const

/** Octets of the public key of each algorithm (RFC 6605, 4; RFC 8080, 3). */
export const PUBLIC_KEY_BYTES: ReadonlyMap<number, number> = new Map<number, number>([
  [ALGORITHM.ECDSA_P256_SHA256, 64],
  [ALGORITHM.ED25519, 32],
])

/** Flags of a DNSKEY (RFC 4034, 2.1.1; RFC 5011, 2.1). */
export const KEY_FLAG = { ZONE: 0x0100, REVOKE: 0x0080, SEP: 0x0001 } as const

/** Always 3 (RFC 4034, 2.1.2). */
export const KEY_PROTOCOL = 3

/** A key as the zone publishes it (RFC 4034, 2.1). */
export interface PublicKey {
  readonly flags: number
  readonly algorithm: number
  readonly publicKey: Uint8Array
}

/** True for a key that the parent points at, and that signs the zone's other keys (RFC 4034, 2.1.1). */
export function isKeySigningKey({ flags }: PublicKey): boolean {
  return (flags & KEY_FLAG.SEP) !== 0
}

/** The rdata of a DNSKEY, and of a CDNSKEY (RFC 4034, 2.1; RFC 7344, 3.2). */
export function dnskeyRdata({ flags, algorithm, publicKey }: PublicKey): Uint8Array {
  return Uint8Array.from([flags >> 8, flags & 0xff, KEY_PROTOCOL, algorithm, ...publicKey])
}

/** The key tag of a DNSKEY's rdata, by the rule for all algorithms but 1 (RFC 4034, appendix B). */
export function keyTag(rdata: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < rdata.length; i += 1) sum += i % 2 === 0 ? rdata[i]! << 8 : rdata[i]! // i < length
  return ((sum & 0xffff) + (sum >>> 16)) & 0xffff
}
