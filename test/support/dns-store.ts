import type { Transport } from '../../src/dns/answer/context.ts'
import { MAX_TCP_BYTES } from '../../src/dns/protocol.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import type { NameChange } from '../../src/dns/records.ts'
import { Client } from '../../src/nameserver/client.ts'
import type { ZoneState } from '../../src/nameserver/types.ts'
import { createZoneMemory } from '../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneReader, type ReaderSettings } from '../../src/nameserver/zone-store/zone-reader.ts'
import { SharedZoneWriter } from '../../src/nameserver/zone-store/zone-writer.ts'
import { changesOf } from './dns-lines.ts'
import { queryBytes, type QueryShape } from './dns-query.ts'
import { replyOf, type Reply } from './dns-reply.ts'

/** A zone store with writer and reader in one thread. */
export class TestStore {
  readonly memory: SharedArrayBuffer
  readonly writer: SharedZoneWriter
  readonly #readers: Readonly<Record<Transport, SharedZoneReader>>
  /** Who asks. */
  readonly client = new Client(() => 0)
  readonly #out = Buffer.alloc(MAX_TCP_BYTES)

  constructor(reservedBytes = 8 * 1024 * 1024, settings: ReaderSettings = {}) {
    this.memory = createZoneMemory({ reservedBytes, seed: Uint32Array.of(1, 2) })
    this.writer = new SharedZoneWriter(this.memory)
    const readerOf = (transport: Transport): SharedZoneReader =>
      new SharedZoneReader(this.memory, transport, settings)
    this.#readers = {
      udp: readerOf('udp'),
      tcp: readerOf('tcp'),
      tls: readerOf('tls'),
      https: readerOf('https'),
    }
  }

  /** Publish zone lines (dns-lines.ts) and serve these zones. */
  serve(origins: readonly string[], lines: readonly string[]): this {
    this.writer.publish(changesOf(lines))
    for (const origin of origins) this.state(origin, 'serving')
    return this
  }

  publish(...changes: readonly Omit<NameChange, 'urgent'>[]): void {
    this.writer.publish(changes.map((change) => ({ ...change, urgent: false })))
  }

  withdraw(...names: readonly string[]): void {
    this.publish(...names.map((name) => ({ name: parseDomainName(name) })))
  }

  state(origin: string, state: ZoneState): void {
    this.writer.setState(parseDomainName(origin), state)
  }

  /** The response's octets, a copy; undefined when there is none. */
  octets(query: Uint8Array, transport: Transport = 'udp', network = 0): Buffer | undefined {
    this.client.network = network
    const length = this.#readers[transport].answer(query, query.length, this.client, this.#out)
    return length === 0 ? undefined : Buffer.from(this.#out.subarray(0, length))
  }

  ask(shape: QueryShape | string, transport: Transport = 'udp', network = 0): Reply | undefined {
    const query = queryBytes(typeof shape === 'string' ? { ask: shape } : shape)
    const response = this.octets(query, transport, network)
    return response === undefined ? undefined : replyOf(response)
  }

  /** Queries that were not answered on the fast path. */
  get slow(): number {
    return this.#readers.udp.slow + this.#readers.tcp.slow
  }
}
