import { parentPort, workerData } from 'node:worker_threads'
import { BatchSockets } from '../../src/nameserver/batch/batch-socket.ts'
import { BATCH, Datagrams } from '../../src/nameserver/batch/datagrams.ts'
import { openLibc } from '../../src/nameserver/batch/libc.ts'
import { NativeMemory } from '../../src/nameserver/batch/memory.ts'
import { IPV4, writeSocketAddress } from '../../src/nameserver/batch/socket-address.ts'
import type { FloodData } from './nameserver-batch-flood.ts'

/** The thread of a flood: sends and receives by the same system calls as the server, so that it can keep up with it. */
const { port, query, limit, window, shared } = workerData as FloodData // made by flood()
const words = new Int32Array(shared)
const libc = await openLibc()
const sockets = new BatchSockets(libc)
const socket = sockets.open(
  { host: '127.0.0.1', port: 0 },
  { shared: false, receiveBufferBytes: 4 * 1024 * 1024 },
)
const datagrams = new Datagrams(libc, IPV4)
const address = new NativeMemory(libc, IPV4.bytes)
writeSocketAddress(address, 0, { host: '127.0.0.1', port })
parentPort?.postMessage('ready')

let sent = 0
let received = 0
while (Atomics.load(words, 0) === 0) {
  const count = Math.min(BATCH, limit - sent, window - (sent - received))
  for (let i = 0; i < count; i += 1) {
    datagrams.responses[i]!.set(query) // i < BATCH
    datagrams.bytes.set(address.bytes, datagrams.addressAt(i))
    datagrams.resize(i, query.length)
  }
  if (count > 0) sent += Math.max(0, datagrams.send(socket.fd, 0, count))
  received += Math.max(0, datagrams.receive(socket.fd))
  Atomics.store(words, 1, sent)
  Atomics.store(words, 2, received)
}
sockets.close(socket.fd)
