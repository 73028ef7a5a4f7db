import { MAX_UDP_BYTES } from '../../dns/protocol.ts'
import type { Libc } from './libc.ts'
import { IOVEC, MMSGHDR, MSG_DONTWAIT, MSG_TRUNC, SOCKADDR } from './linux.ts'
import { NativeMemory } from './memory.ts'
import type { Family } from './socket-address.ts'

/** Datagrams of one system call. */
export const BATCH = 64

/** Any UDP datagram: what is shorter costs only the memory that it fills. */
const QUERY_BYTES = 65_536
/** From a query to the next: not a power of two, so that their first octets do not meet in the same lines of the cache. */
const QUERY_STRIDE = QUERY_BYTES + 4096 + 64
const RESPONSE_STRIDE = Math.ceil(MAX_UDP_BYTES / 64) * 64
const ADDRESS_STRIDE = 32
/** Queries up to this length, nearly all, are handed out as views of exactly that length, each made when it is first needed. */
const EXACT_BYTES = 512
/** Longer ones as views of these sizes, so that there is an end to views. */
const VIEW_BYTES = [MAX_UDP_BYTES, 4096, QUERY_BYTES] as const
/** One response more than a batch has: for what is answered later. */
const RESPONSES = BATCH + 1

const RECEIVED = 0
const SENT = RECEIVED + BATCH * MMSGHDR.bytes
const RECEIVED_IOVS = SENT + RESPONSES * MMSGHDR.bytes
const SENT_IOVS = RECEIVED_IOVS + BATCH * IOVEC.bytes
const ADDRESSES = SENT_IOVS + RESPONSES * IOVEC.bytes
const RESPONSE_DATA = ADDRESSES + RESPONSES * ADDRESS_STRIDE
const QUERY_DATA = RESPONSE_DATA + RESPONSES * RESPONSE_STRIDE
const TOTAL_BYTES = QUERY_DATA + BATCH * QUERY_STRIDE

const WORD = 4
const HEADER_WORDS = MMSGHDR.bytes / WORD
const IOVEC_WORDS = IOVEC.bytes / WORD

/**
 * Queries and responses of one batch, for sockets of one family, where recvmmsg and sendmmsg find them: all pointers are set
 * once. Response n goes to address n; as there are never more responses than queries looked at, a query's address may
 * move forward to the place of its response.
 */
export class Datagrams {
  readonly family: Family
  readonly bytes: Buffer
  /** Where the response that is written next goes, by its place. */
  readonly responses: readonly Buffer[]
  readonly #libc: Libc
  readonly #words: Int32Array
  readonly #received: bigint
  readonly #sent: readonly bigint[]
  /** By place, then by length. */
  readonly #exact: (Buffer | undefined)[]
  /** By place, then by size. */
  readonly #long: readonly Buffer[]

