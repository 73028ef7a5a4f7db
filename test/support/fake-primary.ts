import { createServer, type Socket } from 'node:net'
import { typeName } from '../../src/dns/rdata/type-names.ts'
import type { TsigKeys } from '../../src/dns/tsig/keys.ts'
import { checkRequest } from '../../src/dns/tsig/requests.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import type { Message } from '../../src/dns/wire/message.ts'
import { nameOfWire } from '../../src/dns/names.ts'
import { MessageSplitter } from '../../src/nameserver/streams/message-splitter.ts'
import { responseOctets, type ResponseShape } from './received-transfers.ts'

/** One thing that the primary does: says a message, signed where the query was; sends octets as they are; breaks off. */
export type Act =
  | ResponseShape
  | { readonly raw: Uint8Array }
  | 'close'
  | 'reset'
  | { readonly unsigned: ResponseShape }

export interface FakePrimary {
  readonly port: number
  /** What was asked, `type serial`, connection by connection. */
  readonly asked: readonly (readonly string[])[]
  close(): Promise<void>
}

/**
 * A primary that does what it is told.
 * @param script - what to do about a query; ids are filled in
 */
export async function startFakePrimary(
  script: (type: string, query: Message) => readonly Act[],
  keys: TsigKeys = new Map(),
  nowSeconds: () => number = () => 0,
): Promise<FakePrimary> {
  const asked: string[][] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const here: string[] = []
    asked.push(here)
    const splitter = new MessageSplitter()
    socket.on('data', (piece: Buffer) => {
      splitter.push(piece)
      for (let octets = splitter.next(); octets !== undefined; octets = splitter.next())
        answer(socket, Uint8Array.from(octets), here)
    })
  })
  const answer = (socket: Socket, octets: Uint8Array, here: string[]): void => {
    const checked = checkRequest(octets, keys, nowSeconds())
    if (checked.kind === 'refused') return send(socket, checked.response)
    const decoded = decodeMessage(checked.kind === 'signed' ? checked.message : octets)
    if (decoded.kind === 'malformed') throw new Error(decoded.error.reason)
    const { message } = decoded
    const type = typeName(message.questions[0]?.type ?? 0)
    here.push(type)
    for (const act of script(type, message)) {
      if (act === 'close') socket.end()
      else if (act === 'reset') socket.resetAndDestroy()
      else if ('raw' in act) socket.write(act.raw)
      else {
        const shape = 'unsigned' in act ? act.unsigned : act
        const reply = responseOctets({ ...shape, header: { id: message.header.id, ...shape.header } })
        const isSigned = checked.kind === 'signed' && !('unsigned' in act)
        send(socket, isSigned ? checked.signer.sign(reply, nowSeconds()) : reply)
      }
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(socket: Socket, message: Uint8Array): void {
  socket.write(Uint8Array.from([message.length >> 8, message.length & 255, ...message]))
}

/** The origin that a query is about. */
export function originOf({ questions }: Message): string {
  return questions[0] === undefined ? '' : nameOfWire(questions[0].name)
}
