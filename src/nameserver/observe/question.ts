import { EDNS_DO, HEADER_BYTES, TYPE } from '../../dns/protocol.ts'

/** Records behind the question among which an OPT record is looked for. */
const MAX_RECORDS = 8
const RECORD_BYTES = 10
const POINTER = 0xc0

/**
 * What a query asks, found with few checks: for telling, not for answering. One is used for query after query.
 * Bounded by the octets of one name and MAX_RECORDS records.
 */
export class Question {
  /** Where the type stands, behind the name; 0: there is no whole question. */
  end = 0
  /** 0: none. */
  type = 0
  class = 0
  hasEdns = false
  dnssecOk = false

  /** @param length - octets of the message in `query` */
  read(query: Uint8Array, length: number): this {
    this.type = 0
    this.class = 0
    this.hasEdns = false
    this.dnssecOk = false
    const count = length < HEADER_BYTES ? 0 : (query[4]! << 8) | query[5]! // a header has them
    this.end = count === 0 ? 0 : nameEnd(query, HEADER_BYTES, length)
    if (this.end === 0 || this.end + 4 > length) {
      this.end = 0
      return this
    }
    this.type = u16(query, this.end)
    this.class = u16(query, this.end + 2)
    if (count === 1) this.#findOpt(query, this.end + 4, length)
    return this
  }

  #findOpt(query: Uint8Array, start: number, length: number): void {
    let at = start
    const records = u16(query, 6) + u16(query, 8) + u16(query, 10)
    for (let i = 0; i < records && i < MAX_RECORDS; i += 1) {
      const name = at
      at = nameEnd(query, at, length)
      if (at === 0 || at + RECORD_BYTES > length) return
      if (query[name] === 0 && u16(query, at) === TYPE.OPT) {
        this.hasEdns = true
        this.dnssecOk = (u16(query, at + 6) & EDNS_DO) !== 0
        return
      }
      at += RECORD_BYTES + u16(query, at + 8)
    }
  }
}

/** @returns the offset behind the name at `start`; 0 when it does not end within the message */
export function nameEnd(message: Uint8Array, start: number, length: number): number {
  for (let at = start; at < length;) {
    const size = message[at]! // at < length
    if (size === 0) return at + 1
    if (size >= POINTER) return at + 2 <= length ? at + 2 : 0
    at += size + 1
  }
  return 0
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]! // callers look at the length first
}
