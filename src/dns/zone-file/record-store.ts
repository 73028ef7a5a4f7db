import type { DomainName } from '../names.ts'
import type { ZoneRecord } from './zone-data.ts'

/** A record that is kept: all that a ZoneRecord has but its name. `rdata` is a view, to be copied by whoever holds on to it. */
export type StoredRecord = Omit<ZoneRecord, 'name'>

/** Where things are in an entry: the next one of the same name, type, length of rdata, TTL, line, rdata. */
const NEXT = 0
const TYPE = 4
const LENGTH = 6
const TTL = 8
const LINE = 12
const HEADER_BYTES = 16
const MIN_BYTES = 4_096

/**
 * The records of a zone by name, in octets: reading a file needs little more memory than the file itself has. Names, and the
 * records of each, are in the order in which they came.
 */
export class RecordStore {
  /** The entry that came last of each name; it leads to the first one. */
  readonly #last = new Map<DomainName, number>()
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #end = 0

  /** @param expectedBytes - memory is taken as it is used, not as it is expected */
  constructor(expectedBytes = 0) {
    this.#bytes = new Uint8Array(Math.max(MIN_BYTES, expectedBytes))
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** All rdata, and 16 octets for each record. */
  get bytes(): number {
    return this.#end
  }

  names(): IterableIterator<DomainName> {
    return this.#last.keys()
  }

  add({ name, type, ttlSeconds, rdata, line }: ZoneRecord): void {
    this.#makeRoom(HEADER_BYTES + rdata.length)
    const at = this.#end
    const view = this.#view
    const before = this.#last.get(name)
    if (before === undefined) view.setUint32(at + NEXT, at)
    else {
      view.setUint32(at + NEXT, view.getUint32(before + NEXT))
      view.setUint32(before + NEXT, at)
    }
    this.#last.set(name, at)
    view.setUint16(at + TYPE, type)
    view.setUint16(at + LENGTH, rdata.length)
    view.setUint32(at + TTL, ttlSeconds)
    view.setUint32(at + LINE, line)
    this.#bytes.set(rdata, at + HEADER_BYTES)
    this.#end = at + HEADER_BYTES + rdata.length
  }

  /** @returns none where there is no such name */
  recordsOf(name: DomainName): readonly StoredRecord[] {
    const records: StoredRecord[] = []
    for (let at = this.#first(name); at !== undefined; at = this.#after(name, at)) {
      const start = at + HEADER_BYTES
      records.push({
        type: this.#view.getUint16(at + TYPE),
        ttlSeconds: this.#view.getUint32(at + TTL),
        rdata: this.#bytes.subarray(start, start + this.#view.getUint16(at + LENGTH)),
        line: this.#view.getUint32(at + LINE),
      })
    }
    return records
  }

  has(name: DomainName, type: number): boolean {
    return this.lineOf(name, type) !== undefined
  }

  /** The line of the name's first record, or the first of a type; undefined: it has none. */
  lineOf(name: DomainName, type?: number): number | undefined {
    for (let at = this.#first(name); at !== undefined; at = this.#after(name, at))
      if (type === undefined || this.#view.getUint16(at + TYPE) === type)
        return this.#view.getUint32(at + LINE)
    return undefined
  }

  #first(name: DomainName): number | undefined {
    const last = this.#last.get(name)
    return last === undefined ? undefined : this.#view.getUint32(last + NEXT)
  }

  #after(name: DomainName, at: number): number | undefined {
    return at === this.#last.get(name) ? undefined : this.#view.getUint32(at + NEXT)
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#end + bytes, this.#bytes.length * 2))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
