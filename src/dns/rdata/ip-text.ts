import ipaddr from 'ipaddr.js'

/** Four octets of a dotted quad, decimal only, without leading zeros. @returns undefined for anything else */
export function readIpv4(text: string): Uint8Array | undefined {
  if (text.length > MAX_IPV4_CHARACTERS) return undefined
  const octets = new Uint8Array(4)
  let part = 0
  let value = -1
  for (let at = 0; at <= text.length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return undefined
      value = value < 0 ? digit : value * 10 + digit
      continue
    }
    const endsPart = at === text.length ? part === 3 : part < 3 && digit === DOT
    if (!endsPart || value < 0 || value > 0xff) return undefined
    octets[part] = value
    part += 1
    value = -1
  }
  return octets
}

const MAX_IPV4_CHARACTERS = 15
const ZERO = 0x30
/** As far from the zero as digits are. */
const DOT = 0x2e - ZERO

/** Sixteen octets of an IPv6 address, IPv4-mapped ones as they are. @returns undefined for anything else */
export function readIpv6(text: string): Uint8Array | undefined {
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  return Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray())
}

/** The usual spelling of 4 or 16 octets (RFC 5952). */
export function presentIp(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  return new ipaddr.IPv6([...octets]).toRFC5952String()
}
