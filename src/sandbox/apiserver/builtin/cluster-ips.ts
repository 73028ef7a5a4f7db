import ipaddr from 'ipaddr.js'
import { failure } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import { listOf, numberOf, fieldsOf, textOf, valueAt } from '../model/values.ts'
import type { ClusterIps } from '../resource/resource.ts'
import type { Store } from '../store/store.ts'

/** The first addresses of a range belong to the cluster itself. */
const RESERVED = 10
const NODE_PORTS = { first: 30_000, count: 2_768 }

/** Gives each Service addresses of two ranges and node ports, none of them twice. */
export class ServiceAllocator implements ClusterIps {
  readonly #used = new Set<string>()
  readonly #ranges: Readonly<Record<'IPv4' | 'IPv6', AddressRange>>
  #nextPort = 0

  constructor(store: Store, ranges: { readonly ipv4: string; readonly ipv6: string }) {
    this.#ranges = { IPv4: new AddressRange(ranges.ipv4), IPv6: new AddressRange(ranges.ipv6) }
    store.subscribe('services', (event) => {
      if (event.old !== undefined) for (const item of allocationsOf(event.old)) this.#used.delete(item)
      if (event.type !== 'DELETED') for (const item of allocationsOf(event.object)) this.#used.add(item)
    })
  }

  address(family: 'IPv4' | 'IPv6'): string {
    return this.#ranges[family].next((address) => this.#used.has(address))
  }

  nodePort(): number {
    for (let tried = 0; tried < NODE_PORTS.count; tried += 1) {
      const port = NODE_PORTS.first + this.#nextPort
      this.#nextPort = (this.#nextPort + 1) % NODE_PORTS.count
      if (!this.#used.has(String(port))) return port
    }
    throw usedUp('no node port is free')
  }
}

function usedUp(words: string): StatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${words}`)
}

function allocationsOf(service: unknown): readonly string[] {
  const ports = listOf(valueAt(service, ['spec', 'ports'])).map((port) =>
    numberOf(fieldsOf(port)['nodePort']),
  )
  return [
    ...listOf(valueAt(service, ['spec', 'clusterIPs'])).map(textOf),
    ...ports.filter((port) => port > 0).map(String),
  ]
}

class AddressRange {
  readonly #bytes: readonly number[]
  readonly #size: number
  readonly #cidr: string
  readonly #first: number
  #offset: number

  constructor(cidr: string) {
    const [address, prefixLength] = ipaddr.parseCIDR(cidr)
    this.#bytes = address.toByteArray()
    this.#size = 2 ** Math.min(20, this.#bytes.length * 8 - prefixLength)
    this.#cidr = cidr
    this.#first = this.#size > RESERVED ? RESERVED : 0
    this.#offset = this.#first
  }

  next(isUsed: (address: string) => boolean): string {
    for (let tried = 0; tried < this.#size; tried += 1) {
      const address = this.#at(this.#offset)
      this.#offset = this.#offset + 1 < this.#size ? this.#offset + 1 : this.#first
      if (!isUsed(address)) return address
    }
    throw usedUp(`no address is free in ${this.#cidr}`)
  }

  #at(offset: number): string {
    const bytes = [...this.#bytes]
    let carry = offset
    for (let at = bytes.length - 1; at >= 0 && carry > 0; at -= 1) {
      const sum = bytes[at]! + carry // at is within the list
      bytes[at] = sum % 256
      carry = Math.floor(sum / 256)
    }
    const parsed = ipaddr.fromByteArray(bytes)
    return parsed.kind() === 'ipv6' ? (parsed as ipaddr.IPv6).toRFC5952String() : parsed.toString() // kind says so
  }
}
