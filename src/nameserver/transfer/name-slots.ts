import type { DomainName } from '../../dns/names.ts'
import type { Answer } from '../../dns/records.ts'
import { transferBytes } from '../../dns/transfer/canonical.ts'

/** A name and what it says. */
export type NameEntry = readonly [name: DomainName, answer: Answer]

/**
 * Names and their answers, and what they were when somebody began to read: a snapshot costs nothing, and each change after it
 * costs every snapshot that is open one entry at the most. Answers are held, not copied.
 */
export class NameSlots {
  readonly #names: (DomainName | undefined)[] = []
  readonly #answers: (Answer | undefined)[] = []
  readonly #slotOf = new Map<DomainName, number>()
  readonly #free: number[] = []
  readonly #snapshots = new Set<Snapshot>()
  #bytes = 0

  get size(): number {
    return this.#slotOf.size
  }

  /** What all of it takes in a transfer, about. */
  get bytes(): number {
    return this.#bytes
  }

  get(name: DomainName): Answer | undefined {
    const slot = this.#slotOf.get(name)
    return slot === undefined ? undefined : this.#answers[slot]
  }

  /** @param answer - undefined: the name goes */
  set(name: DomainName, answer: Answer | undefined): void {
    const held = this.#slotOf.get(name)
    if (held === undefined && answer === undefined) return
    const slot = held ?? this.#free.pop() ?? this.#names.length
    for (const snapshot of this.#snapshots) snapshot.keep(slot)
    this.#bytes += transferBytes(name, answer) - transferBytes(name, this.#answers[slot])
    this.#names[slot] = answer === undefined ? undefined : name
    this.#answers[slot] = answer
    if (answer === undefined) {
      this.#slotOf.delete(name)
      this.#free.push(slot)
    } else if (held === undefined) {
      this.#slotOf.set(name, slot)
    }
  }

  /** All names as they are now, whatever happens later. To be closed. */
  snapshot(): Snapshot {
    const snapshot = new Snapshot(
      this.#names.length,
      (slot) => entryOf(this.#names[slot], this.#answers[slot]),
      () => this.#snapshots.delete(snapshot),
    )
    this.#snapshots.add(snapshot)
    return snapshot
  }
}

function entryOf(name: DomainName | undefined, answer: Answer | undefined): NameEntry | undefined {
  return name === undefined || answer === undefined ? undefined : [name, answer]
}

/** Names as they were at one moment, read once, from the first to the last. */
export class Snapshot implements Iterable<NameEntry> {
  readonly #end: number
  readonly #read: (slot: number) => NameEntry | undefined
  readonly #closed: () => void
  /** The next slot to be read. */
  #at = 0
  /** What slots held that have not been read, and have been changed. */
  readonly #kept = new Map<number, NameEntry | undefined>()

  /**
   * @param end - slots that there are
   * @param read - what a slot holds now
   * @param closed - called when nothing is to be kept any more
   */
  constructor(end: number, read: (slot: number) => NameEntry | undefined, closed: () => void) {
    this.#end = end
    this.#read = read
    this.#closed = closed
  }

  /** A slot is about to be changed. */
  keep(slot: number): void {
    if (slot >= this.#at && slot < this.#end && !this.#kept.has(slot)) this.#kept.set(slot, this.#read(slot))
  }

  *[Symbol.iterator](): Generator<NameEntry> {
    while (this.#at < this.#end) {
      const slot = this.#at
      this.#at += 1
      const entry = this.#kept.has(slot) ? this.#kept.get(slot) : this.#read(slot)
      this.#kept.delete(slot)
      if (entry !== undefined) yield entry
    }
  }

  /** It is read no further. */
  close(): void {
    this.#at = this.#end
    this.#kept.clear()
    this.#closed()
  }
}
