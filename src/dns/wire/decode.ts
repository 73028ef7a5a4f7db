import { HEADER_BYTES, TYPE } from '../protocol.ts'
import { NAMES_IN_RDATA } from './compressed-names.ts'
import { Cursor } from './cursor.ts'
import type { Edns, EdnsOption, FormatError, Header, Message, Question, ResourceRecord } from './message.ts'

/** A message, or what could be read of it up to the fault (the server echoes the question of a broken query). */
export type Decoded =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'malformed'; readonly error: FormatError; readonly message: Message | undefined }

/** What is read is collected here, so that a fault leaves the part before it. */
interface Draft {
  header: Header
  questions: Question[]
  answers: ResourceRecord[]
  authority: ResourceRecord[]
  additional: ResourceRecord[]
  edns?: Edns
}

/**
 * Decode any octets (RFC 1035, 4.1; RFC 6891). Never throws; takes time in proportion to the octets, whatever the counts
 * in the header say.
 * Octets behind the counted records are a fault: a sender that cannot count its records is not understood.
 */
export function decodeMessage(bytes: Uint8Array): Decoded {
  if (bytes.length < HEADER_BYTES) {
    return { kind: 'malformed', error: { reason: 'short header', offset: bytes.length }, message: undefined }
  }
  const cursor = new Cursor(bytes, 0)
  const id = cursor.u16()
  const flags = cursor.u16()
  const counts = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()] as const
  const draft: Draft = {
    header: headerOf(id, flags),
    questions: [],
    answers: [],
    authority: [],
    additional: [],
  }
  for (let i = 0; i < counts[0] && cursor.fault === undefined; i += 1) readQuestion(cursor, draft)
  readRecords(cursor, counts[1], draft, 'answers')
  readRecords(cursor, counts[2], draft, 'authority')
  readRecords(cursor, counts[3], draft, 'additional')
  if (cursor.fault === undefined && cursor.left > 0) cursor.fail('trailing octets')
  return cursor.fault === undefined
    ? { kind: 'message', message: draft }
    : { kind: 'malformed', error: cursor.fault, message: draft }
}

function headerOf(id: number, flags: number): Header {
  return {
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    zero: (flags & 0x0040) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    rcode: flags & 15,
  }
}

function readQuestion(cursor: Cursor, draft: Draft): void {
  const question = { name: cursor.name('forbid'), type: cursor.u16(), class: cursor.u16() }
  if (cursor.fault === undefined) draft.questions.push(question)
}

function readRecords(
  cursor: Cursor,
  count: number,
  draft: Draft,
  section: 'answers' | 'authority' | 'additional',
): void {
  for (let i = 0; i < count && cursor.fault === undefined; i += 1) {
    const name = cursor.name('follow')
    const type = cursor.u16()
    if (type === TYPE.OPT) {
      if (section !== 'additional') cursor.fail('OPT outside additional')
      else readOpt(cursor, name, draft)
      continue
    }
    const record = {
      name,
      type,
      class: cursor.u16(),
      ttlSeconds: cursor.u32(),
      rdata: readRdata(cursor, type),
    }
    if (cursor.fault === undefined) draft[section].push(record)
  }
}

/**
 * Decompresses the names in rdata of RFC 1035's types, which may be compressed (RFC 3597, 4). Rdata without any octet is
 * left so: UPDATE names whole sets that way (RFC 2136, 2.4 and 2.5).
 */
function readRdata(cursor: Cursor, type: number): Uint8Array {
  const length = cursor.u16()
  const names = NAMES_IN_RDATA.get(type)
  if (names === undefined || length === 0) return cursor.take(length)
  if (length > cursor.left) cursor.fail('message ends too early')
  const end = cursor.offset + length
  const parts = [cursor.take(names.before)]
  for (let i = 0; i < names.count; i += 1) parts.push(cursor.name('follow'))
  parts.push(cursor.take(names.after))
  if (cursor.offset !== end) cursor.fail('rdata length')
  return joined(parts)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Type is read; class is the payload size, TTL the upper response code bits, version and flags (RFC 6891, 6.1.2, 6.1.3). */
function readOpt(cursor: Cursor, name: Uint8Array, draft: Draft): void {
  const payloadBytes = cursor.u16()
  const upperRcode = cursor.u8()
  const version = cursor.u8()
  const flags = cursor.u16()
  const options = cursor.take(cursor.u16())
  if (cursor.fault !== undefined) return
  const second = draft.edns !== undefined
  const parsed = version === 0 ? readOptions(options) : [] // another version's options have a form we do not know
  draft.edns ??= { version, payloadBytes, flags, options: parsed ?? [] }
  if (second) cursor.fail('two OPT records')
  else if (name.length !== 1) cursor.fail('OPT not at the root')
  else if (parsed === undefined) cursor.fail('option list')
  else draft.header = { ...draft.header, rcode: upperRcode * 16 + (draft.header.rcode & 15) }
}

function readOptions(bytes: Uint8Array): readonly EdnsOption[] | undefined {
  const cursor = new Cursor(bytes, 0)
  const options: EdnsOption[] = []
  while (cursor.left > 0 && cursor.fault === undefined) {
    options.push({ code: cursor.u16(), data: cursor.take(cursor.u16()) })
  }
  return cursor.fault === undefined ? options : undefined
}
