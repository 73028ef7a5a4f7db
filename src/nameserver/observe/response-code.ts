import { HEADER_BYTES } from '../../dns/protocol.ts'
import { nameEnd } from './question.ts'

/** From the start of an OPT record to the upper bits of the response code (RFC 6891, 6.1.3). */
const UPPER_BITS = 5
/** BADVERS is 0 in the header, BADCOOKIE 7. */
const LOW_BITS_OF_EXTENDED: readonly number[] = [0, 7]

/**
 * The whole response code of one of our responses. Its upper bits are in the OPT record, which is looked for only where they
 * may be set: BADVERS and BADCOOKIE come with a question and nothing else.
 * @param written - octets of the response, at least a header
 */
export function responseCode(response: Uint8Array, written: number): number {
  const low = response[3]! & 15 // a response has a header
  const hasOptAlone = response[7] === 0 && response[9] === 0 && response[11] === 1
  if (!hasOptAlone || !LOW_BITS_OF_EXTENDED.includes(low) || response[4] !== 0 || response[5] !== 1)
    return low
  const upper = nameEnd(response, HEADER_BYTES, written) + 4 + UPPER_BITS
  return upper < written ? low | (response[upper]! << 4) : low
}
