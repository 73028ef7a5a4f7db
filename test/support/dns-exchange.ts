import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

/** How long a client waits for an answer that must come. */
const PATIENCE_MS = 5_000

/** One datagram there, one back; octets, whatever they mean. @throws when none comes */
export function askUdp(port: number, query: Uint8Array): Promise<Buffer> {
  const socket = createSocket('udp4')
  let timer: NodeJS.Timeout | undefined
  return new Promise<Buffer>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer over UDP')), PATIENCE_MS)
    socket.once('error', reject)
    socket.once('message', resolve)
    socket.send(query, port, '127.0.0.1')
  }).finally(() => {
    clearTimeout(timer)
    socket.close()
  })
}

/** One message on a connection of its own. @throws when the server closes without an answer */
export async function askTcp(port: number, query: Uint8Array): Promise<Buffer> {
  const [answer] = await askTcpMany(port, [query])
  if (answer === undefined) throw new Error('no answer over TCP')
  return answer
}

/** All queries in one write, then as many answers as there are queries, or fewer if the server closes. */
export function askTcpMany(port: number, queries: readonly Uint8Array[]): Promise<readonly Buffer[]> {
  const socket = connect(port, '127.0.0.1')
  let received = Buffer.alloc(0)
  let timer: NodeJS.Timeout | undefined
  return new Promise<readonly Buffer[]>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer over TCP')), PATIENCE_MS)
    socket.once('error', reject)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (framed(received).length === queries.length) resolve(framed(received))
    })
    socket.once('close', () => resolve(framed(received)))
    socket.write(Buffer.concat(queries.map(withLength)))
  }).finally(() => {
    clearTimeout(timer)
    socket.destroy()
  })
}

/** A message as it goes over TCP. */
export function withLength(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message])
}

/** The whole messages in a stream. */
export function framed(stream: Buffer): readonly Buffer[] {
  const messages: Buffer[] = []
  let at = 0
  while (at + 2 <= stream.length) {
    const end = at + 2 + stream.readUInt16BE(at)
    if (end > stream.length) break
    messages.push(stream.subarray(at + 2, end))
    at = end
  }
  return messages
}
