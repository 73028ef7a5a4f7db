import { badRequest } from '../model/status.ts'

/** One field of a protobuf message. Numbers are 64 bits wide, as they were written. */
export interface WireField {
  readonly number: number
  readonly value: bigint | Uint8Array
}

const MAX_VARINT_BYTES = 10

/**
 * Take a protobuf message apart.
 * @throws StatusError 400 for bytes that are none
 */
export function wireFields(message: Uint8Array): readonly WireField[] {
  const fields: WireField[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const octet = message[at]
      if (octet === undefined) throw truncated()
      at += 1
      value |= BigInt(octet & 0x7f) << BigInt(7 * index)
      if (octet < 0x80) return BigInt.asUintN(64, value)
    }
    throw badRequest('error decoding protobuf: a number is too long')
  }
  const take = (count: number): Uint8Array => {
    if (count > message.byteLength - at) throw truncated()
    const taken = message.subarray(at, at + count)
    at += count
    return taken
  }
  while (at < message.byteLength) {
    const tag = varint()
    const number = Number(tag >> 3n)
    switch (Number(tag & 7n)) {
      case 0:
        fields.push({ number, value: varint() })
        break
      case 1:
        fields.push({ number, value: Buffer.from(take(8)).readBigUInt64LE() })
        break
      case 2:
        fields.push({ number, value: take(Number(varint())) })
        break
      case 5:
        fields.push({ number, value: BigInt(Buffer.from(take(4)).readUInt32LE()) })
        break
      default:
        throw badRequest('error decoding protobuf: unknown wire type')
    }
  }
  return fields
}

function truncated(): Error {
  return badRequest('error decoding protobuf: unexpected end of message')
}
