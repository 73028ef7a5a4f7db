import type { ObjectKey } from '../../api/keys.ts'
import { tryAddress } from '../../dns/address.ts'
import type { Address } from '../../dns/address.ts'

/**
 * One instance per value, of the values used lately: two generations of at most `max` each, so that it never grows
 * beyond twice that and never forgets all at once.
 */
export class Interner<V> {
  readonly #max: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** The value kept under this text, else what `make` gives for it. */
  get(text: string, make: (text: string) => V): V {
    const young = this.#young.get(text)
    if (young !== undefined) return young
    const value = this.#old.get(text) ?? make(text)
    if (this.#young.size >= this.#max) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(text, value)
    return value
  }
}

/** For what is shared: load balancers of many Services, ClusterIPs of one range. Most addresses are seen once. */
const MAX_ADDRESSES = 4_000
const MAX_KEYS = 20_000

const addresses = new Interner<Address | null>(MAX_ADDRESSES)
const keys = new Interner<ObjectKey>(MAX_KEYS)

/** As tryAddress, one instance per address: many services share one load balancer, many clusters one range. */
export function internAddress(text: string): Address | undefined {
  return addresses.get(text, (spelling) => tryAddress(spelling) ?? null) ?? undefined
}

/** As objectKey, one instance per key. */
export function internKey(namespace: string, name: string): ObjectKey {
  return keys.get([namespace, name].join('/'), (text) => text as ObjectKey) // the text is what objectKey makes
}

/** One instance for all lists without entries. */
export const NONE: readonly never[] = Object.freeze([])
