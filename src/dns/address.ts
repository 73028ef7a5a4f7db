import ipaddr from 'ipaddr.js'
import type { Brand } from './names.ts'

/** A canonical IPv4 or IPv6 address: RFC 5952 spelling, no zone, no brackets. */
export type Address = Brand<string, 'Address'>

/**
 * Parse an address as API objects carry it.
 * Octal and short IPv4 forms are refused: `010.1.1.1` means different hosts to different readers.
 * An IPv4-mapped IPv6 address is the IPv4 address.
 */
export function tryAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text as Address // four decimal parts are canonical
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  const parsed = ipaddr.IPv6.parse(text)
  return (
    parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String()
  ) as Address
}

/** The address family by spelling. */
export function familyOf(address: Address): 'a' | 'aaaa' {
  return address.includes(':') ? 'aaaa' : 'a'
}

/** 4 or 16 octets in network order. */
export function addressBytes(address: Address): Uint8Array {
  return Uint8Array.from(ipaddr.parse(address).toByteArray())
}

/** Numeric order: IPv4 before IPv6, then octet by octet. Never the order of input or locale. */
export function compareAddresses(left: Address, right: Address): number {
  const a = ipaddr.parse(left).toByteArray()
  const b = ipaddr.parse(right).toByteArray()
  if (a.length !== b.length) return a.length - b.length
  for (let i = 0; i < a.length; i += 1) {
    const difference = a[i]! - b[i]! // i < length of both
    if (difference !== 0) return difference
  }
  return 0
}
