import { createSocket, type Socket } from 'node:dgram'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { FuzzFault } from '../target.ts'

/** Sent without waiting; more would be lost in the kernel, which proves nothing. */
const BURST = 64
const MAX_BYTES = 1232

/** What a server was sent, and did. */
export interface Exchange {
  readonly sent: number
  readonly answered: number
  /** Sent, but nothing that may be answered. */
  readonly silent: number
}

/**
 * So many packets over UDP, from each of these addresses in turn; the server must answer whatever can be answered.
 * @throws FuzzFault for an answer to nothing, to a response or to a stranger, or one that is too long
 */
export async function overUdp(
  { port, from = ['127.0.0.1'] }: { readonly port: number; readonly from?: readonly string[] },
  random: Random,
  count: number,
): Promise<Exchange> {
  const clients = await Promise.all(from.map((address) => Client.open(address, port)))
  try {
    for (let sent = 0; sent < count;) {
      const client = random.pick(clients)
      const burst = Math.min(BURST, count - sent)
      for (let i = 0; i < burst; i += 1) client.send(packet(random))
      await client.quiet()
      sent += burst
    }
    const sum = (of: 'sent' | 'answered' | 'silent'): number =>
      clients.reduce((total, client) => total + client[of], 0)
    return { sent: sum('sent'), answered: sum('answered'), silent: sum('silent') }
  } finally {
    for (const client of clients) client.close()
  }
}

class Client {
  readonly #socket: Socket
  readonly #port: number
  readonly #pending = new Map<number, Buffer>()
  #fault: FuzzFault | undefined
  #wake = (): void => {}
  sent = 0
  answered = 0
  silent = 0

  static async open(address: string, port: number): Promise<Client> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, address, resolve))
    return new Client(socket, port)
  }

  private constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.#port = port
    socket.on('message', (response) => this.#receive(response))
  }

  send(octets: Buffer): void {
    const id = this.sent & 0xffff
    if (octets.length >= 2) octets.writeUInt16BE(id, 0)
    const mayAnswer = octets.length >= 12 && (octets[2]! & 0x80) === 0
    if (mayAnswer) this.#pending.set(id, octets)
    else this.silent += 1
    this.sent += 1
    this.#socket.send(octets, this.#port, '127.0.0.1')
  }

  /** Until all that can be answered is. */
  async quiet(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#fault !== undefined) throw this.#fault
  }

  close(): void {
    this.#socket.close()
  }

  #receive(response: Buffer): void {
    const id = response.length < 2 ? -1 : response.readUInt16BE(0)
    const query = this.#pending.get(id)
    if (query === undefined) this.#fault ??= new FuzzFault('answer to nothing', response)
    else if (response.length > MAX_BYTES)
      this.#fault ??= new FuzzFault(`${response.length} octets for`, query)
    else if ((response[2]! & 0x80) === 0) this.#fault ??= new FuzzFault('no response for', query)
    this.#pending.delete(id)
    this.answered += 1
    if (this.#pending.size === 0) this.#wake()
  }
}
