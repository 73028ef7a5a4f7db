import { presentIp } from '../../dns/rdata/ip-text.ts'
import { typeName } from '../../dns/rdata/type-names.ts'
import { MAX_LABEL_BYTES } from '../../dns/names.ts'
import { HEADER_BYTES } from '../../dns/protocol.ts'
import { presentName } from '../../dns/wire/name.ts'
import type { Client } from '../client.ts'
import type { Chunk } from './queue/chunk.ts'
import type { Encoder } from './queue/conveyor.ts'
import type { QueryEvent } from './queue/event-queue.ts'
import type { Exchange, Tap } from './observer.ts'
import { Question } from './question.ts'
import { responseCode } from './response-code.ts'
import type { WallTime } from './queue/wall-time.ts'

const OPCODES: Readonly<Record<number, string>> = {
  ...{ 0: 'QUERY', 1: 'IQUERY', 2: 'STATUS', 4: 'NOTIFY', 5: 'UPDATE', 6: 'DSO' },
}
const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' }
const RCODES: Readonly<Record<number, string>> = {
  ...{ 0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 6: 'YXDOMAIN' },
  ...{ 7: 'YXRRSET', 8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE', 16: 'BADVERS', 23: 'BADCOOKIE' },
}
/** Bits of the second header word, as dig names them. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  ...([
    [0x8000, 'qr'],
    [0x0400, 'aa'],
    [0x0200, 'tc'],
    [0x0100, 'rd'],
    [0x0080, 'ra'],
    [0x0020, 'ad'],
    [0x0010, 'cd'],
  ] as const),
]
/** By the second header word, without its code. */
const FLAG_SHIFT = 4
const FLAG_TEXTS: readonly string[] = Array.from({ length: 0x10000 >> FLAG_SHIFT }, (_, bits) =>
  FLAGS.filter(([bit]) => ((bits << FLAG_SHIFT) & bit) !== 0)
    .map(([, name]) => name)
    .join(' '),
)
/** Octets that stand for themselves in names and in JSON: letters, digits, hyphen, underscore, asterisk, slash. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, octet) =>
  /[A-Za-z0-9_*/-]/.test(String.fromCharCode(octet)) ? 1 : 0,
)
const QUOTE = 0x22
const DOT = 0x2e

/** One query in so many is handed on. */
export class Sampled implements Tap {
  readonly #tap: Tap
  readonly #oneIn: number
  #count = 0

  constructor(tap: Tap, oneIn: number) {
    this.#tap = tap
    this.#oneIn = oneIn
  }

  answered(client: Client, exchange: Exchange): void {
    this.#count += 1
    if (this.#count < this.#oneIn) return
    this.#count = 0
    this.#tap.answered(client, exchange)
  }
}

/** A line of JSON for each query; docs/observing.md says what its fields are. */
export class QueryLines implements Encoder {
  readonly #time: WallTime
  readonly #question = new Question()
  #second = Number.NaN
  #secondText = ''

  constructor(time: WallTime) {
    this.#time = time
  }

  begin(): void {
    this.#time.adjust()
  }

  encode(event: QueryEvent, chunk: Chunk): number {
    const question = this.#question.read(event.query, event.query.length)
    chunk.text(this.#before(event))
    if (question.end === 0) chunk.text('null')
    else nameInto(chunk, event.query, question.end)
    chunk.text(after(event, question))
    return 1
  }

  /** What comes before the name. */
  #before({ askedMs, proto, address, port, query }: QueryEvent): string {
    const hasHeader = query.length >= HEADER_BYTES
    const id = hasHeader ? u16(query, 0) : null
    const opcode = hasHeader ? named(OPCODES, (query[2]! >> 3) & 15, 'OPCODE') : null // a header has it
    return (
      `{"time":"${this.#timeText(askedMs)}","client":"${addressText(address)}","port":${port},"proto":"${proto}"` +
      `,"id":${id},"opcode":${opcode},"qname":`
    )
  }

  /** As Date.toISOString, with µs. */
  #timeText(askedMs: number): string {
    const micros = this.#time.unixMicros(askedMs)
    const second = Math.floor(micros / 1e6)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -4) // with the point
    }
    return `${this.#secondText}${String(micros - second * 1e6).padStart(6, '0')}Z`
  }
}

/** What comes behind the name. */
function after({ askedMs, doneMs, proven, query, response }: QueryEvent, question: Question): string {
  const type = question.end === 0 ? null : `"${typeName(question.type)}"`
  const className = question.end === 0 ? null : named(CLASSES, question.class, 'CLASS')
  const rcode = response.length === 0 ? null : named(RCODES, responseCode(response, response.length), 'RCODE')
  const flags = response.length === 0 ? null : `"${FLAG_TEXTS[u16(response, 2) >> FLAG_SHIFT]}"`
  return (
    `,"qtype":${type},"qclass":${className},"do":${question.dnssecOk},"cookie":${proven},"rcode":${rcode}` +
    `,"flags":${flags},"queryBytes":${query.length},"responseBytes":${response.length}` +
    `,"durationUs":${Math.round((doneMs - askedMs) * 1000)}}\n`
  )
}

function addressText(address: Uint8Array): string {
  return address.length === 4 ? `${address[0]}.${address[1]}.${address[2]}.${address[3]}` : presentIp(address)
}

/** `"NAME"`, or `"PREFIX<number>"` as RFC 3597 writes what has no name. */
function named(names: Readonly<Record<number, string>>, value: number, prefix: string): string {
  return `"${names[value] ?? `${prefix}${value}`}"`
}

/**
 * The question's name as master files write it (RFC 1035, 5.1), in its own case, as a JSON string; null when it is none.
 * Usual names are copied as they are, with dots for the lengths.
 * @param end - of the name, which begins behind the header
 */
function nameInto(chunk: Chunk, query: Uint8Array, end: number): void {
  const { bytes, length: start } = chunk
  let to = start
  let labelEnd = HEADER_BYTES
  for (let at = HEADER_BYTES; at < end; at += 1) {
    const octet = query[at]! // at < end
    if (at === labelEnd) {
      if (octet > MAX_LABEL_BYTES) return chunk.text('null') // a pointer, which no question has reason to
      labelEnd += octet + 1
      bytes[to] = at === HEADER_BYTES ? QUOTE : DOT
    } else if (IS_PLAIN[octet] === 1) {
      bytes[to] = octet
    } else {
      return chunk.text(JSON.stringify(presentName(query.subarray(HEADER_BYTES, end))))
    }
    to += 1
  }
  chunk.length = to
  chunk.text(end === HEADER_BYTES + 1 ? '."' : '"')
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]! // callers look at the length first
}
