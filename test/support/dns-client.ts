import { createSocket, type Socket } from 'node:dgram'
import { connect } from 'node:net'
import { Packet } from 'dns2'

const LIMIT_MS = 5_000
const RCODES = new Map(Object.entries(Packet.RCODE).map(([name, code]) => [code as number, name]))
const TYPES: Readonly<Record<string, number>> = Packet.TYPE
const FLAGS = ['qr', 'aa', 'tc', 'rd', 'ra'] as const

/** One answer, read by a decoder that is not ours. */
export interface DnsReply {
  readonly rcode: string
  /** As dig prints them: `qr aa rd`. */
  readonly flags: string
  /** `<name> <type>`, as the server gave it back. */
  readonly question: string
  /** `<name> <ttl> <type> <data>`, addresses of one name sorted; a SOA without its serial. */
  readonly answers: readonly string[]
  readonly authority: readonly string[]
  /** Without the OPT record. */
  readonly additional: readonly string[]
  /** Of the SOA in the answer or authority section. */
  readonly serial: number | undefined
  readonly sizeBytes: number
}

export interface DnsClient {
  /** @throws when nothing is answered in 5 s, or what is answered is no DNS message */
  resolve(name: string, type?: string, over?: 'udp' | 'tcp'): Promise<DnsReply>
  /** As `dig +short`: aliases as `-> <name>`, then data; `NODATA`, or the response code where it is not NOERROR. */
  short(name: string, type?: string): Promise<readonly string[]>
  /** Send octets over UDP, whatever they are; answers to them are dropped. */
  throwAway(bytes: Uint8Array): Promise<void>
  close(): void
}

/** A client of one DNS server, over one UDP socket and a connection for each query over TCP. */
export async function openDnsClient(server: {
  readonly host: string
  readonly port: number
}): Promise<DnsClient> {
  const family = server.host.includes(':') ? 'udp6' : 'udp4'
  const udp = await boundSocket(family)
  const nonsense = await boundSocket(family) // what is answered to it may bear the id of a question
  const waiting = new Map<number, (bytes: Buffer) => void>()
  udp.on('message', (bytes) => {
    if (bytes.length >= 2) waiting.get(bytes.readUInt16BE(0))?.(bytes)
  })
  let lastId = 0

  const overUdp = async (query: Buffer): Promise<Buffer> => {
    const id = query.readUInt16BE(0)
    const answer = Promise.withResolvers<Buffer>()
    waiting.set(id, answer.resolve)
    try {
      udp.send(query, server.port, server.host)
      return await inTime(answer.promise)
    } finally {
      waiting.delete(id)
    }
  }
  const resolve: DnsClient['resolve'] = async (name, type = 'A', over = 'udp') => {
    lastId = (lastId + 1) % 0x10000
    const query = queryFor(name, type, lastId)
    const bytes = over === 'udp' ? await overUdp(query) : await inTime(overTcp(server, query))
    return readReply(bytes)
  }

  return {
    resolve,
    async short(name, type) {
      const { rcode, answers } = await resolve(name, type)
      if (rcode !== 'NOERROR') return [rcode]
      return answers.length === 0 ? ['NODATA'] : answers.map(shortened)
    },
    throwAway: (bytes) =>
      new Promise((done, failed) => {
        nonsense.send(bytes, server.port, server.host, (error) => (error === null ? done() : failed(error)))
      }),
    close: () => {
      udp.close()
      nonsense.close()
    },
  }
}

/** One SOA, NS, CNAME, A or AAAA question with recursion asked for, as stub resolvers send it. */
export function queryFor(name: string, type: string, id: number): Buffer {
  const packet = new Packet()
  packet.header = new Packet.Header({ id, rd: 1 })
  packet.questions.push(new Packet.Question({ name, type: TYPES[type] ?? 0, class: Packet.CLASS.IN }))
  return packet.toBuffer()
}

function boundSocket(family: 'udp4' | 'udp6'): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = createSocket(family)
  socket.once('error', reject)
  socket.bind(0, family === 'udp4' ? '127.0.0.1' : '::1', () => resolve(socket))
  return promise
}

async function overTcp(
  server: { readonly host: string; readonly port: number },
  query: Buffer,
): Promise<Buffer> {
  const socket = connect(server.port, server.host)
  const framed = Buffer.alloc(query.length + 2)
  framed.writeUInt16BE(query.length)
  query.copy(framed, 2)
  socket.write(framed)
  let received = Buffer.alloc(0)
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) continue
      return received.subarray(2, 2 + received.readUInt16BE(0))
    }
  } finally {
    socket.destroy()
  }
  throw new Error('the connection was closed without an answer')
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(new Error('the DNS server did not answer')), LIMIT_MS)
  try {
    return await Promise.race([answer, over.promise])
  } finally {
    clearTimeout(timer)
  }
}

type Resource = ReturnType<typeof Packet.parse>['answers'][number]

function readReply(bytes: Buffer): DnsReply {
  const packet = Packet.parse(bytes)
  if (packet.errors[0] !== undefined) throw packet.errors[0]
  const { header, questions, answers, authorities, additionals } = packet
  const soa = [...answers, ...authorities].find(({ type }) => type === Packet.TYPE.SOA)
  return {
    rcode: RCODES.get(header.rcode) ?? String(header.rcode),
    flags: FLAGS.filter((flag) => header[flag] === 1).join(' '),
    question: questions.map(({ name, type }) => `${name} ${Packet.typeName(type ?? 0)}`).join(),
    answers: inOrder(answers.map(lineOf)),
    authority: inOrder(authorities.map(lineOf)),
    additional: inOrder(additionals.filter(({ type }) => type !== Packet.TYPE.EDNS).map(lineOf)),
    serial: soa?.serial,
    sizeBytes: bytes.length,
  }
}

function lineOf(record: Resource): string {
  const type = Packet.typeName(record.type ?? 0)
  return `${record.name} ${record.ttl} ${type} ${dataOf(type, record)}`
}

function dataOf(type: string, record: Resource): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return String(record.address)
    case 'CNAME':
      return String(record.domain)
    case 'NS':
      return String(record.ns)
    case 'SOA': {
      const { primary, admin, refresh, retry, expiration, minimum } = record
      return [primary, admin, refresh, retry, expiration, minimum].join(' ')
    }
    default:
      throw new Error(`a record of type ${type} was not expected`)
  }
}

/** Records of one set in one order, sets where they stood: the order within a set says nothing (RFC 2181, 5). */
function inOrder(lines: readonly string[]): readonly string[] {
  const setOf = (line: string): string => line.split(' ').slice(0, 3).join(' ')
  const sets = [...new Set(lines.map(setOf))]
  return sets.flatMap((set) => lines.filter((line) => setOf(line) === set).sort())
}

function shortened(line: string): string {
  const [, , type, ...data] = line.split(' ')
  return type === 'CNAME' ? `-> ${data.join(' ')}` : data.join(' ')
}
