import ipaddr from 'ipaddr.js'
import type { Address } from '../../../dns/address.ts'

/** A run of consecutive addresses. */
export interface AddressRange {
  readonly family: 'IPv4' | 'IPv6'
  readonly first: bigint
  readonly size: bigint
}

/**
 * Addresses handed out one at a time, each to one owner, each owner at most one. A released address comes back only
 * after all others of the pool had their turn, as in a large cloud.
 */
export class AddressPool {
  readonly #ranges: readonly AddressRange[]
  readonly #size: bigint
  readonly #byOwner = new Map<string, Address>()
  readonly #owners = new Map<Address, string>()
  #next = 0n

  constructor(ranges: readonly AddressRange[]) {
    this.#ranges = ranges
    this.#size = ranges.reduce((sum, range) => sum + range.size, 0n)
  }

  /**
   * The owner's address; the same as before when it has one.
   * @param wanted - taken instead when it lies in the pool and is free, or already the owner's
   * @returns undefined when every address is taken
   */
  take(owner: string, wanted?: string): Address | undefined {
    const held = this.#byOwner.get(owner)
    if (wanted !== undefined && wanted !== held && this.#isFree(wanted)) {
      this.release(owner)
      return this.#give(owner, wanted as Address) // #isFree: canonical and in the pool
    }
    if (held !== undefined) return held
    const free = this.#nextFree()
    return free === undefined ? undefined : this.#give(owner, free)
  }

  /** Keep an address that its owner already shows; nothing when it is not the pool's or somebody else's. */
  adopt(owner: string, shown: string): void {
    if (!this.#byOwner.has(owner) && this.#isFree(shown)) this.#give(owner, shown as Address) // canonical
  }

  release(owner: string): void {
    const held = this.#byOwner.get(owner)
    if (held === undefined) return
    this.#byOwner.delete(owner)
    this.#owners.delete(held)
  }

  heldBy(owner: string): Address | undefined {
    return this.#byOwner.get(owner)
  }

  get taken(): number {
    return this.#owners.size
  }

  #give(owner: string, address: Address): Address {
    this.#byOwner.set(owner, address)
    this.#owners.set(address, owner)
    return address
  }

  #isFree(text: string): boolean {
    const value = numberOf(text)
    if (value === undefined || this.#owners.has(text as Address)) return false
    return this.#ranges.some(
      (range) =>
        value.family === range.family && value.value >= range.first && value.value < range.first + range.size,
    )
  }

  #nextFree(): Address | undefined {
    if (BigInt(this.#owners.size) >= this.#size) return undefined
    for (;;) {
      const address = this.#at(this.#next)
      this.#next = (this.#next + 1n) % this.#size
      if (!this.#owners.has(address)) return address
    }
  }

  #at(position: bigint): Address {
    let rest = position
    for (const range of this.#ranges) {
      if (rest < range.size) return textOf(range.family, range.first + rest)
      rest -= range.size
    }
    throw new RangeError('position beyond the pool') // #next stays below #size
  }
}

/** The first address of a range as text, and how many follow. */
export function rangeFrom(first: string, size: number): AddressRange {
  const parsed = numberOf(first)
  if (parsed === undefined) throw new RangeError(`no canonical address: ${first}`)
  return { family: parsed.family, first: parsed.value, size: BigInt(size) }
}

function numberOf(text: string): { readonly family: 'IPv4' | 'IPv6'; readonly value: bigint } | undefined {
  if (!ipaddr.isValid(text)) return undefined
  const family = text.includes(':') ? 'IPv6' : 'IPv4'
  let value = 0n
  for (const octet of ipaddr.parse(text).toByteArray()) value = (value << 8n) | BigInt(octet)
  return textOf(family, value) === text ? { family, value } : undefined
}

function textOf(family: 'IPv4' | 'IPv6', value: bigint): Address {
  if (family === 'IPv4') {
    const bits = Number(value)
    const octets = [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255]
    return octets.join('.') as Address // four decimal parts are canonical
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(16 * (7 - index))) & 0xffffn),
  )
  return new ipaddr.IPv6(groups).toRFC5952String() as Address // canonical by its maker
}
