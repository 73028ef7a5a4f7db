import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'

/**
 * What names say, all in one run of octets: a zone as it crosses from thread to thread, and as it is kept. An entry is the length
 * of the name as text (2 octets) and the name, the length of what it says (4) and that: for each set its type (2), TTL (4), number
 * of records (4), and each record's length (2) and rdata.
 */
export type PackedNames = Uint8Array<ArrayBuffer>

const NAME_LENGTH_BYTES = 2
const CONTENT_LENGTH_BYTES = 4
const SET_HEADER_BYTES = 10
const RDATA_LENGTH_BYTES = 2
const MIN_BYTES = 4_096

/** Pack what names say, in their order. @param expectedBytes - memory is taken as it is used, not as it is expected */
export function packNames(
  names: Iterable<readonly [name: DomainName, sets: readonly RecordSet[]]>,
  expectedBytes = MIN_BYTES,
): PackedNames {
  let packed = Buffer.from(new ArrayBuffer(expectedBytes))
  let at = 0
  for (const [name, sets] of names) {
    const length = contentBytes(sets)
    const end = at + NAME_LENGTH_BYTES + name.length + CONTENT_LENGTH_BYTES + length
    if (end > packed.length) packed = Buffer.from(packed.buffer.transfer(Math.max(end, 2 * packed.length)))
    at = packed.writeUInt16BE(name.length, at)
    at += packed.write(name, at, 'latin1')
    at = packed.writeUInt32BE(length, at)
    at = writeSets(packed, sets, at)
  }
  return new Uint8Array(packed.buffer.transfer(at))
}

function contentBytes(sets: readonly RecordSet[]): number {
  let bytes = 0
  for (const { rdata } of sets) {
    bytes += SET_HEADER_BYTES
    for (const octets of rdata) bytes += RDATA_LENGTH_BYTES + octets.length
  }
  return bytes
}

function writeSets(packed: Buffer, sets: readonly RecordSet[], start: number): number {
  let at = start
  for (const { type, ttlSeconds, rdata } of sets) {
    at = packed.writeUInt16BE(type, at)
    at = packed.writeUInt32BE(ttlSeconds, at)
    at = packed.writeUInt32BE(rdata.length, at)
    for (const octets of rdata) {
      at = packed.writeUInt16BE(octets.length, at)
      packed.set(octets, at)
      at += octets.length
    }
  }
  return at
}

/** Walks through packed names: `next()`, then `name` and where in the octets stands what it says. */
export class PackedCursor {
  readonly packed: PackedNames
  readonly #view: Buffer
  name = '.' as DomainName // until the first next()
  start = 0
  end = 0

  constructor(packed: PackedNames) {
    this.packed = packed
    this.#view = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  }

  /** @returns false behind the last name */
  next(): boolean {
    if (this.end >= this.packed.length) return false
    const nameAt = this.end + NAME_LENGTH_BYTES
    const nameEnd = nameAt + this.#view.readUInt16BE(this.end)
    this.name = this.#view.toString('latin1', nameAt, nameEnd) as DomainName // it was one when it was packed
    this.start = nameEnd + CONTENT_LENGTH_BYTES
    this.end = this.start + this.#view.readUInt32BE(nameEnd)
    return true
  }

  /** What the name says. */
  answer(): PackedAnswer {
    return new PackedAnswer(this.packed, this.start)
  }
}

/** What they are made of again. Rdata is where it is: whoever changes it changes the octets. */
export function* unpackNames(packed: PackedNames): Generator<readonly [DomainName, readonly RecordSet[]]> {
  for (const cursor = new PackedCursor(packed); cursor.next();)
    yield [cursor.name, readSets(cursor, (start, end) => packed.subarray(start, end))]
}

/** @param rdataAt - makes rdata of the octets from `start` to `end` */
function readSets(
  { packed, start, end }: Pick<PackedCursor, 'packed' | 'start' | 'end'>,
  rdataAt: (start: number, end: number) => Uint8Array,
): readonly RecordSet[] {
  const view = viewOf(packed)
  const sets: RecordSet[] = []
  for (let at = start; at < end;) {
    const type = view.getUint16(at)
    const ttlSeconds = view.getUint32(at + 2)
    const rdata = Array.from<Uint8Array>({ length: view.getUint32(at + 6) })
    at += SET_HEADER_BYTES
    for (let i = 0; i < rdata.length; i += 1) {
      const from = at + RDATA_LENGTH_BYTES
      at = from + view.getUint16(at)
      rdata[i] = rdataAt(from, at)
    }
    sets.push({ type, ttlSeconds, rdata })
  }
  return sets
}

/**
 * An answer of kind `records` that is kept as octets and made into sets when it is read: a tenth of the memory. Whoever reads it
 * gets copies. To be read, not to be spread: what it says are no properties of its own.
 */
export class PackedAnswer {
  #packed: PackedNames
  /** Of what it says; its length stands in front. */
  #at: number

  constructor(packed: PackedNames, at: number) {
    this.#packed = packed
    this.#at = at
  }

  get kind(): 'records' {
    return 'records'
  }

  get sets(): readonly RecordSet[] {
    const packed = this.#packed
    return readSets({ packed, start: this.#at, end: this.#end }, (start, end) => packed.slice(start, end))
  }

  /** Whether what stands there says the same, in the same order. */
  saysSame({ packed, start, end }: PackedCursor): boolean {
    const length = end - start
    if (this.#end - this.#at !== length) return false
    for (let i = 0; i < length; i += 1) if (this.#packed[this.#at + i] !== packed[start + i]) return false
    return true
  }

  isIn(packed: PackedNames): boolean {
    return this.#packed === packed
  }

  /** It says the same as what stands there, and is kept there from now on. */
  moveTo({ packed, start }: PackedCursor): void {
    this.#packed = packed
    this.#at = start
  }

  /** Keep a copy of what it says: whoever still holds on to it holds no others. */
  detach(): void {
    const start = this.#at - CONTENT_LENGTH_BYTES
    this.#packed = this.#packed.slice(start, this.#end)
    this.#at = CONTENT_LENGTH_BYTES
  }

  get #end(): number {
    return this.#at + viewOf(this.#packed).getUint32(this.#at - CONTENT_LENGTH_BYTES)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: PackedNames): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
