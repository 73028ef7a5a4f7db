/** One field of a protobuf message: text or a message. */
export type ProtobufField = readonly [number: number, value: string | Uint8Array]

/** Write a protobuf message of length-delimited fields. */
export function protobufMessage(fields: readonly ProtobufField[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      const bytes = Buffer.from(value)
      return [varint(number * 8 + 2), varint(bytes.byteLength), bytes]
    }),
  )
}

function varint(value: number): Uint8Array {
  const octets: number[] = []
  let rest = value
  while (rest >= 0x80) {
    octets.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.from([...octets, rest])
}
