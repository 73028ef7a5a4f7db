import { nsecAt, nsecOfNothing } from '../../dns/dnssec/nsec.ts'
import type { Signatures, ZoneSigner } from '../../dns/dnssec/signer.ts'
import { CLASS, TYPE } from '../../dns/protocol.ts'
import type { RecordSet } from '../../dns/records.ts'
import type { WireName } from '../../dns/wire/message.ts'
import { readU16, readU32, writeU16, writeU32 } from './layout.ts'
import { NameKey } from './name-key.ts'
import { mixed, SignatureTable, type KnownSignatures } from './signature-table.ts'
import type { StoreCursor } from './store-cursor.ts'

/** Places for signatures of names that exist. */
const STORED_PLACES = 1 << 16
/** For those of names that do not: apart, as there is no end of them. */
const MADE_PLACES = 1 << 12
const RECORD_HEADER_BYTES = 12
const MAX_POINTER = 0x3fff
const NO_ROOM = -1
/** A label of one zero octet: what the next name of most NSEC records begins with. */
const FIRST_LABEL_BYTES = 2

/**
 * Appends signatures to a message in the making, by what the fast path has in hand: the generation of a block, which stands for all that
 * its name says, instead of the octets of a set. Where it does not know a signature, the signer is asked, who may know the octets. One per
 * thread and transport; allocates nothing for what it knows. Methods that append return the new end, below 0 where it cannot be done here.
 */
export class FastSignatures {
  readonly #signer: ZoneSigner
  readonly #cursor: StoreCursor
  /** Whoever asks cannot have forged the address. */
  readonly #isProven: boolean
  readonly #stored = new SignatureTable(STORED_PLACES)
  readonly #made = new SignatureTable(MADE_PLACES)
  #zones: ReadonlySet<number> = new Set()
  #version = -1
  #limit = 0
  #nowSeconds = 0
  /** Where in the message the name in hand stands. */
  #owner = 0
  /** The label of the name in hand at which its zone's origin begins. */
  #zone = 0
  /** Records that the last call has appended. */
  appended = 0

  constructor(signer: ZoneSigner, cursor: StoreCursor, isProven: boolean) {
    this.#signer = signer
    this.#cursor = cursor
    this.#isProven = isProven
  }

  /** For one message: where it must end, and Unix time. */
  begin(limit: number, nowSeconds: number): void {
    this.#limit = limit
    this.#nowSeconds = nowSeconds
  }

  /**
   * Whether the zone that the cursor has found is signed. Hashes of origins may be equal by chance: a zone that is not signed is then taken
   * for one that is, and signing fails.
   */
  covers(): boolean {
    if (this.#version !== this.#signer.version) this.#refresh()
    return this.#zones.has(this.#cursor.zoneHash)
  }

  /** The name in hand: where it stands in the message, and the label at which its zone begins. */
  name(owner: number, zone: number): void {
    this.#owner = owner
    this.#zone = zone
  }

  /** The signatures of the set of the name in hand that stands from `start` to `end`. */
  signSet(out: Uint8Array, start: number, end: number): number {
    const type = readU16(out, start + 2)
    const ttlSeconds = readU32(out, start + 6)
    this.#want(this.#stored, type, this.#cursor.generation)
    if (type === TYPE.A || type === TYPE.AAAA) this.#wantRecords(out, start, end)
    const known =
      this.#stored.find(this.#nowSeconds) ??
      keep(this.#stored, this.#ask({ type, ttlSeconds, rdata: rdataIn(out, start, end) }, 0))
    return this.#append(out, end, { known, ttlSeconds, owner: this.#owner })
  }

  /** The same for the SOA of the zone, which is signed with its own TTL and sent with the negative one. */
  signSoa(out: Uint8Array, { start, end, ttlSeconds }: WrittenSoa): number {
    this.#want(this.#stored, TYPE.SOA, this.#cursor.generation)
    const known =
      this.#stored.find(this.#nowSeconds) ??
      keep(
        this.#stored,
        this.#ask({ type: TYPE.SOA, ttlSeconds, rdata: rdataIn(out, start, end) }, this.#zone),
      )
    const owner = this.#owner + this.#cursor.key.starts[this.#zone]!
    return this.#append(out, end, { known, ttlSeconds: readU32(out, start + 6), owner })
  }

  /** The NSEC record of the name in hand, with the types that it has, and its signatures. */
  proveTypes(out: Uint8Array, end: number, { generation, ttlSeconds, types }: HeldTypes): number {
    this.#want(this.#stored, TYPE.NSEC, generation)
    this.#stored.key[2] = ttlSeconds
    const known = this.#stored.find(this.#nowSeconds) ?? keep(this.#stored, this.#askTypes(types, ttlSeconds))
    return this.#append(out, end, { known, ttlSeconds, owner: this.#owner })
  }

  /** The NSEC record of the name in hand, which does not exist, and its signatures (RFC 9824, 3.1). */
  proveNothing(out: Uint8Array, end: number, ttlSeconds: number): number {
    this.#want(this.#made, TYPE.NXNAME, this.#cursor.key.hashAt(0))
    this.#made.key[2] = ttlSeconds
    const found = this.#made.find(this.#nowSeconds)
    const known =
      found !== undefined && this.#isOfName(found.nsec)
        ? found
        : keep(this.#made, this.#askNothing(ttlSeconds))
    return this.#append(out, end, { known, ttlSeconds, owner: this.#owner })
  }

  #want(table: SignatureTable, type: number, of: number): void {
    table.key[0] = of
    table.key[1] = this.#cursor.zoneHash ^ Math.imul(type, 0x9e3779b1)
    table.key[2] = 0
    table.key[3] = 0
  }

  /** Of a selection of addresses each query may get others, in any order: two sums, which do not depend on it. */
  #wantRecords(out: Uint8Array, start: number, end: number): void {
    let first = 0
    let second = 0
    for (let at = start; at < end;) {
      const length = readU16(out, at + 10)
      at += RECORD_HEADER_BYTES
      let hash = length
      for (let word = 0; word + 4 <= length; word += 4) hash = mixed(hash ^ readU32(out, at + word))
      first = (first + hash) | 0
      second = (second + Math.imul(mixed(hash ^ 0x5bd1e995), 0x2545f491)) | 0
      at += length
    }
    this.#stored.key[2] = first
    this.#stored.key[3] = second
  }

  /** Hashes may be equal by chance; the next name of an NSEC record holds the name whole. */
  #isOfName(nsec: Uint8Array | undefined): boolean {
    const { bytes, length } = this.#cursor.key
    if (nsec === undefined || nsec.length < FIRST_LABEL_BYTES + length) return false
    for (let i = 0; i < length; i += 1) if (nsec[FIRST_LABEL_BYTES + i] !== bytes[i]) return false
    return true
  }

