import type { DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import { serialOf } from '../../dns/rdata/soa.ts'
import type { Answer, RecordSet } from '../../dns/records.ts'
import { isLaterSerial } from '../../dns/serial.ts'
import { sameRecords, transferBytes } from '../../dns/transfer/canonical.ts'
import type { ChangedName } from '../../dns/transfer/sequences.ts'
import type { ZoneState } from '../types.ts'
import { Journal, type JournalEntry } from './journal.ts'
import { NameSlots, type Snapshot } from './name-slots.ts'

/** A version that other servers may have. */
export interface ZoneVersion {
  readonly serial: number
  readonly soa: RecordSet
}

/** Small zones may have a journal of so many octets; larger ones one that is as large as they are: more would never be sent. */
const MIN_JOURNAL_BYTES = 65_536
/** A changed name counts for so many octets even when it says nothing any more. */
const CHANGE_BYTES = 64

type Pending = { -readonly [K in keyof ChangedName]: ChangedName[K] }

/**
 * A zone as other servers get it: every record, and the steps from earlier versions. Changes gather until somebody looks: then
 * they become one step, from the version that was looked at last.
 */
export class HeldZone {
  readonly origin: DomainName
  state: ZoneState = 'loading'
  readonly #slots = new NameSlots()
  readonly #journal = new Journal()
  /** Since the last version. */
  #pending = new Map<DomainName, Pending>()
  #pendingBytes = 0
  /** They were too many to be worth a step. */
  #isOverrun = false
  #version: ZoneVersion | undefined
  /** Content changed while the serial stood: others may have either under this serial. */
  #isAmbiguous = false

  constructor(origin: DomainName) {
    this.origin = origin
  }

  /** Octets of the whole zone in a transfer, about. */
  get bytes(): number {
    return this.#slots.bytes
  }

  /** Names that say something. */
  get size(): number {
    return this.#slots.size
  }

  get(name: DomainName): Answer | undefined {
    return this.#slots.get(name)
  }

  /** @returns false when the name says the same to other servers as before */
  put(name: DomainName, answer: Answer | undefined): boolean {
    const before = this.#slots.get(name)
    this.#slots.set(name, answer)
    if (sameRecords(before, answer)) return false
    if (this.#version === undefined || this.#isOverrun) return true
    const pending = this.#pending.get(name)
    if (pending === undefined) {
      this.#pending.set(name, { name, before, after: answer })
      this.#pendingBytes += CHANGE_BYTES + transferBytes(name, before) + transferBytes(name, answer)
    } else {
      this.#pendingBytes += transferBytes(name, answer) - transferBytes(name, pending.after)
      pending.after = answer
    }
    if (this.#pendingBytes > this.#maxJournalBytes) this.#overrun()
    return true
  }

  /** Whether it is signed as it is answered, so that its signatures are in no transfer. */
  get isSignedHere(): boolean {
    const types = setsOf(this.#slots.get(this.origin)).map(({ type }) => type)
    return types.includes(TYPE.DNSKEY) && !types.includes(TYPE.RRSIG)
  }

  /** The version that is there now, and from now on is one to go from; undefined: there is no SOA, hence no zone. */
  commit(): ZoneVersion | undefined {
    const last = this.#version
    if (last !== undefined && this.#pending.size === 0 && !this.#isOverrun) return last
    const soa = setsOf(this.#slots.get(this.origin)).find(({ type }) => type === TYPE.SOA)
    const serial = serialOf(soa)
    this.#version = soa === undefined || serial === undefined ? undefined : { serial, soa }
    this.#step(last, this.#version)
    this.#pending = new Map()
    this.#pendingBytes = 0
    this.#isOverrun = false
    return this.#version
  }

  /** The steps from a serial to the version committed last; undefined: there are none. */
  since(serial: number): readonly JournalEntry[] | undefined {
    return this.#journal.since(serial)
  }

  /** Everything as it is now; to be closed. */
  snapshot(): Snapshot {
    return this.#slots.snapshot()
  }

  get #maxJournalBytes(): number {
    return Math.max(MIN_JOURNAL_BYTES, this.#slots.bytes)
  }

  #overrun(): void {
    this.#isOverrun = true
    this.#pending = new Map()
    this.#pendingBytes = 0
  }

  #step(from: ZoneVersion | undefined, to: ZoneVersion | undefined): void {
    if (from === undefined || to === undefined) {
      this.#isAmbiguous = false
      this.#journal.clear()
    } else if (from.serial === to.serial) {
      const isOther = this.#isOverrun || [...this.#pending.values()].some(isRealChange)
      if (!isOther) return
      this.#isAmbiguous = true
      this.#journal.clear()
    } else {
      const isStep = isLaterSerial(to.serial, from.serial) && !this.#isAmbiguous && !this.#isOverrun
      this.#isAmbiguous = false
      if (isStep) this.#journal.add(this.#entry(from, to), this.#maxJournalBytes)
      else this.#journal.clear()
    }
  }

  #entry(from: ZoneVersion, to: ZoneVersion): JournalEntry {
    return {
      ...{ from: from.serial, to: to.serial, oldSoa: from.soa, newSoa: to.soa },
      changes: [...this.#pending.values()],
      bytes: this.#pendingBytes,
    }
  }
}

/** A name may have gone there and back. */
function isRealChange({ before, after }: ChangedName): boolean {
  return !sameRecords(before, after)
}

function setsOf(answer: Answer | undefined): readonly RecordSet[] {
  return answer?.kind === 'records' ? answer.sets : []
}