  constructor(libc: Libc, family: Family) {
    this.#libc = libc
    this.family = family
    const memory = new NativeMemory(libc, TOTAL_BYTES)
    const { buffer } = memory.bytes
    this.bytes = memory.bytes
    this.#words = new Int32Array(buffer, 0, Math.floor(ADDRESSES / WORD))
    this.#received = memory.at(RECEIVED)
    this.#sent = Array.from({ length: RESPONSES }, (_, i) => memory.at(SENT + i * MMSGHDR.bytes))
    this.responses = Array.from({ length: RESPONSES }, (_, i) =>
      Buffer.from(buffer, RESPONSE_DATA + i * RESPONSE_STRIDE, MAX_UDP_BYTES),
    )
    this.#exact = Array.from({ length: BATCH * (EXACT_BYTES + 1) })
    this.#long = Array.from({ length: BATCH * VIEW_BYTES.length }, (_, i) => {
      const [place, size] = [Math.floor(i / VIEW_BYTES.length), VIEW_BYTES[i % VIEW_BYTES.length]]
      return Buffer.from(buffer, QUERY_DATA + place * QUERY_STRIDE, size)
    })
    for (let i = 0; i < RESPONSES; i += 1) {
      this.#point(memory, { header: SENT, iov: SENT_IOVS, data: RESPONSE_DATA + i * RESPONSE_STRIDE, i })
      if (i === BATCH) break
      this.#point(memory, { header: RECEIVED, iov: RECEIVED_IOVS, data: QUERY_DATA + i * QUERY_STRIDE, i })
      memory.view.setBigUint64(RECEIVED_IOVS + i * IOVEC.bytes + IOVEC.length, BigInt(QUERY_BYTES), true)
    }
  }

  #point(memory: NativeMemory, at: { header: number; iov: number; data: number; i: number }): void {
    const header = at.header + at.i * MMSGHDR.bytes
    const iov = at.iov + at.i * IOVEC.bytes
    memory.point(header + MMSGHDR.name, ADDRESSES + at.i * ADDRESS_STRIDE)
    memory.view.setUint32(header + MMSGHDR.nameLength, this.family.bytes, true)
    memory.point(header + MMSGHDR.iov, iov)
    memory.view.setBigUint64(header + MMSGHDR.iovCount, 1n, true)
    memory.point(iov + IOVEC.base, at.data)
  }

  /** @returns how many datagrams are here now, at most BATCH; -1: errno says why none */
  receive(fd: number): number {
    const count = this.#libc.recvmmsg(fd, this.#received, BATCH, MSG_DONTWAIT, null)
    return count <= BATCH ? count : -1
  }

  /** Octets of a datagram that was received. */
  lengthOf(i: number): number {
    const length = this.#words[(RECEIVED + MMSGHDR.length) / WORD + i * HEADER_WORDS]! // i < BATCH
    return length >= 0 && length <= QUERY_BYTES ? length : 0
  }

  /** A view of a datagram: so long, or where it is longer than usual at least so long; what follows in it is of others before. */
  query(i: number, length: number): Buffer {
    if (length <= EXACT_BYTES) {
      const index = i * (EXACT_BYTES + 1) + length
      return (this.#exact[index] ??= Buffer.from(this.bytes.buffer, QUERY_DATA + i * QUERY_STRIDE, length))
    }
    let size = 0
    while (VIEW_BYTES[size]! < length) size += 1 // the last one holds any
    return this.#long[i * VIEW_BYTES.length + size]! // i < BATCH
  }

  /** False when something is amiss: it was cut off, or its sender has no address of this family. */
  isSound(i: number): boolean {
    const words = this.#words
    const header = RECEIVED / WORD + i * HEADER_WORDS
    const isCut = (words[header + MMSGHDR.flags / WORD]! & MSG_TRUNC) !== 0
    const { bytes, domain } = this.family
    const name = header + MMSGHDR.nameLength / WORD
    const isAddress = words[name] === bytes && this.bytes[this.addressAt(i)] === domain
    words[name] = bytes // the kernel writes there how long the address was, and reads how long it may be
    return !isCut && isAddress
  }

  /** Where in `bytes` the address of a sender, or of a response's receiver, is. */
  addressAt(i: number): number {
    return ADDRESSES + i * ADDRESS_STRIDE
  }

  portOf(i: number): number {
    const at = this.addressAt(i) + SOCKADDR.port
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  /** The response at `place` is so long, and for the sender of query `i`. */
  address(place: number, i: number, length: number): void {
    if (place !== i)
      this.bytes.copyWithin(this.addressAt(place), this.addressAt(i), this.addressAt(i) + this.family.bytes)
    this.resize(place, length)
  }

  responseLength(place: number): number {
    return this.#words[(SENT_IOVS + IOVEC.length) / WORD + place * IOVEC_WORDS]!
  }

  resize(place: number, length: number): void {
    this.#words[(SENT_IOVS + IOVEC.length) / WORD + place * IOVEC_WORDS] = length // below 2^32: the upper word stays 0
  }

  /** @returns how many of the responses from `first` up to `end` the kernel has taken, at least one; -1: errno says why none */
  send(fd: number, first: number, end: number): number {
    const count = this.#libc.sendmmsg(fd, this.#sent[first]!, end - first, MSG_DONTWAIT)
    return count <= end - first ? count : -1
  }
}