  #ask(set: RecordSet, label: number, isMade = false): Signatures | undefined {
    return this.#signer.sign({
      zone: this.#nameFrom(this.#zone),
      owner: this.#nameFrom(label),
      set,
      isMade: () => isMade,
      isProven: this.#isProven,
      nowSeconds: this.#nowSeconds,
    })
  }

  #askTypes(types: readonly number[], ttlSeconds: number): KnownSignatures | undefined {
    const own = this.#zone === 0 ? types.filter((type) => type !== TYPE.DS) : types // is the parent's to say (RFC 4035, 2.4)
    const set = nsecAt(this.#nameFrom(0), own, { origin: this.#nameFrom(this.#zone), ttlSeconds })
    return withNsec(set, this.#ask(set, 0))
  }

  #askNothing(ttlSeconds: number): KnownSignatures | undefined {
    const set = nsecOfNothing(this.#nameFrom(0), { origin: this.#nameFrom(this.#zone), ttlSeconds })
    return withNsec(set, this.#ask(set, 0, true))
  }

  /** The name in hand from a label on: a copy. */
  #nameFrom(label: number): WireName {
    const { bytes, starts, length } = this.#cursor.key
    return bytes.slice(starts[label], length)
  }

  /** NSEC, where there is one, then the signatures. */
  #append(out: Uint8Array, end: number, { known, ttlSeconds, owner }: Appended): number {
    if (known === undefined || owner > MAX_POINTER) return NO_ROOM
    const { nsec, rdata } = known
    let at = nsec === undefined ? end : this.#record(out, end, nsec)
    for (let i = 0; i < rdata.length && at >= 0; i += 1) at = this.#record(out, at, rdata[i]!) // i < length
    if (at < 0) return NO_ROOM
    this.appended = rdata.length
    for (let record = end; record < at; record += RECORD_HEADER_BYTES + readU16(out, record + 10)) {
      writeU16(out, record, 0xc000 | owner)
      writeU16(out, record + 2, TYPE.RRSIG)
      writeU16(out, record + 4, CLASS.IN)
      writeU32(out, record + 6, ttlSeconds)
    }
    if (nsec === undefined) return at
    this.appended += 1
    writeU16(out, end + 2, TYPE.NSEC)
    return at
  }

  /** Length and rdata of a record that begins at `at`. @returns where it ends; NO_ROOM */
  #record(out: Uint8Array, at: number, rdata: Uint8Array): number {
    const end = at + RECORD_HEADER_BYTES + rdata.length
    if (end > this.#limit) return NO_ROOM
    writeU16(out, at + 10, rdata.length)
    out.set(rdata, at + RECORD_HEADER_BYTES)
    return end
  }

  /** Other zones or keys: nothing that is known holds. */
  #refresh(): void {
    const key = new NameKey(...this.#cursor.seed)
    this.#version = this.#signer.version
    this.#stored.clear()
    this.#made.clear()
    this.#zones = new Set(
      this.#signer.origins.map((origin) => {
        key.read(origin, 0, origin.length)
        return key.hashAt(0)
      }),
    )
  }
}

/** A SOA record in a message. */
export interface WrittenSoa {
  readonly start: number
  readonly end: number
  /** As the zone has it. */
  readonly ttlSeconds: number
}

/** What a name has. */
export interface HeldTypes {
  /** Of the name's block. */
  readonly generation: number
  /** The negative TTL of the zone. */
  readonly ttlSeconds: number
  readonly types: readonly number[]
}

interface Appended {
  readonly known: KnownSignatures | undefined
  readonly ttlSeconds: number
  /** Where in the message the owner stands. */
  readonly owner: number
}

function keep(table: SignatureTable, known: KnownSignatures | undefined): KnownSignatures | undefined {
  if (known !== undefined) table.keep(known)
  return known
}

function withNsec(set: RecordSet, signatures: Signatures | undefined): KnownSignatures | undefined {
  return signatures === undefined ? undefined : { ...signatures, nsec: set.rdata[0]! } // an NSEC set is one record
}

function rdataIn(out: Uint8Array, start: number, end: number): readonly Uint8Array[] {
  const rdata: Uint8Array[] = []
  for (let at = start; at < end;) {
    const length = readU16(out, at + 10)
    rdata.push(out.slice(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length))
    at += RECORD_HEADER_BYTES + length
  }
  return rdata
}
