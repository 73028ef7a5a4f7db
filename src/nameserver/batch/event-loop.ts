import { Socket } from 'node:net'
import type { Libc } from './libc.ts'
import {
  AF_UNIX,
  EPOLL_CTL_MOD,
  EPOLL_EVENT,
  EPOLLIN,
  POLLFD,
  POLLIN,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from './linux.ts'
import { NativeMemory } from './memory.ts'
import { BatchUnavailable } from './unavailable.ts'

/** A thread's event loop is among its first descriptors; a server with more open files than this before it begins is none of ours. */
const MAX_DESCRIPTOR = 65_536
/** Turns in which the event loop must read what is there, and once have nothing more to do. */
const MAX_TURNS = 1_000

const PAIR = 0
const EVENT = 8
const ENTRY = EVENT + EPOLL_EVENT.bytes
const OCTET = ENTRY + POLLFD.bytes
const SCRATCH_BYTES = 64

/**
 * The epoll descriptor at which this thread's event loop waits. Node has no function that tells it; but the one that watches
 * a socket of ours is it, and the kernel says of each descriptor whether it does. That it is the right one is then tried out.
 * @throws BatchUnavailable when it cannot be found, or does not behave as one
 */
export async function findEventLoop(libc: Libc): Promise<number> {
  const scratch = new NativeMemory(libc, SCRATCH_BYTES)
  const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
  if (libc.socketpair(AF_UNIX, type, 0, scratch.at(PAIR)) !== 0)
    throw new BatchUnavailable('no pair of sockets to find the event loop with')
  const watched = scratch.view.getInt32(PAIR, true)
  const other = scratch.view.getInt32(PAIR + 4, true)
  const marker = new Socket({ fd: watched, readable: true, writable: false })
  marker.on('error', () => {}) // what is wrong shows below
  marker.resume() // from now on it is watched
  try {
    await turn()
    await turn()
    const found = whoWatches(libc, scratch, watched)
    if (found === undefined) throw new BatchUnavailable('the event loop of Node cannot be found')
    const isTrue = await wakes(libc, scratch, { eventLoop: found, other, marker })
    if (!isTrue) throw new BatchUnavailable('the event loop of Node does not behave as expected')
    return found
  } finally {
    marker.destroy()
    libc.close(other)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Asks each descriptor to go on as it does with the one that is watched: only an epoll that watches it does not refuse. */
function whoWatches(libc: Libc, scratch: NativeMemory, watched: number): number | undefined {
  scratch.view.setUint32(EVENT + EPOLL_EVENT.events, EPOLLIN, true)
  const data = EVENT + (process.arch === 'x64' ? EPOLL_EVENT.dataOnX64 : EPOLL_EVENT.data)
  scratch.view.setBigUint64(data, BigInt(watched), true) // as libuv has it
  for (let fd = 0; fd < MAX_DESCRIPTOR; fd += 1) {
    if (libc.epoll_ctl(fd, EPOLL_CTL_MOD, watched, scratch.at(EVENT)) === 0) return fd
  }
  return undefined
}

/** True when the event loop is seen to have something to do exactly when it has. */
async function wakes(
  libc: Libc,
  scratch: NativeMemory,
  {
    eventLoop,
    other,
    marker,
  }: { readonly eventLoop: number; readonly other: number; readonly marker: Socket },
): Promise<boolean> {
  scratch.view.setInt32(ENTRY + POLLFD.fd, eventLoop, true)
  scratch.view.setInt16(ENTRY + POLLFD.events, POLLIN, true)
  const isReady = (): boolean => libc.poll(scratch.at(ENTRY), 1, 0) === 1
  let hasRead = false
  marker.on('data', () => (hasRead = true))
  if (libc.write(other, scratch.at(OCTET), 1) !== 1 || !isReady()) return false
  for (let turns = 0; turns < MAX_TURNS; turns += 1) {
    await turn()
    if (hasRead && !isReady()) return true
  }
  return false
}
