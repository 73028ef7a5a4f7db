import { createSocket } from 'node:dgram'
import { queryBytes } from '../../../support/dns-query.ts'
import { replyOf, type Reply } from '../../../support/dns-reply.ts'

/** How many questions are under way at once: a socket's buffer holds their answers. */
const UNDER_WAY = 32
const PATIENCE_MS = 3_000

/** Ask all, in order, over one UDP socket, with EDNS. @param asks - `name type` each @returns as many replies; undefined where none came */
export async function askMany(
  server: string,
  asks: readonly string[],
): Promise<readonly (Reply | undefined)[]> {
  const socket = createSocket('udp4')
  const waiting = new Map<number, (bytes: Buffer) => void>()
  socket.on('message', (bytes) => waiting.get(bytes.readUInt16BE(0))?.(bytes))
  const replies: (Reply | undefined)[] = []
  let next = 0
  const one = async (): Promise<void> => {
    for (let index = next++; index < asks.length; index = next++) {
      const ask = asks[index] ?? ''
      const bytes = await exchange(
        index % 0x10000,
        queryBytes({ ask, id: index % 0x10000, edns: { payloadBytes: 1232 } }),
      )
      replies[index] = bytes === undefined ? undefined : replyOf(bytes)
    }
  }
  const exchange = (id: number, query: Buffer): Promise<Buffer | undefined> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => end(undefined), PATIENCE_MS)
      const end = (bytes: Buffer | undefined): void => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(bytes)
      }
      waiting.set(id, end)
      socket.send(query, 53, server)
    })
  try {
    await Promise.all(Array.from({ length: UNDER_WAY }, one))
  } finally {
    socket.close()
  }
  return replies
}
