import type { Requester } from '../../dns/answer/requester.ts'
import { Client } from '../client.ts'

interface Prefix {
  readonly length: 4 | 16
  readonly octets: Uint8Array
  readonly bits: number
}

/** A set of networks; asking it allocates nothing. */
export class AddressPrefixes {
  readonly #prefixes: readonly Prefix[]

  /** @param texts - `address/bits`, or an address alone; checked by isAddressPrefix() */
  constructor(texts: readonly string[]) {
    this.#prefixes = texts.map(readPrefix)
  }

  has({ octets, length }: Pick<Requester, 'octets' | 'length'>): boolean {
    for (let i = 0; i < this.#prefixes.length; i += 1) {
      const prefix = this.#prefixes[i]! // i < length
      if (prefix.length === length && startsAlike(octets, prefix)) return true
    }
    return false
  }
}

function startsAlike(octets: Uint8Array, prefix: Prefix): boolean {
  const whole = prefix.bits >> 3
  for (let i = 0; i < whole; i += 1) if (octets[i] !== prefix.octets[i]) return false
  const rest = prefix.bits & 7
  return rest === 0 || (octets[whole]! ^ prefix.octets[whole]!) >> (8 - rest) === 0
}

function readPrefix(text: string): Prefix {
  const [address = '', bits] = text.split('/')
  const { octets, length } = new Client(() => 0).set(address)
  return { length, octets: octets.slice(0, length), bits: bits === undefined ? length * 8 : Number(bits) }
}
