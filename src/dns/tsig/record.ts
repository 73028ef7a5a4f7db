import { CLASS, HEADER_BYTES, TYPE } from '../protocol.ts'
import { OctetWriter } from '../rdata/octets.ts'
import { Cursor } from '../wire/cursor.ts'
import type { WireName } from '../wire/message.ts'
import { foldName } from '../wire/name.ts'

/** A TSIG record (RFC 8945, 4.2). */
export interface TsigRecord {
  /** In lower case, as it is digested. */
  readonly keyName: WireName
  /** In lower case. */
  readonly algorithm: WireName
  /** Unix time, 48 bits. */
  readonly timeSeconds: number
  readonly fudgeSeconds: number
  readonly mac: Uint8Array
  /** The id that the message was signed with. */
  readonly originalId: number
  /** One of TSIG_ERROR, or 0. */
  readonly error: number
  readonly other: Uint8Array
}

/** Errors that a TSIG record tells of, beside the response code NOTAUTH (RFC 8945, 3). */
export const TSIG_ERROR = { BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const

export type FoundTsig =
  | { readonly kind: 'absent' }
  /** It is not the last record of the message, or there are several, or it cannot be read (RFC 8945, 5.1 and 5.2). */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'found'; readonly record: TsigRecord; readonly offset: number }

const ABSENT: FoundTsig = { kind: 'absent' }
const MALFORMED: FoundTsig = { kind: 'malformed' }
/** Type and class of a question; type, class, TTL and length of a record. */
const QUESTION_FIELDS_BYTES = 4
const RECORD_FIELDS_BYTES = 10

/**
 * Find the TSIG record of a message, whatever the octets. Takes time in proportion to them, and allocates nothing unless
 * there is one. What is broken before a TSIG was met is for the decoder to tell.
 */
export function findTsig(message: Uint8Array): FoundTsig {
  if (message.length < HEADER_BYTES || count(message, 10) === 0) return ABSENT
  let at = HEADER_BYTES
  for (let left = count(message, 4); left > 0; left -= 1) {
    at = skipName(message, at) + QUESTION_FIELDS_BYTES
    if (at > message.length) return ABSENT
  }
  const additional = count(message, 10)
  let left = count(message, 6) + count(message, 8) + additional
  for (; left > 0; left -= 1) {
    const offset = at
    at = skipName(message, at)
    if (at + RECORD_FIELDS_BYTES > message.length) return ABSENT
    const type = count(message, at)
    at += RECORD_FIELDS_BYTES + count(message, at + 8)
    if (at > message.length) return type === TYPE.TSIG ? MALFORMED : ABSENT
    if (type === TYPE.TSIG) return left === 1 && at === message.length ? readTsig(message, offset) : MALFORMED
  }
  return ABSENT
}

function count(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x100 + bytes[at + 1]! // callers look at lengths
}

/** @returns where the name ends; beyond the message for one that does not */
function skipName(message: Uint8Array, start: number): number {
  let at = start
  while (at < message.length) {
    const octet = message[at]! // at < length
    if (octet === 0) return at + 1
    if (octet >= 0xc0) return at + 2
    at += octet + 1
  }
  return message.length + 1
}

function readTsig(message: Uint8Array, offset: number): FoundTsig {
  const cursor = new Cursor(message, offset)
  const keyName = foldName(cursor.name('follow'))
  cursor.u16() // the type is known
  const isPlain = cursor.u16() === CLASS.ANY && cursor.u32() === 0
  cursor.u16() // the length has been held against the message
  const record: TsigRecord = {
    keyName,
    algorithm: foldName(cursor.name('forbid')),
    timeSeconds: cursor.u16() * 2 ** 32 + cursor.u32(),
    fudgeSeconds: cursor.u16(),
    mac: cursor.take(cursor.u16()),
    originalId: cursor.u16(),
    error: cursor.u16(),
    other: cursor.take(cursor.u16()),
  }
  if (!isPlain || cursor.fault !== undefined || cursor.left > 0) return MALFORMED
  return { kind: 'found', record, offset }
}

/** The message as it was before it was signed: without the record at `offset`, under its original id. */
export function unsigned(
  message: Uint8Array,
  { record, offset }: { record: TsigRecord; offset: number },
): Uint8Array {
  const bytes = new Uint8Array(message.subarray(0, offset)) // slice() of a Buffer is no copy
  const additional = count(bytes, 10) - 1
  bytes[0] = record.originalId >> 8
  bytes[1] = record.originalId & 0xff
  bytes[10] = additional >> 8
  bytes[11] = additional & 0xff
  return bytes
}

/** A copy of a message with a TSIG record at its end. */
export function withTsig(message: Uint8Array, record: TsigRecord): Uint8Array {
  const tail = tsigBytes(record)
  const bytes = new Uint8Array(message.length + tail.length)
  bytes.set(message)
  bytes.set(tail, message.length)
  const additional = count(bytes, 10) + 1
  bytes[10] = additional >> 8
  bytes[11] = additional & 0xff
  return bytes
}

function tsigBytes(record: TsigRecord): Uint8Array {
  const { keyName, algorithm, mac, other } = record
  const out = new OctetWriter()
  out.put(keyName)
  out.u16(TYPE.TSIG)
  out.u16(CLASS.ANY)
  out.u32(0)
  out.u16(algorithm.length + 16 + mac.length + other.length)
  out.put(algorithm)
  putTime(out, record)
  out.u16(mac.length)
  out.put(mac)
  out.u16(record.originalId)
  out.u16(record.error)
  out.u16(other.length)
  out.put(other)
  return out.finish()
}

/** Octets that a signed message has more than an unsigned one. */
export function tsigLength({
  keyName,
  algorithm,
  mac,
  other,
}: Pick<TsigRecord, 'keyName' | 'algorithm' | 'mac' | 'other'>): number {
  return keyName.length + RECORD_FIELDS_BYTES + algorithm.length + 16 + mac.length + other.length
}

/** Time and fudge, as they stand in the record and in what is digested (RFC 8945, 4.2). */
export function putTime(
  out: OctetWriter,
  { timeSeconds, fudgeSeconds }: Pick<TsigRecord, 'timeSeconds' | 'fudgeSeconds'>,
): void {
  out.u16(Math.floor(timeSeconds / 2 ** 32))
  out.u32(timeSeconds % 2 ** 32)
  out.u16(fudgeSeconds)
}
