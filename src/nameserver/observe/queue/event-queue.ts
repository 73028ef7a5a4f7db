import type { Client } from '../../client.ts'
import type { ListenAddress } from '../../types.ts'
import type { Proto } from '../cells.ts'
import type { Exchange } from '../observer.ts'

/** A query and what became of it, as copied in the turn in which it was answered. Valid until the next one is pushed. */
export interface QueryEvent {
  /** By the Observer's clock. */
  askedMs: number
  doneMs: number
  proto: Proto
  /** The client's address: 4 or 16 octets. */
  address: Uint8Array
  port: number
  local: ListenAddress | undefined
  /** It came with a cookie of ours. */
  proven: boolean
  query: Buffer
  /** Empty: none was sent. */
  response: Buffer
}

const ADDRESS_BYTES = 16

/**
 * Copies of queries and responses on their way to somewhere slower: bounded in number and in octets, taken in order. Its memory is
 * there from the start, so that pushing costs the same whether or not anyone takes.
 */
export class EventQueue {
  readonly #maxEvents: number
  readonly #octets: Buffer
  readonly #addresses: Uint8Array
  readonly #events: Slot[]
  #first = 0
  #size = 0
  /** Where the next copy goes, and where the oldest one begins. */
  #head = 0
  #tail = 0

  /** @param octets - room for messages, the largest included */
  constructor(limits: { readonly events: number; readonly octets: number }) {
    this.#maxEvents = limits.events
    this.#octets = Buffer.allocUnsafeSlow(limits.octets)
    this.#addresses = new Uint8Array(limits.events * ADDRESS_BYTES)
    this.#events = Array.from({ length: limits.events }, newSlot)
  }

  get size(): number {
    return this.#size
  }

  /** @returns false when there is no room: the event is lost */
  push(client: Client, { proto, local, doneMs, query, length, response, written }: Exchange): boolean {
    if (this.#size === this.#maxEvents) return false
    const at = this.#reserve(length + written)
    if (at < 0) return false
    const index = (this.#first + this.#size) % this.#maxEvents
    const slot = this.#events[index]! // below maxEvents
    slot.askedMs = client.askedMs
    slot.doneMs = doneMs
    slot.proto = proto
    slot.local = local
    slot.port = client.port
    slot.proven = client.proven
    slot.addressBytes = client.length
    slot.at = at
    slot.queryBytes = length
    slot.responseBytes = written
    for (let i = 0; i < client.length; i += 1) this.#addresses[index * ADDRESS_BYTES + i] = client.octets[i]!
    this.#octets.set(length === query.length ? query : query.subarray(0, length), at)
    if (written > 0) this.#octets.set(response.subarray(0, written), at + length)
    this.#head = at + Math.max(1, length + written) // an event without octets takes one too, so that full is not empty
    this.#size += 1
    return true
  }

  /** The oldest event, which leaves the queue. @returns undefined when there is none */
  shift(): QueryEvent | undefined {
    if (this.#size === 0) return undefined
    const index = this.#first
    const slot = this.#events[index]! // below maxEvents
    const address = index * ADDRESS_BYTES
    const middle = slot.at + slot.queryBytes
    this.#first = (index + 1) % this.#maxEvents
    this.#size -= 1
    this.#tail = this.#size === 0 ? this.#head : this.#events[this.#first]!.at
    return {
      askedMs: slot.askedMs,
      doneMs: slot.doneMs,
      proto: slot.proto,
      address: this.#addresses.subarray(address, address + slot.addressBytes),
      port: slot.port,
      local: slot.local,
      proven: slot.proven,
      query: this.#octets.subarray(slot.at, middle),
      response: this.#octets.subarray(middle, middle + slot.responseBytes),
    }
  }

  /** @returns where so many octets fit in one piece behind the newest copy; -1: nowhere */
  #reserve(messages: number): number {
    const octets = Math.max(1, messages)
    const end = this.#octets.length
    if (this.#size === 0) {
      this.#head = 0
      this.#tail = 0
    }
    if (this.#head > this.#tail || this.#size === 0) {
      if (octets <= end - this.#head) return this.#head
      return octets < this.#tail ? 0 : -1
    }
    return octets < this.#tail - this.#head ? this.#head : -1
  }
}

interface Slot {
  askedMs: number
  doneMs: number
  proto: Proto
  local: ListenAddress | undefined
  port: number
  proven: boolean
  addressBytes: number
  at: number
  queryBytes: number
  responseBytes: number
}

function newSlot(): Slot {
  return {
    ...{ askedMs: 0, doneMs: 0, proto: 'udp', local: undefined, port: 0, proven: false },
    ...{ addressBytes: 4, at: 0, queryBytes: 0, responseBytes: 0 },
  }
}
