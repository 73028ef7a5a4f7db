import { createSocket } from 'node:dgram'
import { Packet } from 'dns2'
import { queryFor } from '../../../support/dns-client.ts'

/** What a server said of one name and type. */
export interface Told {
  /** `NOERROR`, `NXDOMAIN` …; `TIMEOUT` when nobody answered. */
  readonly rcode: string
  /** Sorted. */
  readonly addresses: readonly string[]
  /** In order, without final dots. */
  readonly aliases: readonly string[]
}

export interface Question {
  readonly server: string
  /** Default 53. */
  readonly port?: number
  readonly name: string
  readonly type?: 'A' | 'AAAA'
  /** Default 2 s. */
  readonly timeoutMs?: number
}

const RCODES = new Map(Object.entries(Packet.RCODE).map(([name, code]) => [code as number, name]))
let lastId = 0

/** Ask once over UDP, with a socket of its own as resolvers do. Never rejects for what is answered, or for silence. */
export async function ask({
  server,
  port = 53,
  name,
  type = 'A',
  timeoutMs = 2_000,
}: Question): Promise<Told> {
  const socket = createSocket('udp4')
  lastId = (lastId + 1) % 0x10000
  const query = queryFor(name, type, lastId)
  const answer = Promise.withResolvers<Buffer | undefined>()
  const timer = setTimeout(() => answer.resolve(undefined), timeoutMs)
  socket.on('message', (bytes) => answer.resolve(bytes))
  socket.on('error', () => answer.resolve(undefined))
  try {
    socket.send(query, port, server)
    const bytes = await answer.promise
    return bytes === undefined ? { rcode: 'TIMEOUT', addresses: [], aliases: [] } : toldBy(bytes)
  } finally {
    clearTimeout(timer)
    socket.close()
  }
}

function toldBy(bytes: Buffer): Told {
  const { header, answers } = Packet.parse(bytes)
  const isAddress = (type: number): boolean => type === Packet.TYPE.A || type === Packet.TYPE.AAAA
  return {
    rcode: RCODES.get(header.rcode) ?? String(header.rcode),
    addresses: answers
      .flatMap(({ type, address }) => (isAddress(type) && address !== undefined ? [address] : []))
      .sort(),
    aliases: answers.flatMap(({ type, domain }) =>
      type === Packet.TYPE.CNAME && domain !== undefined ? [domain] : [],
    ),
  }
}

/** As text: `NOERROR 192.0.2.1 192.0.2.2`. */
export function describeTold({ rcode, addresses }: Told): string {
  return [rcode, ...addresses].join(' ')
}
