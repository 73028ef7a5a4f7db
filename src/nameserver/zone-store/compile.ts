import { writeAddress, type Address } from '../../dns/address.ts'
import { wireLength, writeWireName, type DomainName } from '../../dns/names.ts'
import { HEADER_BYTES, MAX_TCP_BYTES, OPT_BYTES, TYPE } from '../../dns/protocol.ts'
import { servedTtl, type Answer, type RecordSet, type Selection } from '../../dns/records.ts'
import {
  FLAG_SELECTION,
  MAX_BLOCK_BYTES,
  SET_COUNT,
  SET_FLAGS,
  SET_HEADER_BYTES,
  SET_LENGTH,
  SET_SIZE,
  SET_TTL,
  SET_TYPE,
  writeU16,
  writeU32,
} from './layout.ts'
import { compileSelection, inRingOrder, mostGiven } from './compile-selection.ts'
import type { CompiledSets } from './name-tree.ts'

/** Owner pointer, type, class, TTL and length of a record in a message. */
const RECORD_HEADER_BYTES = 12
/** What a message holds besides the records of one set, at the most: header, question, OPT. */
const MESSAGE_FRAME_BYTES = HEADER_BYTES + 255 + 4 + OPT_BYTES
/** More do not fit into a block, however short they are. */
const MAX_RECORDS = 0xffff
const IPV4_BYTES = 4
const IPV6_BYTES = 16

/** Addresses of one family, `first` being the index of the first of them in a Selection. */
interface Family {
  readonly type: number
  readonly addresses: readonly Address[]
  readonly first: number
}

/**
 * Compiles what a name says into the record sets of its block (layout.ts), into one reused scratch.
 * What is larger than a block or than a message can carry is refused, not cut.
 */
export class AnswerCompiler {
  /** A SOA is among the sets compiled last. */
  hasSoa = false
  /** NS is. */
  hasNs = false
  /** A DNAME is. */
  hasDname = false
  readonly #sets = { bytes: new Uint8Array(MAX_BLOCK_BYTES), length: 0 }
  #at = 0
  /** Where the set being compiled begins. */
  #setAt = 0
  /** Records of it that one answer holds at the most. */
  #given = 0
  #tooLarge = false

  /** @returns the sets, good until the next call; undefined when the answer is too large to be stored */
  compile(answer: Answer): CompiledSets | undefined {
    this.#at = 0
    this.#tooLarge = false
    this.hasSoa = false
    this.hasNs = false
    this.hasDname = false
    switch (answer.kind) {
      case 'addresses':
        this.#addresses({ type: TYPE.A, addresses: answer.a, first: 0 }, answer)
        this.#addresses({ type: TYPE.AAAA, addresses: answer.aaaa, first: answer.a.length }, answer)
        break
      case 'alias':
        this.#alias(answer.target, answer.ttlSeconds)
        break
      case 'records':
        this.#allRecords(answer)
        break
    }
    this.#sets.length = this.#at
    return this.#tooLarge ? undefined : this.#sets
  }

  #addresses({ type, addresses, first }: Family, answer: Extract<Answer, { kind: 'addresses' }>): void {
    const count = addresses.length
    if (count === 0) return
    const size = type === TYPE.A ? IPV4_BYTES : IPV6_BYTES
    if (!this.#begin(type, size, answer.ttlSeconds, count)) return
    if (this.#room(size * count)) {
      for (const address of inRingOrder(addresses, answer.select))
        this.#at = writeAddress(address, this.#sets.bytes, this.#at)
    }
    this.#select(answer.select, first, count)
    this.#end()
  }

  #alias(target: DomainName, ttlSeconds: number): void {
    const length = wireLength(target)
    if (!this.#begin(TYPE.CNAME, 0, ttlSeconds, 1) || !this.#room(2 + length)) return
    writeU16(this.#sets.bytes, this.#at, length)
    this.#at = writeWireName(target, this.#sets.bytes, this.#at + 2)
    this.#end()
  }

  /** Indices of a selection count through the A set, then on through the AAAA set. */
  #allRecords({ sets, select }: Extract<Answer, { kind: 'records' }>): void {
    const countOfA = sets.find(({ type }) => type === TYPE.A)?.rdata.length ?? 0
    for (const set of sets) {
      const isAddresses = set.type === TYPE.A || set.type === TYPE.AAAA
      this.#records(set, isAddresses ? select : undefined, set.type === TYPE.A ? 0 : countOfA)
    }
  }

  #records(set: RecordSet, select: Selection | undefined, first: number): void {
    if (set.rdata.length === 0) return
    if (set.type === TYPE.SOA) this.hasSoa = true
    else if (set.type === TYPE.NS) this.hasNs = true
    else if (set.type === TYPE.DNAME) this.hasDname = true
    const size = set.type === TYPE.A ? IPV4_BYTES : set.type === TYPE.AAAA ? IPV6_BYTES : 0
    const fixed = size > 0 && set.rdata.every((rdata) => rdata.length === size)
    if (!this.#begin(set.type, fixed ? size : 0, set.ttlSeconds, set.rdata.length)) return
    for (const rdata of fixed ? inRingOrder(set.rdata, select) : set.rdata) {
      if (!this.#room(rdata.length + 2)) return
      if (!fixed) {
        writeU16(this.#sets.bytes, this.#at, rdata.length)
        this.#at += 2
      }
      this.#sets.bytes.set(rdata, this.#at)
      this.#at += rdata.length
    }
    if (fixed) this.#select(select, first, set.rdata.length)
    this.#end()
  }

  #select(select: Selection | undefined, first: number, count: number): void {
    if (select === undefined) return
    const compiled = compileSelection(select, { first, count })
    if (compiled === undefined || !this.#room(compiled.length)) return
    this.#sets.bytes[this.#setAt + SET_FLAGS] = FLAG_SELECTION
    this.#sets.bytes.set(compiled, this.#at)
    this.#at += compiled.length
    this.#given = mostGiven(select, count)
  }

  #begin(type: number, size: number, ttlSeconds: number, count: number): boolean {
    if (count > MAX_RECORDS || !this.#room(SET_HEADER_BYTES)) {
      this.#tooLarge = true
      return false
    }
    this.#setAt = this.#at
    this.#given = count
    writeU16(this.#sets.bytes, this.#at + SET_TYPE, type)
    this.#sets.bytes[this.#at + SET_SIZE] = size
    this.#sets.bytes[this.#at + SET_FLAGS] = 0
    writeU32(this.#sets.bytes, this.#at + SET_TTL, servedTtl(ttlSeconds))
    writeU16(this.#sets.bytes, this.#at + SET_COUNT, count)
    this.#at += SET_HEADER_BYTES
    return true
  }

  #end(): void {
    const bytes = this.#sets.bytes
    const length = this.#at - this.#setAt - SET_HEADER_BYTES
    const size = bytes[this.#setAt + SET_SIZE]! // written by #begin()
    const given = size === 0 ? length : this.#given * size
    if (given + this.#given * RECORD_HEADER_BYTES + MESSAGE_FRAME_BYTES > MAX_TCP_BYTES) this.#tooLarge = true
    writeU16(bytes, this.#setAt + SET_LENGTH, length)
  }

  #room(length: number): boolean {
    if (this.#at + length > this.#sets.bytes.length) this.#tooLarge = true
    return !this.#tooLarge
  }
}
