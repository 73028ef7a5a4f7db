import { HEADER_BYTES, RCODE } from '../../dns/protocol.ts'

/** Responses are limited with those like them: of one name where there is data, else of one zone, or of no zone at all. */
export const RESPONSE_KIND = { positive: 0, noData: 1, noName: 2, referral: 3, error: 4 } as const

const AUTHORITATIVE_BIT = 0x04
const POINTER_BITS = 0xc0

/**
 * @param out - a response of ours with a question
 * @returns one of RESPONSE_KIND
 */
export function responseKind(out: Uint8Array): number {
  const rcode = out[3]! & 15
  if (rcode === RCODE.NXDOMAIN) return RESPONSE_KIND.noName
  if (rcode !== RCODE.NOERROR) return RESPONSE_KIND.error
  if (out[6] !== 0 || out[7] !== 0) return RESPONSE_KIND.positive
  return (out[2]! & AUTHORITATIVE_BIT) === 0 ? RESPONSE_KIND.referral : RESPONSE_KIND.noData
}

/** @returns where the question ends; 0 when there is none, or it is not whole */
export function questionEnd(out: Uint8Array, length: number): number {
  if (out[4] !== 0 || out[5] !== 1) return 0
  let at = HEADER_BYTES
  while (at < length && out[at] !== 0) at += out[at]! + 1 // at < length
  return at + 5 <= length ? at + 5 : 0
}

/**
 * Where in the question the name begins that a response without answers is about: the owner of its first authority record,
 * which is the zone's origin, or the delegation.
 * @returns 0 when it has none there
 */
export function subjectAt(out: Uint8Array, end: number, length: number): number {
  const hasAnswers = out[6] !== 0 || out[7] !== 0
  const hasAuthority = out[8] !== 0 || out[9] !== 0
  if (hasAnswers || !hasAuthority || end + 2 > length || (out[end]! & POINTER_BITS) !== POINTER_BITS) return 0
  const at = ((out[end]! & ~POINTER_BITS) << 8) | out[end + 1]!
  return at >= HEADER_BYTES && at < end ? at : 0
}
