import { TYPE } from '../../dns/protocol.ts'
import { readU16, writeU16 } from '../zone-store/layout.ts'

const TRUNCATED_BIT = 0x02
const POINTER_BITS = 0xc0
/** Type, class, TTL and length of a record. */
const RECORD_FIXED_BYTES = 10

/**
 * Leave of a response of ours header, question and OPT, and say that there is more: who is really there asks again over TCP.
 * @param end - where the question ends
 * @returns the octets that are left
 */
export function truncate(out: Uint8Array, length: number, end: number): number {
  const opt = optAt(out, end, length)
  out[2]! |= TRUNCATED_BIT
  out.fill(0, 6, 12)
  if (opt === 0) return end
  const optLength = 1 + RECORD_FIXED_BYTES + readU16(out, opt + 9)
  out.copyWithin(end, opt, opt + optLength)
  writeU16(out, 10, 1)
  return end + optLength
}

/** @returns where the OPT record is; 0: there is none */
function optAt(out: Uint8Array, end: number, length: number): number {
  const count = readU16(out, 6) + readU16(out, 8) + readU16(out, 10)
  let at = end
  for (let i = 0; i < count && at < length; i += 1) {
    const type = afterName(out, at, length)
    if (type + RECORD_FIXED_BYTES > length) return 0
    if (readU16(out, type) === TYPE.OPT && out[at] === 0) return at
    at = type + RECORD_FIXED_BYTES + readU16(out, type + 8)
  }
  return 0
}

function afterName(out: Uint8Array, start: number, length: number): number {
  let at = start
  while (at < length && out[at] !== 0) {
    if ((out[at]! & POINTER_BITS) === POINTER_BITS) return at + 2
    at += out[at]! + 1
  }
  return at + 1
}
