import { wireName, parseDomainName } from '../names.ts'
import type { WireName } from '../wire/message.ts'

/** How messages are signed (RFC 8945, 6); what BIND, NSD and Knot know. */
export const TSIG_ALGORITHMS = [
  'hmac-sha256',
  'hmac-sha384',
  'hmac-sha512',
  'hmac-sha224',
  'hmac-sha1',
  'hmac-md5',
] as const
export type TsigAlgorithm = (typeof TSIG_ALGORITHMS)[number]

export interface AlgorithmFacts {
  /** In canonical form, as it stands in the record. */
  readonly name: WireName
  /** As node:crypto calls it. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | 'sha224' | 'sha1' | 'md5'
  /** Octets of a whole MAC. */
  readonly macBytes: number
}

export const ALGORITHM: Readonly<Record<TsigAlgorithm, AlgorithmFacts>> = {
  'hmac-sha256': { name: wired('hmac-sha256'), hash: 'sha256', macBytes: 32 },
  'hmac-sha384': { name: wired('hmac-sha384'), hash: 'sha384', macBytes: 48 },
  'hmac-sha512': { name: wired('hmac-sha512'), hash: 'sha512', macBytes: 64 },
  'hmac-sha224': { name: wired('hmac-sha224'), hash: 'sha224', macBytes: 28 },
  'hmac-sha1': { name: wired('hmac-sha1'), hash: 'sha1', macBytes: 20 },
  'hmac-md5': { name: wired('hmac-md5.sig-alg.reg.int'), hash: 'md5', macBytes: 16 },
}

function wired(name: string): WireName {
  return wireName(parseDomainName(name))
}
