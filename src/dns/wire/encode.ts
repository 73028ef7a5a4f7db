import { NAMES_IN_RDATA } from './compressed-names.ts'
import { OPT_BYTES, TYPE } from '../protocol.ts'
import type { Edns, Header, Message, ResourceRecord, WireName } from './message.ts'
import { nameEnd } from './name.ts'

/** A pointer has 14 bits (RFC 1035, 4.1.4). */
const MAX_POINTER = 0x3fff

/**
 * Encode a message, owner names and the names in NS, CNAME and SOA rdata compressed, the OPT record last.
 * Names are compressed against octets that are exactly the same, so that case survives.
 * @returns undefined when the message takes more than `maxBytes`, or a count or length does not fit its field
 */
export function encodeMessage(message: Message, maxBytes: number): Uint8Array | undefined {
  const writer = new MessageWriter(maxBytes)
  const { header, questions, answers, authority, additional, edns } = message
  writer.u16(header.id)
  writer.u16(flagsOf(header))
  writer.u16(questions.length)
  writer.u16(answers.length)
  writer.u16(authority.length)
  writer.u16(additional.length + (edns === undefined ? 0 : 1))
  for (const question of questions) {
    writer.plainName(question.name)
    writer.u16(question.type)
    writer.u16(question.class)
  }
  for (const record of answers) writer.record(record)
  for (const record of authority) writer.record(record)
  for (const record of additional) writer.record(record)
  if (edns !== undefined) writer.opt(edns, header.rcode >> 4)
  return writer.finish()
}

function flagsOf(header: Header): number {
  return (
    (header.response ? 0x8000 : 0) |
    ((header.opcode & 15) << 11) |
    (header.authoritative ? 0x0400 : 0) |
    (header.truncated ? 0x0200 : 0) |
    (header.recursionDesired ? 0x0100 : 0) |
    (header.recursionAvailable ? 0x0080 : 0) |
    (header.zero ? 0x0040 : 0) |
    (header.authenticData ? 0x0020 : 0) |
    (header.checkingDisabled ? 0x0010 : 0) |
    (header.rcode & 15)
  )
}

/** Writes up to a limit; what does not fit is remembered, not thrown. */
class MessageWriter {
  #bytes = new Uint8Array(512)
  #at = 0
  #overflow = false
  readonly #max: number
  readonly #offsets = new Map<string, number>()

  constructor(maxBytes: number) {
    this.#max = maxBytes
  }

  finish(): Uint8Array | undefined {
    return this.#overflow ? undefined : this.#bytes.slice(0, this.#at)
  }

  u8(value: number): void {
    if (!this.#room(1)) return
    this.#bytes[this.#at] = value
    this.#at += 1
  }

  u16(value: number): void {
    if (value > 0xffff) this.#overflow = true
    this.u8(value >> 8)
    this.u8(value & 0xff)
  }

  u32(value: number): void {
    this.u16(value >>> 16)
    this.u16(value & 0xffff)
  }

  raw(bytes: Uint8Array): void {
    if (!this.#room(bytes.length)) return
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Without pointers, as questions are: nothing stands before them that they could point at. */
  plainName(name: WireName): void {
    for (let at = 0; at < name.length && name[at] !== 0; at += name[at]! + 1)
      this.#remember(keyOf(name, at), this.#at + at)
    this.raw(name)
  }

  /** The longest suffix that stands somewhere already becomes a pointer. */
  name(name: WireName): void {
    for (let at = 0; at < name.length;) {
      const length = name[at]! // at < name.length
      if (length === 0) return this.u8(0)
      const suffix = keyOf(name, at)
      const known = this.#offsets.get(suffix)
      if (known !== undefined) return this.u16(0xc000 + known)
      this.#remember(suffix, this.#at)
      this.raw(name.subarray(at, at + length + 1))
      at += length + 1
    }
  }

  record(record: ResourceRecord): void {
    this.name(record.name)
    this.u16(record.type)
    this.u16(record.class)
    this.u32(record.ttlSeconds)
    const lengthAt = this.#at
    this.u16(0)
    this.#rdata(record)
    if (this.#overflow) return
    const length = this.#at - lengthAt - 2
    if (length > 0xffff) this.#overflow = true
    this.#bytes[lengthAt] = length >> 8
    this.#bytes[lengthAt + 1] = length & 0xff
  }

  opt(edns: Edns, upperRcode: number): void {
    const size = edns.options.reduce((sum, option) => sum + 4 + option.data.length, 0)
    if (!this.#room(OPT_BYTES + size)) return
    this.u8(0)
    this.u16(TYPE.OPT)
    this.u16(edns.payloadBytes)
    this.u8(upperRcode)
    this.u8(edns.version)
    this.u16(edns.flags)
    this.u16(size)
    for (const option of edns.options) {
      this.u16(option.code)
      this.u16(option.data.length)
      this.raw(option.data)
    }
  }

  #remember(suffix: string, offset: number): void {
    if (offset <= MAX_POINTER && !this.#offsets.has(suffix)) this.#offsets.set(suffix, offset)
  }

  #rdata({ type, rdata }: ResourceRecord): void {
    const names = NAMES_IN_RDATA.get(type)
    if (names === undefined) return this.raw(rdata)
    this.raw(rdata.subarray(0, names.before))
    let at = names.before
    for (let i = 0; i < names.count; i += 1) {
      const end = nameEnd(rdata, at)
      this.name(rdata.subarray(at, end))
      at = end
    }
    this.raw(rdata.subarray(at))
  }

  #room(length: number): boolean {
    if (this.#overflow) return false
    const needed = this.#at + length
    if (needed > this.#max) {
      this.#overflow = true
      return false
    }
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#max, Math.max(needed, this.#bytes.length * 2)))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    return true
  }
}

/** Octets as a map key, one character each. */
function keyOf(name: WireName, from: number): string {
  let key = ''
  for (let i = from; i < name.length; i += 1) key += String.fromCharCode(name[i]!) // i < length
  return key
}
