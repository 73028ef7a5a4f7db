import { createHash } from 'node:crypto'
import type { WireName } from '../wire/message.ts'
import { foldName } from '../wire/name.ts'
import { dnskeyRdata, keyTag, type PublicKey } from './dnskey.ts'

/** Digests of a DS record (RFC 4509, 2.1; RFC 6605, 2). SHA-1 is not made (RFC 8624, 3.3). */
export const DIGEST = { SHA256: 2, SHA384: 4 } as const

const HASHES = { [DIGEST.SHA256]: 'sha256', [DIGEST.SHA384]: 'sha384' } as const

export type DigestType = (typeof DIGEST)[keyof typeof DIGEST]

/**
 * The rdata of the DS, or CDS, record that points at a key: its tag, algorithm, and a digest over owner and rdata (RFC 4034, 5.1;
 * RFC 7344, 3.1).
 */
export function dsRdata(owner: WireName, key: PublicKey, digestType: DigestType): Uint8Array {
  const rdata = dnskeyRdata(key)
  const tag = keyTag(rdata)
  const digest = createHash(HASHES[digestType]).update(foldName(owner)).update(rdata).digest()
  return Uint8Array.from([tag >> 8, tag & 0xff, key.algorithm, digestType, ...digest])
}
