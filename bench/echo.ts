import { createSocket, type SocketOptions } from 'node:dgram'
import { parseArgs } from 'node:util'

/**
 * What Node's UDP costs at the least: a bare echo with answers of a given size, buffers pooled, one copy a query.
 * `--tuned` sends as the DNS worker does (no look-up of literal addresses, no callback for each datagram).
 *
 *   node bench/echo.ts --bytes 107 [--tuned]
 *
 * Prints {port} when it is ready, ends on SIGTERM.
 */
const { values } = parseArgs({
  options: { bytes: { type: 'string', default: '107' }, tuned: { type: 'boolean', default: false } },
})
const answerBytes = Number(values.bytes)
const tuning: Pick<SocketOptions, 'lookup'> = values.tuned
  ? { lookup: (address, _options, done) => done(null, address, 4) }
  : {}
const socket = createSocket({ type: 'udp4', ...tuning })

if (values.tuned) {
  let out = Buffer.alloc(answerBytes)
  socket.on('message', (query, from) => {
    turnAround(query, out)
    socket.send(out, from.port, from.address)
    if (socket.getSendQueueCount() > 0) out = Buffer.alloc(answerBytes)
  })
} else {
  const pool: { readonly out: Buffer; readonly done: () => void }[] = []
  const newSlot = (): (typeof pool)[number] => {
    const slot = { out: Buffer.alloc(answerBytes), done: () => void pool.push(slot) }
    return slot
  }
  socket.on('message', (query, from) => {
    const { out, done } = pool.pop() ?? newSlot()
    turnAround(query, out)
    socket.send(out, 0, answerBytes, from.port, from.address, done)
  })
}

/** The query, marked as a response, is all that a load generator looks at. */
function turnAround(query: Buffer, out: Buffer): void {
  query.copy(out, 0, 0, answerBytes)
  out[2] = out[2]! | 0x80 // an answer has a header
}

socket.bind(0, '127.0.0.1', () => {
  socket.setRecvBufferSize(4 * 1024 * 1024)
  console.log(JSON.stringify({ port: socket.address().port }))
})
process.once('SIGTERM', () => socket.close())
