import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { once } from 'node:events'

/** A port that nobody has, for UDP and TCP, on 127.0.0.1: for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const address = tcp.address()
    if (address === null || typeof address === 'string') throw new Error('no port') // a TCP server has one
    const udp = createSocket('udp4')
    const free = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false)).bind(address.port, '127.0.0.1', () => resolve(true))
    })
    udp.close()
    tcp.close()
    if (free) return address.port
  }
}
