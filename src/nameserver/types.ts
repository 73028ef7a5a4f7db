import type { DomainName } from '../dns/names.ts'
import type { NameChange } from '../dns/records.ts'

/** `gone`: the zone is ours no longer, its names are REFUSED (what was published below it stays stored until withdrawn). */
export type ZoneState = 'loading' | 'serving' | 'expired' | 'gone'

/** The one writer of the shared zone store. */
export interface ZoneWriter {
  /** Everything in one call becomes visible name by name, in order; SOA and NS of a zone are `records` at its origin. */
  publish(changes: readonly NameChange[]): void
  /** Declares a zone of ours, or moves its state: `loading` and `expired` answer SERVFAIL. */
  setState(origin: DomainName, state: ZoneState): void
  usage(): { readonly usedBytes: number; readonly reservedBytes: number; readonly names: number }
}

/** One per DNS worker. Bytes written into `out`; 0 = no answer is to be sent. Allocates nothing on the fast path. */
export interface ZoneReader {
  answer(query: Uint8Array, length: number, client: number, out: Uint8Array): number
}

export interface DnsWorkerData {
  readonly zone: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  readonly listen: readonly { readonly host: string; readonly port: number }[]
  readonly io: 'dgram' | 'batch'
}

/** Records never cross as messages. */
export type DnsWorkerMessage =
  | { readonly kind: 'limits'; readonly limits: Readonly<Record<string, number>> }
  | { readonly kind: 'drain' | 'stop' }
