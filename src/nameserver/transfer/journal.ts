import type { Increment } from '../../dns/transfer/sequences.ts'

/** A step from one serial to a later one, and what it takes in a transfer, about. */
export interface JournalEntry extends Increment {
  readonly from: number
  readonly to: number
  readonly bytes: number
}

/** Steps that are kept at most, whatever they take: one second each. */
const MAX_ENTRIES = 3_600

/** The latest changes of a zone, without a gap. The oldest go first. */
export class Journal {
  #entries: JournalEntry[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** @param maxBytes - all that is kept may take so much */
  add(entry: JournalEntry, maxBytes: number): void {
    if (this.#entries.at(-1)?.to !== entry.from) this.clear()
    this.#entries.push(entry)
    this.#bytes += entry.bytes
    let gone = 0
    while (this.#bytes > maxBytes || this.#entries.length - gone > MAX_ENTRIES) {
      this.#bytes -= this.#entries[gone]!.bytes // all gone: 0 octets are left
      gone += 1
    }
    if (gone > 0) this.#entries = this.#entries.slice(gone)
  }

  clear(): void {
    this.#entries = []
    this.#bytes = 0
  }

  /** What leads from a serial to the latest one; undefined: that serial is not known any more, or never was. */
  since(serial: number): readonly JournalEntry[] | undefined {
    const first = this.#entries.findIndex(({ from }) => from === serial)
    return first < 0 ? undefined : this.#entries.slice(first)
  }
}
