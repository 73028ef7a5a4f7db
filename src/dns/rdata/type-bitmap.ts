import { OctetWriter } from './octets.ts'

const WINDOW_BITS = 256
const MAX_BITMAP_BYTES = 32

/** A set of types as NSEC, NSEC3 and CSYNC carry it: windows of up to 32 octets (RFC 4034, 4.1.2). */
export function typeBitmap(types: readonly number[]): Uint8Array {
  const out = new OctetWriter()
  const windows = Map.groupBy(new Set(types), (type) => Math.floor(type / WINDOW_BITS))
  for (const [window, members] of [...windows].sort(([left], [right]) => left - right)) {
    const bits = new Uint8Array(MAX_BITMAP_BYTES)
    for (const type of members) bits[(type % WINDOW_BITS) >> 3]! |= 0x80 >> (type % 8) // below 32
    const length = ((Math.max(...members) % WINDOW_BITS) >> 3) + 1
    out.u8(window)
    out.u8(length)
    out.put(bits.subarray(0, length))
  }
  return out.finish()
}

/** The types of a bitmap, ascending. @returns undefined where windows are out of order, too long, or longer than their types need */
export function typesOfBitmap(bytes: Uint8Array): readonly number[] | undefined {
  const types: number[] = []
  let last = -1
  for (let at = 0; at < bytes.length;) {
    const window = bytes[at]! // at < length
    const length = bytes[at + 1] ?? 0
    const bits = bytes.subarray(at + 2, at + 2 + length)
    if (window <= last || length > MAX_BITMAP_BYTES || bits.length < length) return undefined
    if ((bits.at(-1) ?? 0) === 0) return undefined // an empty window, or octets at its end that have to be left out
    for (let bit = 0; bit < length * 8; bit += 1)
      if ((bits[bit >> 3]! & (0x80 >> (bit % 8))) !== 0) types.push(window * WINDOW_BITS + bit) // below length
    last = window
    at += 2 + length
  }
  return types
}
