import { HEADER_BYTES } from '../../dns/protocol.ts'
import { nameEnd } from './question.ts'

/** From the start of an OPT record to the upper bits of the response code (RFC 6891, 6.1.3). */
const UPPER_BITS = 5
/** What the header has of them. */
const BADVERS_LOW = 0
const BADCOOKIE_LOW = 7

/**
 * The whole response code of one of our responses. Its upper bits are in the OPT record, which is looked for only where they
 * may be set: BADVERS and BADCOOKIE come with a question and nothing else.
 * @param written - octets of the response, at least a header
 */
export function responseCode(response: Uint8Array, written: number): number {
  const low = response[3]! & 15 // a response has a header
  return response[11] === 1 && (low === BADVERS_LOW || low === BADCOOKIE_LOW)
    ? low | upperBits(response, written)
    : low
}

function upperBits(response: Uint8Array, written: number): number {
  const hasOptAlone = response[7] === 0 && response[9] === 0
  if (!hasOptAlone || response[4] !== 0 || response[5] !== 1) return 0
  const at = nameEnd(response, HEADER_BYTES, written) + 4 + UPPER_BITS
  return at < written ? response[at]! << 4 : 0
}
