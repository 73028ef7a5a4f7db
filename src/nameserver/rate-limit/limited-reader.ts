import type { Client } from '../client.ts'
import { LATER } from '../control/request-front.ts'
import { COUNTER, type CounterRow } from '../counters.ts'
import type { ZoneReader } from '../types.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** A reader whose responses are limited: for UDP, where a query may bear somebody else's address. */
export class LimitedReader implements ZoneReader {
  readonly #reader: ZoneReader
  readonly #limiter: RateLimiter
  readonly #counters: CounterRow

  constructor(reader: ZoneReader, limiter: RateLimiter, counters: CounterRow) {
    this.#reader = reader
    this.#limiter = limiter
    this.#counters = counters
  }

  answer(query: Uint8Array, length: number, client: Client, out: Uint8Array): number {
    const answered = this.#reader.answer(query, length, client, out)
    if (answered === LATER) return LATER // to someone we know
    const written = this.#limiter.limit(client, out, answered)
    if (this.#limiter.verdict !== 'sent')
      this.#counters.add(this.#limiter.verdict === 'dropped' ? COUNTER.rate_dropped : COUNTER.rate_truncated)
    return written
  }
}
