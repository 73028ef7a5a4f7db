const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const DOT = 0x2e
const COLON = 0x3a

/**
 * A number for the network that a query comes from: the /24 of an IPv4 address, the first three groups of an IPv6 one.
 * Clients of one network get the same choice among addresses, and a resolver that moves within its network keeps it.
 */
export function clientOf(address: string): number {
  let hash = FNV_OFFSET
  let separators = 0
  for (let i = 0; i < address.length; i += 1) {
    const code = address.charCodeAt(i)
    if (code === DOT || code === COLON) separators += 1
    if (separators === 3) break
    hash = Math.imul(hash ^ code, FNV_PRIME)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}
