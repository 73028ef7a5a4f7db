import { createSocket, type Socket } from 'node:dgram'
import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { CLASS, HEADER_BYTES, MAX_UDP_BYTES, OPT_BYTES, TYPE } from '../../src/dns/protocol.ts'

/** A query with an OPT record, as resolvers send it (RFC 1035, 4.1; RFC 6891, 6.1). */
export function queryFor(name: string, type: keyof typeof TYPE, id: number): Buffer {
  const wire = wireName(parseDomainName(name))
  const end = HEADER_BYTES + wire.length + 4
  const query = Buffer.alloc(end + OPT_BYTES)
  query.writeUInt16BE(id & 0xffff, 0)
  query.writeUInt16BE(1, 4)
  query.writeUInt16BE(1, 10)
  query.set(wire, HEADER_BYTES)
  query.writeUInt16BE(TYPE[type], end - 4)
  query.writeUInt16BE(CLASS.IN, end - 2)
  query.writeUInt16BE(TYPE.OPT, end + 1)
  query.writeUInt16BE(MAX_UDP_BYTES, end + 3)
  return query
}

/** A UDP socket that is connected to a port of this machine. */
export async function connectedSocket(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve))
  return socket
}

/** @returns the response code, undefined when nothing is heard for a while or nobody listens */
export async function rcodeOf(port: number, name: string): Promise<number | undefined> {
  const socket = await connectedSocket(port)
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(resolve, 200, undefined)
      const done = (rcode: number | undefined): void => {
        clearTimeout(timer)
        resolve(rcode)
      }
      socket.on('message', (answer) => done(answer.length < HEADER_BYTES ? undefined : answer[3]! & 15)) // has a header
      socket.on('error', () => setTimeout(done, 20, undefined)) // port unreachable: nobody listens yet
      socket.send(queryFor(name, 'SOA', 1))
    })
  } finally {
    socket.close()
  }
}
