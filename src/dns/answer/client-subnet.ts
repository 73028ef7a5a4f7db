/** What a resolver says of the network that its client is in (RFC 7871, 6). */
export interface ClientSubnet {
  /** 1: IPv4, 2: IPv6. */
  readonly family: 1 | 2
  readonly sourcePrefix: number
  /** As sent: as many octets as the prefix needs, none beyond it set. */
  readonly address: Uint8Array
}

/** Answers that depend on who asks are the same for all of a network, by family: bits of the address that are looked at. */
export const NETWORK_PREFIX = { 1: 24, 2: 48 } as const

const HEADER_BYTES = 4
const ADDRESS_BITS: Readonly<Record<number, number>> = { 1: 32, 2: 128 }

/** @returns undefined for what RFC 7871, 7.1.2 and 7.2.1, calls malformed */
export function readClientSubnet(data: Uint8Array): ClientSubnet | undefined {
  if (data.length < HEADER_BYTES) return undefined
  const family = data[0]! * 0x100 + data[1]! // length checked
  const sourcePrefix = data[2]!
  const scopePrefix = data[3]!
  const bits = ADDRESS_BITS[family]
  if (bits === undefined || sourcePrefix > bits || scopePrefix !== 0) return undefined
  const address = Uint8Array.from(data.subarray(HEADER_BYTES))
  if (address.length !== Math.ceil(sourcePrefix / 8)) return undefined
  const beyond = (8 - (sourcePrefix % 8)) % 8
  if (beyond > 0 && (address.at(-1)! & ((1 << beyond) - 1)) !== 0) return undefined
  return { family: family === 1 ? 1 : 2, sourcePrefix, address }
}

/** The option of the response: as it was sent, and for how wide a network the answer holds (RFC 7871, 7.2.1). */
export function presentClientSubnet(subnet: ClientSubnet, scopePrefix: number): Uint8Array {
  return Uint8Array.of(0, subnet.family, subnet.sourcePrefix, scopePrefix, ...subnet.address)
}
