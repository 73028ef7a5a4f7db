import { BatchUnavailable } from './unavailable.ts'

/**
 * The functions of the C library that are called, all of them without a moment's wait but `poll`. Pointers are addresses in
 * memory that is kept for as long as the process runs. A result of -1 is a failure that `errno` explains, if it is asked next.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  socketpair(domain: number, type: number, protocol: number, pair: bigint): number
  bind(fd: number, address: bigint, addressBytes: number): number
  getsockname(fd: number, address: bigint, addressBytes: bigint): number
  getsockopt(fd: number, level: number, name: number, value: bigint, valueBytes: bigint): number
  setsockopt(fd: number, level: number, name: number, value: bigint, valueBytes: number): number
  recvmmsg(fd: number, headers: bigint, count: number, flags: number, timeout: null): number
  sendmmsg(fd: number, headers: bigint, count: number, flags: number): number
  poll(entries: bigint, count: number, timeoutMs: number): number
  epoll_ctl(epoll: number, operation: number, fd: number, event: bigint): number
  dup3(from: number, to: number, flags: number): number
  write(fd: number, data: bigint, bytes: number): number
  close(fd: number): number
  errno(): number
  /** Where the memory is; it must never be let go while the address is used. */
  addressOf(memory: ArrayBuffer): bigint
}

export type Machine = Pick<NodeJS.Process, 'platform' | 'arch'>

/** A version that is glibc's own function: other C libraries lack it. */
const GLIBC_MARK = 'gnu_get_libc_version'

/**
 * @param machine - what it is made for is Linux on x64 or arm64
 * @throws BatchUnavailable when this is another, or has no glibc or no koffi
 */
export async function openLibc({ platform, arch }: Machine = process): Promise<Libc> {
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64'))
    throw new BatchUnavailable(`made for Linux on x64 and arm64, not for ${platform} on ${arch}`)
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1)
    throw new BatchUnavailable('made for little-endian machines')
  const { default: koffi } = await import('koffi').catch((error: unknown) => {
    throw new BatchUnavailable(`koffi cannot be loaded: ${firstLine(error)}`)
  })
  try {
    const lib = koffi.load('libc.so.6')
    lib.func(GLIBC_MARK, 'str', [])
    return {
      socket: lib.func('socket', 'int', ['int', 'int', 'int']),
      socketpair: lib.func('socketpair', 'int', ['int', 'int', 'int', 'void *']),
      bind: lib.func('bind', 'int', ['int', 'void *', 'uint']),
      getsockname: lib.func('getsockname', 'int', ['int', 'void *', 'void *']),
      getsockopt: lib.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']),
      setsockopt: lib.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint']),
      recvmmsg: lib.func('recvmmsg', 'int', ['int', 'void *', 'uint', 'int', 'void *']),
      sendmmsg: lib.func('sendmmsg', 'int', ['int', 'void *', 'uint', 'int']),
      poll: lib.func('poll', 'int', ['void *', 'ulong', 'int']),
      epoll_ctl: lib.func('epoll_ctl', 'int', ['int', 'int', 'int', 'void *']),
      dup3: lib.func('dup3', 'int', ['int', 'int', 'int']),
      write: lib.func('write', 'long', ['int', 'void *', 'size_t']),
      close: lib.func('close', 'int', ['int']),
      errno: () => koffi.errno(),
      addressOf: (memory) => koffi.address(memory),
    }
  } catch (error) {
    throw new BatchUnavailable(`no glibc: ${firstLine(error)}`)
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!
}
