import ipaddr from 'ipaddr.js'

/** Four octets of a dotted quad, decimal only. @returns undefined for anything else */
export function readIpv4(text: string): Uint8Array | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text)
    ? Uint8Array.from(ipaddr.IPv4.parse(text).toByteArray())
    : undefined
}

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
