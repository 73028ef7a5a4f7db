import { createServer, type Server, type Socket } from 'node:net'

/** A frame of dnstap as its receiver reads it, fields under their names in dnstap.proto. */
export interface DnstapFrame {
  readonly identity?: string
  readonly version?: string
  readonly type: number
  readonly message: Readonly<Record<string, number | string | Buffer>>
}

const DNSTAP_FIELDS: Readonly<Record<number, string>> = {
  1: 'identity',
  2: 'version',
  14: 'message',
  15: 'type',
}
const MESSAGE_FIELDS: Readonly<Record<number, string>> = {
  ...{ 1: 'type', 2: 'socket_family', 3: 'socket_protocol', 4: 'query_address', 5: 'response_address' },
  ...{ 6: 'query_port', 7: 'response_port', 8: 'query_time_sec', 9: 'query_time_nsec', 10: 'query_message' },
  ...{ 11: 'query_zone', 12: 'response_time_sec', 13: 'response_time_nsec', 14: 'response_message' },
}

/** Fields of a message of Protocol Buffers; one of a number that is not known, or twice, is an error. */
function readFields(
  octets: Buffer,
  names: Readonly<Record<number, string>>,
): Record<string, number | Buffer> {
  const fields: Record<string, number | Buffer> = {}
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const octet = octets.readUInt8(at)
      at += 1
      value += (octet & 0x7f) * factor
      if (octet < 0x80) return value
    }
  }
  while (at < octets.length) {
    const tag = varint()
    const name = names[tag >> 3]
    if (name === undefined || name in fields) throw new Error(`field ${tag >> 3} is unknown or there twice`)
    if ((tag & 7) === 0) {
      fields[name] = varint()
    } else if ((tag & 7) === 5) {
      fields[name] = octets.readUInt32LE(at)
      at += 4
    } else if ((tag & 7) === 2) {
      const length = varint()
      if (at + length > octets.length) throw new Error(`field ${name} is longer than its message`)
      fields[name] = octets.subarray(at, at + length)
      at += length
    } else {
      throw new Error(`wire type ${tag & 7}`)
    }
  }
  return fields
}

export function readDnstap(octets: Buffer): DnstapFrame {
  const { identity, version, type, message } = readFields(octets, DNSTAP_FIELDS)
  if (!(message instanceof Buffer) || typeof type !== 'number') throw new Error('no message')
  return {
    ...(identity === undefined ? {} : { identity: String(identity) }),
    ...(version === undefined ? {} : { version: String(version) }),
    type,
    message: readFields(message, MESSAGE_FIELDS),
  }
}

/** What stands in a stream, in order: control frames by name with their content type, data frames. */
export type StreamItem = string | DnstapFrame

const CONTROL_NAMES = ['', 'ACCEPT', 'START', 'STOP', 'READY', 'FINISH']

/** Reads Frame Streams; what is left at the end is the beginning of a frame. */
export function readStream(octets: Buffer): { readonly items: readonly StreamItem[]; readonly rest: Buffer } {
  const items: StreamItem[] = []
  let at = 0
  while (at + 4 <= octets.length) {
    const isControl = octets.readUInt32BE(at) === 0
    const start = at + (isControl ? 8 : 4)
    if (start > octets.length) break
    const end = start + octets.readUInt32BE(start - 4)
    if (end > octets.length) break
    const frame = octets.subarray(start, end)
    items.push(isControl ? controlText(frame) : readDnstap(frame))
    at = end
  }
  return { items, rest: octets.subarray(at) }
}

function controlText(frame: Buffer): string {
  const name = CONTROL_NAMES[frame.readUInt32BE(0)] ?? '?'
  if (frame.length === 4) return name
  if (frame.readUInt32BE(4) !== 1 || frame.readUInt32BE(8) !== frame.length - 12)
    throw new Error('field of a control frame')
  return `${name} ${frame.toString('latin1', 12)}`
}

/** A control frame with any content type. */
export function controlOctets(type: number, contentType?: string): Buffer {
  const content = Buffer.from(contentType ?? '', 'latin1')
  const field = contentType === undefined ? [] : [words(1, content.length), content]
  const payload = Buffer.concat([words(type), ...field])
  return Buffer.concat([words(0, payload.length), payload])
}

function words(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => octets.writeUInt32BE(value, 4 * i))
  return octets
}

/** A receiver of dnstap: what it has seen, connection by connection. */
export interface DnstapReceiver {
  /** Of each connection so far, in order. */
  readonly streams: readonly StreamItem[][]
  /** Cut the connections, and go on listening. */
  cut(): void
  /** Resolves when what it sees next makes `done` true. */
  until(done: () => boolean): Promise<void>
  close(): Promise<void>
}

export interface ReceiverOptions {
  /** Answer to READY; the one of dnstap unless given; empty: none. */
  readonly accept?: Buffer
  /** Answer to STOP. */
  readonly finish?: boolean
}

/** Listen at a path, or at a free port when there is none. */
export async function startReceiver(
  path: string | undefined,
  { accept = controlOctets(1, 'protobuf:dnstap.Dnstap'), finish = true }: ReceiverOptions = {},
): Promise<DnstapReceiver & { readonly port: number }> {
  const streams: StreamItem[][] = []
  const sockets = new Set<Socket>()
  let waiting: (() => void)[] = []
  const server = createServer((socket) => {
    const stream: StreamItem[] = []
    let rest: Buffer = Buffer.alloc(0)
    streams.push(stream)
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (piece) => {
      const read = readStream(Buffer.concat([rest, piece]))
      rest = read.rest
      for (const item of read.items) {
        stream.push(item)
        if (typeof item === 'string' && item.startsWith('READY') && accept.length > 0) socket.write(accept)
        if (item === 'STOP' && finish) socket.write(controlOctets(5))
      }
      for (const look of waiting) look()
    })
    socket.on('close', () => sockets.delete(socket))
  })
  await listen(server, path)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    streams,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    until: (done) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!done()) return
          waiting = waiting.filter((other) => other !== look)
          resolve()
        }
        waiting.push(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function listen(server: Server, path: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
}
