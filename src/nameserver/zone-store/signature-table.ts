import type { Signatures } from '../../dns/dnssec/signer.ts'

const KEY_WORDS = 4

/** Signatures of a set; of an NSEC set with its rdata, which is nowhere in the store. */
export interface KnownSignatures extends Signatures {
  readonly nsec?: Uint8Array
}

/**
 * Signatures by keys of four words. Each key has one place in the table, and takes it from whoever is there: the table never grows, and
 * looking costs the same whatever is in it. Allocates nothing.
 */
export class SignatureTable {
  /** Of what is looked for. */
  readonly key = new Int32Array(KEY_WORDS)
  readonly #places: number
  readonly #keys: Int32Array
  /** All places, or none before the first is taken: an array with gaps would be looked up as a map. */
  #known: (KnownSignatures | undefined)[] = []
  #place = 0

  /** @param places - a power of two */
  constructor(places: number) {
    this.#places = places
    this.#keys = new Int32Array(places * KEY_WORDS)
  }

  /** @returns what was kept under the key; undefined: nothing, or it is due for renewal */
  find(nowSeconds: number): KnownSignatures | undefined {
    const { key } = this
    this.#place = mixed(key[0]! ^ mixed(key[1]! ^ mixed(key[2]! ^ mixed(key[3]!)))) & (this.#places - 1) // four words
    const at = this.#place * KEY_WORDS
    for (let i = 0; i < KEY_WORDS; i += 1) if (this.#keys[at + i] !== key[i]) return undefined
    const known = this.#known[this.#place]
    return known !== undefined && nowSeconds < known.renewSeconds ? known : undefined
  }

  /** Under the key that find() was asked for last. */
  keep(known: KnownSignatures): void {
    if (this.#known.length === 0) this.#known = Array.from({ length: this.#places })
    this.#keys.set(this.key, this.#place * KEY_WORDS)
    this.#known[this.#place] = known
  }

  clear(): void {
    this.#known = []
  }
}

/** A bijection of 32 bits in which every bit depends on every bit. */
export function mixed(value: number): number {
  let mix = value
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return mix ^ (mix >>> 16)
}
