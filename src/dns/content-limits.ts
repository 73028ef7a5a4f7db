import { type DomainName, wireLength } from './names.ts'
import { HEADER_BYTES, MAX_TCP_BYTES, OPT_BYTES, TYPE } from './protocol.ts'
import type { RecordSet } from './records.ts'

/** Owner pointer, type, class, TTL and length. */
const RECORD_HEADER_BYTES = 12
/** Of a block of the zone store. */
const MAX_NAME_CONTENT_BYTES = 65_536
/** Header, question with the longest name, OPT. */
const MESSAGE_FRAME_BYTES = HEADER_BYTES + 255 + 4 + OPT_BYTES

/** Whether a name says more than the zone store keeps: all of it is kept in one block. */
export function isTooMuchAtName(name: DomainName, sets: readonly RecordSet[]): boolean {
  const bytesOf = ({ type, rdata }: RecordSet): number => {
    const lengthBytes = type === TYPE.A || type === TYPE.AAAA ? 0 : 2
    return rdata.reduce((sum, octets) => sum + lengthBytes + octets.length, RECORD_HEADER_BYTES)
  }
  const start = wireLength(name) + RECORD_HEADER_BYTES
  return sets.reduce((sum, set) => sum + bytesOf(set), start) > MAX_NAME_CONTENT_BYTES
}

/** Whether an answer with this set and nothing else does not fit into any message. */
export function isTooMuchForMessage({ rdata }: RecordSet): boolean {
  const bytes = rdata.reduce((sum, octets) => sum + RECORD_HEADER_BYTES + octets.length, MESSAGE_FRAME_BYTES)
  return bytes > MAX_TCP_BYTES
}
