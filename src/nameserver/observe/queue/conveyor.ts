import type { Client } from '../../client.ts'
import type { CounterRow } from '../../counters.ts'
import { Chunk } from './chunk.ts'
import { EventQueue, type QueryEvent } from './event-queue.ts'
import type { Exchange, Tap } from '../observer.ts'

/** What takes octets, slower than they come. */
export interface Output {
  /** It would take a chunk now. When that turns true, `onReady` of whoever uses it is called. */
  readonly isReady: boolean
  onReady: () => void
  /** @returns whether all of it was written; never rejects. `chunk` is left alone until then */
  write(chunk: Uint8Array): Promise<boolean>
  /** Open the file anew: what was there under its name has been moved away. */
  reopen(): Promise<void>
  close(): Promise<void>
}

export interface Encoder {
  /** @returns how many frames or lines were appended */
  encode(event: QueryEvent, chunk: Chunk): number
  /** Before a chunk: look at the clock. */
  begin(): void
}

export interface ConveyorOptions {
  readonly output: Output
  readonly encoder: Encoder
  readonly limits: { readonly events: number; readonly octets: number }
  readonly counters: CounterRow
  /** One of COUNTER: events lost. */
  readonly lost: number
  /** One of COUNTER: frames or lines written. */
  readonly written?: number
  /** Calls later, never in the same turn; `isUrgent`: as soon as it can. */
  readonly schedule: (act: () => void, isUrgent: boolean) => void
}

/** From here on one does not wait for more to come. */
const URGENT_EVENTS = 1_000

/**
 * Takes events in the turn in which queries are answered, as copies, and writes them in turns of its own. What does not fit into the
 * queue is lost and counted: answering never waits.
 */
export class Conveyor implements Tap {
  readonly #options: ConveyorOptions
  readonly #queue: EventQueue
  readonly #chunk = new Chunk()
  #isScheduled = false
  #isUrgent = false
  /** The chunk under way. */
  #writing: Promise<number> | undefined

  constructor(options: ConveyorOptions) {
    this.#options = options
    this.#queue = new EventQueue(options.limits)
    options.output.onReady = () => this.#schedule()
  }

  answered(client: Client, exchange: Exchange): void {
    if (!this.#queue.push(client, exchange)) this.#options.counters.add(this.#options.lost)
    this.#schedule()
  }

  /** Write what is there now, then open the file anew. */
  async reopen(): Promise<void> {
    await this.#writeAll()
    while (this.#writing !== undefined) await this.#writing // its file must stay open
    await this.#options.output.reopen()
  }

  /** Write what is still there, as long as the output takes it, and end. */
  async close(): Promise<void> {
    await this.#writeAll()
    while (this.#writing !== undefined) await this.#writing
    await this.#options.output.close()
  }

  /** What is there now: of what comes meanwhile there may be no end. */
  async #writeAll(): Promise<void> {
    await this.#writing
    for (let left = this.#queue.size; left > 0 && this.#queue.size > 0 && this.#options.output.isReady;)
      left -= await this.#write()
  }

  #schedule(): void {
    if (this.#writing !== undefined || this.#queue.size === 0 || !this.#options.output.isReady) return
    const isUrgent = this.#queue.size >= URGENT_EVENTS
    if (this.#isScheduled && (this.#isUrgent || !isUrgent)) return
    this.#isScheduled = true
    this.#isUrgent = isUrgent
    this.#options.schedule(() => this.#flush(), isUrgent)
  }

  #flush(): void {
    this.#isScheduled = false
    if (this.#writing !== undefined || this.#queue.size === 0 || !this.#options.output.isReady) return
    void this.#write()
  }

  /** One chunk; there is never more than one under way. @returns how many events it was */
  #write(): Promise<number> {
    this.#writing ??= this.#writeChunk().finally(() => {
      this.#writing = undefined
      this.#schedule()
    })
    return this.#writing
  }

  async #writeChunk(): Promise<number> {
    const { encoder, output, counters, lost, written } = this.#options
    const chunk = this.#chunk
    chunk.length = 0
    encoder.begin()
    let events = 0
    let frames = 0
    while (!chunk.isFull) {
      const event = this.#queue.shift()
      if (event === undefined) break
      events += 1
      frames += encoder.encode(event, chunk)
    }
    if (!(await output.write(chunk.written))) counters.add(lost, events)
    else if (written !== undefined) counters.add(written, frames)
    return events
  }
}
