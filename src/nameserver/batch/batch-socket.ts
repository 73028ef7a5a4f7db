import { closeSync, openSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'
import { BindError } from '../bind-failure.ts'
import type { ListenAddress } from '../types.ts'
import type { Libc } from './libc.ts'
import {
  IP_MTU_DISCOVER,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_DONTFRAG,
  IPV6_MTU_DISCOVER,
  IPV6_V6ONLY,
  O_CLOEXEC,
  PMTUDISC_PROBE,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR,
  SOL_SOCKET,
} from './linux.ts'
import { NativeMemory } from './memory.ts'
import { familyOf, IPV6, writeSocketAddress, type Family } from './socket-address.ts'

/** Room for the responses of a few batches; the kernel may cut it. */
const SEND_BUFFER_BYTES = 1024 * 1024
const ADDRESS = 0
const VALUE = 32
const LENGTH = 40
const SCRATCH_BYTES = 64

/** A UDP socket of our own. */
export interface BatchSocket {
  readonly fd: number
  readonly family: Family
  readonly port: number
  /** What the kernel granted. */
  readonly receiveBufferBytes: number
}

export interface SocketOptions {
  /** SO_REUSEPORT. */
  readonly shared: boolean
  /** To ask for. */
  readonly receiveBufferBytes: number
}

/** Opens and closes sockets, for a worker. */
export class BatchSockets {
  readonly #libc: Libc
  readonly #scratch: NativeMemory

  constructor(libc: Libc) {
    this.#libc = libc
    this.#scratch = new NativeMemory(libc, SCRATCH_BYTES)
  }

  /**
   * @param address - port 0 = a free one
   * @throws BindError; nothing stays open then
   */
  open({ host, port }: ListenAddress, { shared, receiveBufferBytes }: SocketOptions): BatchSocket {
    const family = familyOf(host)
    const failed = (errno: string): BindError => new BindError({ host, port, transport: 'udp', errno })
    if (family === undefined || !writeSocketAddress(this.#scratch, ADDRESS, { host, port }))
      throw failed('EINVAL')
    const fd = this.#socket(family)
    if (typeof fd === 'string') throw failed(fd)
    try {
      if (shared && !this.#set(fd, SOL_SOCKET, { name: SO_REUSEPORT, value: 1 })) throw failed(this.#errno())
      if (family === IPV6 && !this.#set(fd, IPPROTO_IPV6, { name: IPV6_V6ONLY, value: 1 }))
        throw failed(this.#errno())
      this.#neverFragment(fd, family)
      const address = this.#scratch.at(ADDRESS)
      if (this.#libc.bind(fd, address, family.bytes) !== 0) throw failed(this.#errno())
      this.#scratch.view.setUint32(LENGTH, family.bytes, true)
      if (this.#libc.getsockname(fd, address, this.#scratch.at(LENGTH)) !== 0) throw failed(this.#errno())
      return {
        ...{ fd, family, port: this.#scratch.view.getUint16(ADDRESS + SOCKADDR.port) },
        receiveBufferBytes: this.#grow(fd, receiveBufferBytes),
      }
    } catch (error) {
      this.close(fd)
      throw error
    }
  }

  close(fd: number): void {
    closeSync(fd)
  }

  /**
   * A socket behind a descriptor that Node opened: Node closes those of a worker when it ends, in whatever way, and would know
   * nothing of one that a library opened.
   * @returns the errno when there is none
   */
  #socket(family: Family): number | string {
    const socket = this.#libc.socket(family.domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if (socket < 0) return this.#errno()
    const fd = openSync('/dev/null', 'r')
    const duplicated = this.#libc.dup3(socket, fd, O_CLOEXEC)
    const errno = duplicated < 0 ? this.#errno() : ''
    this.#libc.close(socket)
    if (duplicated === fd) return fd
    closeSync(fd)
    return errno
  }

  /** Answers fit where they must (RFC 9715, 3.1); where not, loss is better than fragments, which can be forged. As far as the system lets us. */
  #neverFragment(fd: number, family: Family): void {
    if (family !== IPV6) {
      this.#set(fd, IPPROTO_IP, { name: IP_MTU_DISCOVER, value: PMTUDISC_PROBE })
      return
    }
    this.#set(fd, IPPROTO_IPV6, { name: IPV6_MTU_DISCOVER, value: PMTUDISC_PROBE })
    this.#set(fd, IPPROTO_IPV6, { name: IPV6_DONTFRAG, value: 1 })
  }

  #grow(fd: number, receiveBufferBytes: number): number {
    this.#set(fd, SOL_SOCKET, { name: SO_SNDBUF, value: SEND_BUFFER_BYTES })
    if (!this.#set(fd, SOL_SOCKET, { name: SO_RCVBUFFORCE, value: receiveBufferBytes }))
      this.#set(fd, SOL_SOCKET, { name: SO_RCVBUF, value: receiveBufferBytes })
    this.#scratch.view.setUint32(LENGTH, 4, true)
    const value = this.#scratch.at(VALUE)
    const length = this.#scratch.at(LENGTH)
    const got = this.#libc.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, value, length)
    return got === 0 ? this.#scratch.view.getInt32(VALUE, true) : 0
  }

  #set(
    fd: number,
    level: number,
    { name, value }: { readonly name: number; readonly value: number },
  ): boolean {
    this.#scratch.view.setInt32(VALUE, value, true)
    return this.#libc.setsockopt(fd, level, name, this.#scratch.at(VALUE), 4) === 0
  }

  /** Of the call just made, as the system names it. */
  #errno(): string {
    const errno = this.#libc.errno()
    return errno > 0 ? getSystemErrorName(-errno) : 'UNKNOWN'
  }
}
