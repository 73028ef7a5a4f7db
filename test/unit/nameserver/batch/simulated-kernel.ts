import { constants } from 'node:os'
import type { Libc } from '../../../../src/nameserver/batch/libc.ts'

const { EAGAIN } = constants.errno

/** A datagram as it travels: `address` is a sockaddr. */
export interface Travelling {
  readonly data: Uint8Array
  readonly address: Uint8Array
}

/** What the kernel does at a send, in turn: takes so many, or fails. */
export type SendAct = { readonly takes: number } | { readonly errno: number }

/**
 * The system calls that serving makes, done by hand over the same octets: it follows the pointers that it is given, with the
 * offsets of the C headers written anew, and faults where they lead astray.
 */
export class SimulatedKernel implements Libc {
  /** Received, in order; a system call takes what is there. */
  readonly inbox: Travelling[] = []
  readonly sent: Travelling[] = []
  /** How many were asked of each system call. */
  readonly sendCalls: number[] = []
  /** Before anything is received, so many calls fail so. */
  readonly receiveErrors: number[] = []
  /** Empty: it takes all. */
  readonly sendActs: SendAct[] = []
  /** What polls find, in turn: the descriptors where something has happened, or an errno; nothing is left: nothing happened. */
  readonly polls: (readonly number[] | { readonly errno: number })[] = []
  /** What polls were asked for. */
  readonly polled: { readonly fds: readonly number[]; readonly timeoutMs: number }[] = []
  /** Datagrams of more octets are too long for the interface. */
  maxBytes = Infinity
  /** Flags and lengths of addresses that it says, in place of the true ones. */
  lies: { flags?: number; nameLength?: number; count?: number; length?: number } = {}
  readonly #memories: { readonly base: bigint; readonly memory: ArrayBuffer }[] = []
  #errno = 0

  addressOf(memory: ArrayBuffer): bigint {
    const known = this.#memories.find((other) => other.memory === memory)
    if (known !== undefined) return known.base
    const base = 0x7f00_0000_0000n + BigInt(this.#memories.length) * 0x1000_0000n
    this.#memories.push({ base, memory })
    return base
  }

  errno(): number {
    return this.#errno
  }

  recvmmsg(_fd: number, headers: bigint, count: number, flags: number): number {
    if (flags !== 0x40) throw new Error('it would wait')
    const error = this.receiveErrors.shift()
    if (error !== undefined) return this.#fail(error)
    if (this.inbox.length === 0) return this.#fail(EAGAIN)
    const taken = this.inbox.splice(0, count)
    taken.forEach(({ data, address }, i) => {
      const header = this.#at(headers + BigInt(i * 64), 64)
      const nameRoom = header.getUint32(8, true)
      this.#bytes(header.getBigUint64(0, true), nameRoom).set(address.subarray(0, nameRoom))
      if (header.getBigUint64(24, true) !== 1n) throw new Error('not one piece')
      const iov = this.#at(header.getBigUint64(16, true), 16)
      const room = this.#bytes(iov.getBigUint64(0, true), Number(iov.getBigUint64(8, true)))
      room.set(data.subarray(0, room.length))
      header.setUint32(8, this.lies.nameLength ?? address.length, true)
      header.setUint32(48, this.lies.flags ?? (data.length > room.length ? 0x20 : 0), true)
      header.setUint32(56, this.lies.length ?? Math.min(data.length, room.length), true)
    })
    return this.lies.count ?? taken.length
  }

  sendmmsg(_fd: number, headers: bigint, count: number): number {
    this.sendCalls.push(count)
    const act = this.sendActs.shift() ?? { takes: count }
    if ('errno' in act) return this.#fail(act.errno)
    let taken = 0
    for (; taken < Math.min(act.takes, count); taken += 1) {
      const header = this.#at(headers + BigInt(taken * 64), 64)
      const iov = this.#at(header.getBigUint64(16, true), 16)
      const data = this.#bytes(iov.getBigUint64(0, true), Number(iov.getBigUint64(8, true)))
      const address = this.#bytes(header.getBigUint64(0, true), header.getUint32(8, true))
      if (data.length > this.maxBytes) break
      this.sent.push({ data: Uint8Array.from(data), address: Uint8Array.from(address) })
    }
    return taken === 0 && count > 0 ? this.#fail(constants.errno.EMSGSIZE) : taken
  }

  poll(entries: bigint, count: number, timeoutMs: number): number {
    const list = Array.from({ length: count }, (_, i) => this.#at(entries + BigInt(i * 8), 8))
    this.polled.push({ fds: list.map((entry) => entry.getInt32(0, true)), timeoutMs })
    const act = this.polls.shift() ?? []
    if ('errno' in act) return this.#fail(act.errno)
    for (const entry of list) {
      const happened = act.includes(entry.getInt32(0, true))
      entry.setInt16(6, happened ? entry.getInt16(4, true) : 0, true)
    }
    return act.length
  }

  /** Writes what happened into an entry of a poll. */
  say(entry: bigint, happened: number): void {
    this.#at(entry, 8).setInt16(6, happened, true)
  }

  #bytes(pointer: bigint, length: number): Uint8Array {
    const view = this.#at(pointer, length)
    return new Uint8Array(view.buffer, view.byteOffset, length)
  }

  #at(pointer: bigint, length: number): DataView<ArrayBuffer> {
    for (const { base, memory } of this.#memories) {
      const offset = Number(pointer - base)
      if (offset >= 0 && offset + length <= memory.byteLength) return new DataView(memory, offset, length)
    }
    throw new Error(`fault at ${pointer}`)
  }

  #fail(errno: number): -1 {
    this.#errno = errno
    return -1
  }

  socket = notThere
  socketpair = notThere
  bind = notThere
  getsockname = notThere
  getsockopt = notThere
  setsockopt = notThere
  epoll_ctl = notThere
  dup3 = notThere
  write = notThere
  close = notThere
}

function notThere(): never {
  throw new Error('not simulated')
}

/** A sockaddr_in or sockaddr_in6, by the C headers. */
export function sockaddr(address: readonly number[], port: number): Uint8Array {
  const bytes = Buffer.alloc(address.length === 4 ? 16 : 28)
  bytes.writeUInt16LE(address.length === 4 ? 2 : 10, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(address, address.length === 4 ? 4 : 8)
  return bytes
}
