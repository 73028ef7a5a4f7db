import { HEADER_BYTES, TYPE } from '../../dns/protocol.ts'
import { nameEnd } from '../observe/question.ts'

/** Octets of type, class, TTL and length behind a record's name. */
const RECORD_BYTES = 10
const QUESTION_BYTES = 4
/** MINIMUM is the last field of a SOA (RFC 1035, 3.3.13). */
const MINIMUM_BYTES = 4

/**
 * For how long a response may be kept by whoever caches HTTP: the smallest TTL of its answer and authority sections, and of a
 * denial its SOA's MINIMUM too (RFC 8484, 5.1; RFC 2308, 5). Nothing of a response without records.
 * @param response - as we made it; what does not parse counts as 0
 * @returns seconds
 */
export function freshSeconds(response: Uint8Array): number {
  const octets = Buffer.from(response.buffer, response.byteOffset, response.byteLength)
  const answers = octets.readUInt16BE(6)
  const records = answers + octets.readUInt16BE(8)
  let at = afterQuestions(octets)
  let seconds = Infinity
  for (let i = 0; i < records; i += 1) {
    at = at === 0 ? 0 : nameEnd(octets, at, octets.length)
    if (at === 0 || at + RECORD_BYTES > octets.length) return 0
    const end = at + RECORD_BYTES + octets.readUInt16BE(at + 8)
    if (end > octets.length) return 0
    seconds = Math.min(seconds, octets.readUInt32BE(at + 4))
    const isDenial = i >= answers && octets.readUInt16BE(at) === TYPE.SOA
    if (isDenial) seconds = Math.min(seconds, octets.readUInt32BE(end - MINIMUM_BYTES))
    at = end
  }
  return seconds === Infinity ? 0 : seconds
}

/** @returns 0 where there is no end */
function afterQuestions(octets: Buffer): number {
  let at = HEADER_BYTES
  for (let i = 0; i < octets.readUInt16BE(4); i += 1) {
    const end = nameEnd(octets, at, octets.length)
    if (end === 0) return 0
    at = end + QUESTION_BYTES
  }
  return at
}
