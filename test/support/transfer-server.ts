import { connect, type Socket } from 'node:net'
import { parseDomainName } from '../../src/dns/names.ts'
import { signRequest } from '../../src/dns/tsig/client.ts'
import type { TsigKey } from '../../src/dns/tsig/keys.ts'
import { combined } from '../../src/nameserver/control/combine.ts'
import { startNameserver, type Nameserver, type NameserverOptions } from '../../src/nameserver/server.ts'
import {
  createTransfers,
  type Transfers,
  type TransfersOptions,
} from '../../src/nameserver/transfer/transfers.ts'
import type { NameChange } from '../../src/dns/records.ts'
import type { ZoneWriter } from '../../src/nameserver/types.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { changesOf } from './dns-lines.ts'
import { withLength } from './dns-exchange.ts'
import { MessageSplitter } from '../../src/nameserver/streams/message-splitter.ts'

/** A nameserver on loopback whose zones may be transferred. */
export interface TransferServer {
  readonly port: number
  readonly nameserver: Nameserver
  readonly transfers: Transfers
  readonly writer: ZoneWriter
  /** Zone lines (dns-lines.ts). */
  publish(...lines: readonly string[]): void
  close(): Promise<void>
}

export interface TransferServerOptions {
  readonly transfers?: Partial<TransfersOptions>
  readonly keys?: readonly TsigKey[]
  readonly nameserver?: Partial<NameserverOptions>
}

/** Start on a free port, with zone lines and changes, these origins served; from loopback everything may be had unless `transfers` says else. */
export async function startTransferServer(
  origins: readonly string[],
  content: readonly (string | NameChange)[],
  { transfers: given = {}, keys = [], nameserver: options = {} }: TransferServerOptions = {},
): Promise<TransferServer> {
  const transfers = createTransfers({
    ...{ rules: [{ prefix: '127.0.0.0/8' }], notify: [], clock: systemClock },
    ...{ random: Math.random, logger: silentLogger },
    ...given,
  })
  const { handler } = transfers
  const nameserver = await startNameserver({
    listen: [{ host: '127.0.0.1', port: 0 }],
    workers: 1,
    io: 'dgram',
    reservedBytes: 64 * 1024 * 1024,
    seed: Uint32Array.of(1, 2),
    requests: { keys, ...(handler === undefined ? {} : { handler: combined({ transfer: handler }) }) },
    logger: silentLogger,
    ...options,
  })
  const writer = transfers.writer(nameserver.writer)
  writer.publish([
    ...changesOf(content.filter((one) => typeof one === 'string')),
    ...content.filter((one) => typeof one !== 'string'),
  ])
  for (const origin of origins) writer.setState(parseDomainName(origin), 'serving')
  return {
    port: nameserver.listening[0]!.port, // one address was asked for
    ...{ nameserver, transfers, writer },
    publish: (...more) => writer.publish(changesOf(more)),
    async close() {
      transfers.close()
      await nameserver.close()
    },
  }
}

/** A TCP client that reads when it is told to. */
export class StreamClient {
  readonly socket: Socket
  readonly #splitter = new MessageSplitter()
  readonly #messages: Buffer[] = []
  #isOver = false
  #wake: () => void = () => {}

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (piece) => {
      this.#splitter.push(piece)
      for (let message = this.#splitter.next(); message !== undefined; message = this.#splitter.next())
        this.#messages.push(Buffer.from(message))
      this.#splitter.settle()
      this.#wake()
    })
    this.socket.on('error', () => {}) // 'close' follows
    this.socket.on('close', () => {
      this.#isOver = true
      this.#wake()
    })
  }

  send(...messages: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages.map(withLength)))
  }

  /** The next message; undefined once the server has closed. */
  async next(): Promise<Buffer | undefined> {
    while (this.#messages.length === 0 && !this.#isOver)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#messages.shift()
  }

  /** Messages until one fits. @throws when the server closes before */
  async until(fits: (message: Buffer) => boolean): Promise<readonly Buffer[]> {
    const read: Buffer[] = []
    for (;;) {
      const message = await this.next()
      if (message === undefined) throw new Error(`closed after ${read.length} messages`)
      read.push(message)
      if (fits(message)) return read
    }
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A signed request, and how its reply is checked: octets in, the message without signature out. */
export function signedRequest(
  message: Uint8Array,
  key: TsigKey,
): { readonly request: Uint8Array; verified(reply: Uint8Array): Buffer } {
  const { request, verifier } = signRequest(message, key, Math.floor(Date.now() / 1000))
  return {
    request,
    verified(reply) {
      const checked = verifier.check(reply, Math.floor(Date.now() / 1000))
      if (checked.kind === 'bad' || !checked.proven)
        throw new Error(checked.kind === 'bad' ? checked.reason : 'unsigned')
      return Buffer.from(checked.message)
    },
  }
}
