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

/** Octets of an address: 4 or 16. */
export function addressLength(address: Address): 4 | 16 {
  return address.includes(':') ? 16 : 4
}

/** 4 or 16 octets in network order. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = new Uint8Array(addressLength(address))
  writeAddress(address, bytes, 0)
  return bytes
}

/**
 * As addressBytes, into `out` from `at` on; allocates nothing. Relies on the canonical spelling that the brand promises.
 * @returns the offset behind the address
 */
export function writeAddress(address: Address, out: Uint8Array, at: number): number {
  return address.includes(':') ? writeIpv6(address, out, at) : writeIpv4(address, out, at)
}

const DOT = 0x2e
const COLON = 0x3a
const ZERO = 0x30
const LOWER_A = 0x61

function writeIpv4(text: string, out: Uint8Array, at: number): number {
  let octet = 0
  let end = at
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      out[end] = octet
      end += 1
      octet = 0
    } else {
      octet = octet * 10 + code - ZERO
    }
  }
  out[end] = octet
  return end + 1
}

/** Groups before `::` go to the front, groups behind it are moved to the end. */
function writeIpv6(text: string, out: Uint8Array, at: number): number {
  out.fill(0, at, at + 16)
  let end = at
  let gapAt = -1
  let group = 0
  let digits = 0
  for (let i = 0; i <= text.length; i += 1) {
    const code = i < text.length ? text.charCodeAt(i) : COLON
    if (code !== COLON) {
      group = group * 16 + (code < LOWER_A ? code - ZERO : code - LOWER_A + 10)
      digits += 1
    } else if (digits > 0) {
      out[end] = group >> 8
      out[end + 1] = group & 0xff
      end += 2
      group = 0
      digits = 0
    }
    if (code === COLON && text.charCodeAt(i + 1) === COLON) gapAt = end
  }
  if (gapAt >= 0) {
    const tail = end - gapAt
    out.copyWithin(at + 16 - tail, gapAt, end)
    out.fill(0, gapAt, at + 16 - tail)
  }
  return at + 16
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
