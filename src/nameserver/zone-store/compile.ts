import { addressLength, writeAddress, type Address } from '../../dns/address.ts'
import { wireLength, writeWireName, type DomainName } from '../../dns/names.ts'
import { HEADER_BYTES, MAX_TCP_BYTES, MAX_TTL_SECONDS, OPT_BYTES, TYPE } from '../../dns/protocol.ts'
import type { Answer, RecordSet, Selection } from '../../dns/records.ts'
import {
  BY_BUCKET,
  BY_LOCALITY,
  BY_ROTATION,
  FLAG_SELECTION,
  MAX_BLOCK_BYTES,
  readU16,
  SELECTION_BY,
  SELECTION_HEADER_BYTES,
  SELECTION_LISTS,
  SELECTION_STRIDE,
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
import type { CompiledSets } from './name-tree.ts'

/** Owner pointer, type, class, TTL and length of a record in a message. */
const RECORD_HEADER_BYTES = 12
/** What a message holds besides the records of one set, at the most: header, question, OPT. */
const MESSAGE_FRAME_BYTES = HEADER_BYTES + 255 + 4 + OPT_BYTES
const MAX_LISTS = 255
const MAX_LIST_LENGTH = 255
const BY = { rotation: BY_ROTATION, bucket: BY_BUCKET, locality: BY_LOCALITY } as const

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
        for (const set of answer.sets) this.#records(set)
        break
    }
    this.#sets.length = this.#at
    return this.#tooLarge ? undefined : this.#sets
  }

  #addresses(family: Family, answer: Extract<Answer, { kind: 'addresses' }>): void {
    const { addresses, type } = family
    const first = addresses[0]
    if (first === undefined) return
    const size = addressLength(first)
    if (!this.#begin(type, size, answer.ttlSeconds, addresses.length)) return
    if (this.#room(size * addresses.length)) {
      for (const address of addresses) this.#at = writeAddress(address, this.#sets.bytes, this.#at)
    }
    if (answer.select !== undefined && answer.select.lists.length > 0) this.#selection(answer.select, family)
    this.#end()
  }

  #alias(target: DomainName, ttlSeconds: number): void {
    const length = wireLength(target)
    if (!this.#begin(TYPE.CNAME, 0, ttlSeconds, 1) || !this.#room(2 + length)) return
    writeU16(this.#sets.bytes, this.#at, length)
    this.#at = writeWireName(target, this.#sets.bytes, this.#at + 2)
    this.#end()
  }

  #records(set: RecordSet): void {
    if (set.rdata.length === 0) return
    if (set.type === TYPE.SOA) this.hasSoa = true
    else if (set.type === TYPE.NS) this.hasNs = true
    else if (set.type === TYPE.DNAME) this.hasDname = true
    const size = set.type === TYPE.A ? 4 : set.type === TYPE.AAAA ? 16 : 0
    const fixed = size > 0 && set.rdata.every((rdata) => rdata.length === size)
    if (!this.#begin(set.type, fixed ? size : 0, set.ttlSeconds, set.rdata.length)) return
    for (const rdata of set.rdata) {
      if (!this.#room(rdata.length + 2)) return
      if (!fixed) {
        writeU16(this.#sets.bytes, this.#at, rdata.length)
        this.#at += 2
      }
      this.#sets.bytes.set(rdata, this.#at)
      this.#at += rdata.length
    }
    this.#end()
  }

  /** Lists by family, cut to `pick`, one behind the other at equal distances. */
  #selection(select: Selection, { addresses, first }: Family): void {
    const most = select.pick === 0 ? MAX_LIST_LENGTH : Math.min(select.pick, MAX_LIST_LENGTH)
    const lists = select.lists.slice(0, MAX_LISTS).map((list) => {
      const own = [...new Set(list)].filter((index) => index >= first && index < first + addresses.length)
      return own.slice(0, most).map((index) => index - first)
    })
    const stride = 1 + Math.max(...lists.map((list) => list.length))
    if (!this.#room(SELECTION_HEADER_BYTES + lists.length * stride)) return
    this.#sets.bytes[this.#setAt + SET_FLAGS] = FLAG_SELECTION
    this.#sets.bytes[this.#at + SELECTION_LISTS] = lists.length
    this.#sets.bytes[this.#at + SELECTION_BY] = BY[select.by]
    writeU16(this.#sets.bytes, this.#at + SELECTION_STRIDE, stride)
    this.#at += SELECTION_HEADER_BYTES
    for (const list of lists) {
      this.#sets.bytes.fill(0, this.#at, this.#at + stride)
      this.#sets.bytes[this.#at] = list.length
      this.#sets.bytes.set(list, this.#at + 1)
      this.#at += stride
    }
  }

  #begin(type: number, size: number, ttlSeconds: number, count: number): boolean {
    const least = count * (RECORD_HEADER_BYTES + size) + MESSAGE_FRAME_BYTES
    if (least > MAX_TCP_BYTES || !this.#room(SET_HEADER_BYTES)) {
      this.#tooLarge = true
      return false
    }
    this.#setAt = this.#at
    writeU16(this.#sets.bytes, this.#at + SET_TYPE, type)
    this.#sets.bytes[this.#at + SET_SIZE] = size
    this.#sets.bytes[this.#at + SET_FLAGS] = 0
    writeU32(
      this.#sets.bytes,
      this.#at + SET_TTL,
      Math.min(Math.max(Math.trunc(ttlSeconds), 0), MAX_TTL_SECONDS),
    )
    writeU16(this.#sets.bytes, this.#at + SET_COUNT, count)
    this.#at += SET_HEADER_BYTES
    return true
  }

  #end(): void {
    const length = this.#at - this.#setAt - SET_HEADER_BYTES
    const records = readU16(this.#sets.bytes, this.#setAt + SET_COUNT)
    if (length + records * RECORD_HEADER_BYTES + MESSAGE_FRAME_BYTES > MAX_TCP_BYTES) this.#tooLarge = true
    writeU16(this.#sets.bytes, this.#setAt + SET_LENGTH, length)
  }

  #room(length: number): boolean {
    if (this.#at + length > this.#sets.bytes.length) this.#tooLarge = true
    return !this.#tooLarge
  }
}
