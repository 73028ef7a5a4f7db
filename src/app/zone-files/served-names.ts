import type { DomainName } from '../../dns/names.ts'
import type { NameChange, RecordSet } from '../../dns/records.ts'
import { PackedCursor, type PackedAnswer, type PackedNames } from '../../dns/zone-file/packed-names.ts'

/** Names looked at in one turn: some milliseconds where all of them are new. */
export const NAMES_AT_ONCE = 1_000

/** A turn's worth of work on a zone. */
export interface Step {
  readonly found: readonly NameChange[]
  /** NAMES_AT_ONCE were looked at. */
  readonly isFull: boolean
}

/**
 * What a zone says now, and what has to change when its file says something else. Names and answers are those that were
 * published; they and the octets of one file are all that is kept.
 */
export class ServedNames {
  readonly #origin: DomainName
  readonly #answers = new Map<DomainName, PackedAnswer>()

  constructor(origin: DomainName) {
    this.#origin = origin
  }

  /** What the origin says; its changes are among no others. */
  get apex(): readonly RecordSet[] {
    return this.#answers.get(this.#origin)?.sets ?? []
  }

  /**
   * From now on the zone says this. To be walked to its end: first what is new or other, in the order of the file, then what is
   * gone.
   */
  *replace(packed: PackedNames): Generator<Step> {
    const cursor = new PackedCursor(packed)
    for (let isFull = true; isFull;) {
      const found: NameChange[] = []
      let looked = 0
      for (; looked < NAMES_AT_ONCE && cursor.next(); looked += 1) this.#put(cursor, found)
      isFull = looked === NAMES_AT_ONCE
      yield { found, isFull }
    }
    yield* this.#dropOthers(packed)
  }

  #put(cursor: PackedCursor, changes: NameChange[]): void {
    const { name } = cursor
    const before = this.#answers.get(name)
    if (before?.saysSame(cursor) === true) {
      before.moveTo(cursor)
      return
    }
    before?.detach()
    const answer = cursor.answer()
    this.#answers.set(name, answer)
    if (name !== this.#origin) changes.push({ name, answer, urgent: false })
  }

  *#dropOthers(packed: PackedNames): Generator<Step> {
    let found: NameChange[] = []
    let looked = 0
    for (const [name, answer] of this.#answers) {
      if (!answer.isIn(packed)) {
        answer.detach()
        this.#answers.delete(name)
        if (name !== this.#origin) found.push({ name, urgent: false })
      }
      looked += 1
      if (looked % NAMES_AT_ONCE > 0) continue
      yield { found, isFull: true }
      found = []
    }
    yield { found, isFull: false }
  }
}
