import { nsecAt } from '../../dns/dnssec/nsec.ts'
import type { Signatures, ZoneSigner } from '../../dns/dnssec/signer.ts'
import { CLASS, TYPE } from '../../dns/protocol.ts'
import type { RecordSet } from '../../dns/records.ts'
import type { WireName } from '../../dns/wire/message.ts'
import { readU16, readU32, writeU16, writeU32 } from './layout.ts'
import { NameKey } from './name-key.ts'
import type { StoreCursor } from './store-cursor.ts'

/** Of the table; each set has one place, and takes it from whoever is there. */
const PLACES = 1 << 16
const RECORD_HEADER_BYTES = 12
const MAX_POINTER = 0x3fff
const NO_ROOM = -1

/** Signatures of a set; of an NSEC set with its rdata, which is nowhere in the store. */
interface Known extends Signatures {
  readonly nsec?: Uint8Array
}

/**
 * Appends signatures to a message in the making, by what the fast path has in hand: the generation of a block, which stands for all that
 * its name says, instead of the octets of a set. Where it does not know a signature, the signer is asked, who may know the octets. One per
 * thread; allocates nothing for what it knows.
 */
export class FastSignatures {
  readonly #signer: ZoneSigner
  readonly #cursor: StoreCursor
  #zones: ReadonlySet<number> = new Set()
  #version = -1
  /** By place, four words each: generation, type and zone in one, and what else tells sets of a block apart. */
  readonly #keys = new Int32Array(PLACES * 4)
  readonly #known: (Known | undefined)[] = []
  readonly #wanted = new Int32Array(4)
  #place = 0
  #limit = 0
  #nowSeconds = 0
  /** Where in the message the name in hand stands. */
  #owner = 0
  /** The label of the name in hand at which its zone's origin begins. */
  #zone = 0
  /** Records that the last call has appended. */
  appended = 0

  constructor(signer: ZoneSigner, cursor: StoreCursor) {
    this.#signer = signer
    this.#cursor = cursor
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

  /** Append the signatures of the set of the name in hand that stands from `start` to `end`. @returns the new end; below 0: it cannot be done here */
  signSet(out: Uint8Array, start: number, end: number): number {
    const type = readU16(out, start + 2)
    const ttlSeconds = readU32(out, start + 6)
    this.#want(type, this.#cursor.generation)
    if (type === TYPE.A || type === TYPE.AAAA) this.#wantRecords(out, start, end)
    const known =
      this.#find() ?? this.#keep(this.#ask({ type, ttlSeconds, rdata: rdataIn(out, start, end) }, 0))
    return known === undefined ? NO_ROOM : this.#append(out, end, { known, ttlSeconds, owner: this.#owner })
  }

  /** The same for the SOA of the zone, which is signed with its own TTL and sent with the negative one. */
  signSoa(out: Uint8Array, { start, end, ttlSeconds }: WrittenSoa): number {
    this.#want(TYPE.SOA, this.#cursor.generation)
    const known =
      this.#find() ??
      this.#keep(this.#ask({ type: TYPE.SOA, ttlSeconds, rdata: rdataIn(out, start, end) }, this.#zone))
    const owner = this.#owner + this.#cursor.key.starts[this.#zone]!
    const sentTtl = readU32(out, start + 6)
    return known === undefined ? NO_ROOM : this.#append(out, end, { known, ttlSeconds: sentTtl, owner })
  }

  /** Append the NSEC record of the name in hand, and its signatures. */
  signTypes(out: Uint8Array, end: number, { generation, ttlSeconds, types }: HeldTypes): number {
    this.#want(TYPE.NSEC, generation)
    this.#wanted[2] = ttlSeconds
    const known = this.#find() ?? this.#keep(this.#askNsec(types, ttlSeconds))
    return known === undefined ? NO_ROOM : this.#append(out, end, { known, ttlSeconds, owner: this.#owner })
  }

  #want(type: number, generation: number): void {
    this.#wanted[0] = generation
    this.#wanted[1] = this.#cursor.zoneHash ^ Math.imul(type, 0x9e3779b1)
    this.#wanted[2] = 0
    this.#wanted[3] = 0
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
    this.#wanted[2] = first
    this.#wanted[3] = second
  }

  /** @returns undefined: not known, or due for renewal */
  #find(): Known | undefined {
    const wanted = this.#wanted
    const keys = this.#keys
    this.#place = mixed(wanted[0]! ^ mixed(wanted[1]! ^ mixed(wanted[2]! ^ wanted[3]!))) & (PLACES - 1) // four words
    const at = this.#place * 4
    for (let i = 0; i < 4; i += 1) if (keys[at + i] !== wanted[i]) return undefined
    const known = this.#known[this.#place]
    return known !== undefined && this.#nowSeconds < known.renewSeconds ? known : undefined
  }

  #keep(known: Known | undefined): Known | undefined {
    if (known === undefined) return undefined
    this.#keys.set(this.#wanted, this.#place * 4)
    this.#known[this.#place] = known
    return known
  }

  #ask(set: RecordSet, label: number): Signatures | undefined {
    const [owner, zone] = [this.#nameFrom(label), this.#nameFrom(this.#zone)]
    return this.#signer.sign({
      zone,
      owner,
      set,
      isMade: exists,
      isProven: false,
      nowSeconds: this.#nowSeconds,
    })
  }

  #askNsec(types: readonly number[], ttlSeconds: number): Known | undefined {
    const origin = this.#nameFrom(this.#zone)
    const own = this.#zone === 0 ? types.filter((type) => type !== TYPE.DS) : types // is the parent's to say (RFC 4035, 2.4)
    const set = nsecAt(this.#nameFrom(0), own, { origin, ttlSeconds })
    const signatures = this.#ask(set, 0)
    return signatures === undefined ? undefined : { ...signatures, nsec: set.rdata[0]! } // nsecAt makes one
  }

  /** The name in hand from a label on: a copy. */
  #nameFrom(label: number): WireName {
    const { bytes, starts, length } = this.#cursor.key
    return bytes.slice(starts[label], length)
  }

  /** NSEC, where there is one, then the signatures. @returns the new end; NO_ROOM */
  #append(out: Uint8Array, end: number, { known, ttlSeconds, owner }: Appended): number {
    if (owner > MAX_POINTER) return NO_ROOM
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
    const { seed } = this.#cursor
    const key = new NameKey(...seed)
    this.#version = this.#signer.version
    this.#known.length = 0
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
  readonly known: Known
  readonly ttlSeconds: number
  /** Where in the message the owner stands. */
  readonly owner: number
}

function exists(): boolean {
  return false
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

/** A bijection of 32 bits in which every bit depends on every bit. */
function mixed(value: number): number {
  let mix = value
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return mix ^ (mix >>> 16)
}
