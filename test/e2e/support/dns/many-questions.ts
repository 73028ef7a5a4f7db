import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { framed, withLength } from '../../../support/dns-exchange.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'
import { replyOf, type Reply } from '../../../support/dns-reply.ts'

/** How many questions are under way at once: a socket's buffer holds their answers. */
const UNDER_WAY = 32
const PATIENCE_MS = 3_000

/** Ask all, in order, over one UDP socket. @param asks - `name type` each @returns as many replies; undefined where none came */
export async function askMany(
  server: string,
  asks: readonly string[],
  shape: QueryShape,
): Promise<readonly (Reply | undefined)[]> {
  const socket = createSocket('udp4')
  const waiting = new Map<number, (bytes: Buffer) => void>()
  socket.on('message', (bytes) => waiting.get(bytes.readUInt16BE(0))?.(bytes))
  const replies: (Reply | undefined)[] = []
  let next = 0
  const one = async (): Promise<void> => {
    for (let index = next++; index < asks.length; index = next++) {
      const ask = asks[index] ?? ''
      const bytes = await exchange(index % 0x10000, queryBytes({ ...shape, ask, id: index % 0x10000 }))
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

/** So many in one write: as many as any server reads before it wants its answers to be read. */
const PER_CONNECTION = 100

/** As askMany(), on TCP connections of a hundred questions each. */
export async function askManyOverTcp(
  server: string,
  asks: readonly string[],
): Promise<readonly (Reply | undefined)[]> {
  const replies: (Reply | undefined)[] = []
  for (let from = 0; from < asks.length; from += PER_CONNECTION)
    replies.push(...(await onConnection(server, asks.slice(from, from + PER_CONNECTION))))
  return replies
}

async function onConnection(
  server: string,
  asks: readonly string[],
): Promise<readonly (Reply | undefined)[]> {
  const socket = connect(53, server)
  let received = Buffer.alloc(0)
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS)
    socket.once('error', () => resolve())
    socket.once('close', () => resolve())
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (framed(received).length === asks.length) resolve()
    })
    socket.write(Buffer.concat(asks.map((ask, id) => withLength(queryBytes({ ask, id, edns: {} })))))
  })
  clearTimeout(timer)
  socket.destroy()
  const byId = new Map(framed(received).map((bytes) => [bytes.readUInt16BE(0), bytes]))
  return asks.map((_, id) => {
    const bytes = byId.get(id)
    return bytes === undefined ? undefined : replyOf(bytes)
  })
}
