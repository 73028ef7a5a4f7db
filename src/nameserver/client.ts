import { NETWORK_PREFIX } from '../dns/answer/client-subnet.ts'
import type { AnswerNotes } from '../dns/answer/context.ts'
import type { Requester } from '../dns/answer/requester.ts'
import type { ReplyPath } from './control/reply-path.ts'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const DOT = 0x2e
const COLON = 0x3a
const ZERO = 0x30
const CASE_BIT = 0x20
const LOWER_A = 0x61
/** Octets of an address that stand for its network. */
const NETWORK_BYTES = { 4: NETWORK_PREFIX[1] / 8, 16: NETWORK_PREFIX[2] / 8 } as const

/** Unix time in ms. */
export type WallClock = () => number

/**
 * Who asks, as octets: one for a socket or a connection, used for query after query without an allocation. What the reader
 * of the zone store finds out about the query is left here for whoever sends the answer.
 */
export class Client implements Requester, AnswerNotes {
  readonly octets = new Uint8Array(16)
  length: 4 | 16 = 4
  /**
   * A number for the client's network. Clients of one network get the same choice among addresses, and a resolver that moves
   * within its network keeps it.
   */
  network = 0
  /** Of the query answered last: it came with a cookie of ours, so that its address is not forged (RFC 7873, 5.2.5). */
  proven = false
  /** Of the query answered last: octets of its name that a wildcard or DNAME answered for in one, else 0. */
  madeFromBytes = 0
  /** The port it asks from; 0 where the transport does not tell. */
  port = 0
  /** Where it asks, as far as the transport knows: an address without wildcards. */
  local: { readonly host: string; readonly port: number } | undefined = undefined
  /** Of the query answered last: when it came, in ms of the Observer's clock; 0 = it is not timed. */
  askedMs = 0
  /** Of the query answered last: the hash of the origin of its name's zone; 0 = no zone of ours. */
  zone = 0
  /** Of the query answered last: QTYPE and the DO bit; 0 = not looked at yet. */
  type = 0
  dnssecOk = false
  /** Where replies go that come later; undefined: what takes its time is refused. */
  replies: ReplyPath | undefined
  /** What set() read last; forwarders ask many times in a row. */
  #address: string | undefined
  readonly #now: WallClock

  constructor(now: WallClock) {
    this.#now = now
  }

  get nowSeconds(): number {
    return Math.floor(this.#now() / 1000)
  }

  /** @param address - as Node writes it; anything else counts as some address */
  set(address: string): this {
    if (address === this.#address) {
      this.proven = false
      return this
    }
    this.#address = address
    this.length = readAddress(address, this.octets)
    return this.#locate()
  }

  /** @param length - 4 or 16, octets of the address at `at` in network order */
  setOctets(bytes: Uint8Array, at: number, length: 4 | 16): this {
    for (let i = 0; i < length; i += 1) this.octets[i] = bytes[at + i]!
    this.#address = undefined
    this.length = length
    return this.#locate()
  }

  #locate(): this {
    this.network = networkOf(this.octets, this.length)
    this.proven = false
    return this
  }
}

/**
 * The number of a network.
 * @param octets - of an address in it; those that are left out are 0
 * @param length - of the whole address
 */
export function networkOf(octets: Uint8Array, length: 4 | 16): number {
  let hash = FNV_OFFSET
  const end = NETWORK_BYTES[length]
  for (let i = 0; i < end; i += 1) hash = Math.imul(hash ^ (octets[i]! | 0), FNV_PRIME) // beyond the end is 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) // each bit has a say in each: networks often differ in a few
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** @returns octets written into `out`: 4, or 16 for what has a colon */
function readAddress(text: string, out: Uint8Array): 4 | 16 {
  let at = 0
  let value = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === COLON) return readIPv6(text, out)
    if (code === DOT && at < 3) {
      out[at] = value
      at += 1
      value = 0
    } else {
      value = value * 10 + (code - ZERO)
    }
  }
  out[at] = value
  return 4
}

/** Groups before `::`, then, from the end, those behind it; an IPv4 address at the end counts as two groups (RFC 4291, 2.2). */
function readIPv6(text: string, out: Uint8Array): 16 {
  out.fill(0)
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  const gap = address.indexOf('::')
  const front = gap < 0 ? address : address.slice(0, gap)
  const back = gap < 0 ? '' : address.slice(gap + 2)
  writeGroups(front, out, 0)
  writeGroups(back, out, 16 - groupBytes(back))
  return 16
}

function groupBytes(text: string): number {
  if (text === '') return 0
  const groups = text.split(':')
  return groups.length * 2 + (text.includes('.') ? 2 : 0)
}

function writeGroups(text: string, out: Uint8Array, start: number): void {
  if (text === '') return
  let at = start
  for (const group of text.split(':')) {
    if (group.includes('.')) {
      for (const part of group.split('.')) {
        out[at] = Number(part)
        at += 1
      }
      continue
    }
    const value = hexadecimal(group)
    out[at] = value >> 8
    out[at + 1] = value
    at += 2
  }
}

function hexadecimal(text: string): number {
  let value = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i) | CASE_BIT
    value = value * 16 + (code >= LOWER_A ? code - LOWER_A + 10 : code - ZERO)
  }
  return value
}
