import { isIPv4, isIPv6 } from 'node:net'
import { addressBytes, tryAddress } from '../../dns/address.ts'
import { AF_INET, AF_INET6, SOCKADDR } from './linux.ts'
import type { NativeMemory } from './memory.ts'

/** How addresses of one family stand in memory. */
export interface Family {
  readonly domain: number
  /** Of a sockaddr. */
  readonly bytes: number
  readonly address: number
  readonly addressBytes: 4 | 16
}

export const IPV4: Family = {
  domain: AF_INET,
  bytes: SOCKADDR.bytes4,
  address: SOCKADDR.address4,
  addressBytes: 4,
}
export const IPV6: Family = {
  domain: AF_INET6,
  bytes: SOCKADDR.bytes6,
  address: SOCKADDR.address6,
  addressBytes: 16,
}

/** @returns undefined for what is no address */
export function familyOf(host: string): Family | undefined {
  if (isIPv4(host)) return IPV4
  return isIPv6(host) ? IPV6 : undefined
}

/** @returns false when the host is no address, or one with a zone, which a sockaddr cannot be made of without asking around */
export function writeSocketAddress(
  memory: NativeMemory,
  at: number,
  { host, port }: { readonly host: string; readonly port: number },
): boolean {
  const family = familyOf(host)
  const address = tryAddress(host)
  if (family === undefined || address === undefined) return false
  const octets = addressBytes(address)
  if (octets.length !== family.addressBytes) return false // IPv4 in the clothes of IPv6 is for IPv4 sockets
  memory.bytes.fill(0, at, at + family.bytes)
  memory.view.setUint16(at + SOCKADDR.family, family.domain, true)
  memory.view.setUint16(at + SOCKADDR.port, port)
  memory.bytes.set(octets, at + family.address)
  return true
}
