import { isCookieLength } from '../../dns/answer/cookies.ts'
import {
  CLASS,
  EDNS_DO,
  EDNS_OPTION,
  isMetaType,
  MAX_UDP_BYTES,
  OPT_BYTES,
  PLAIN_UDP_BYTES,
  TYPE,
} from '../../dns/protocol.ts'
import { readU16 } from './layout.ts'
import type { NameKey } from './name-key.ts'

/** No COOKIE option. */
export const NO_COOKIE = -1

/**
 * Reads the usual query: opcode QUERY, one question of class IN for a data type, nothing else but perhaps one well-formed
 * OPT record of version 0, with a cookie and options that need no answer. Everything else is for dns/answer, which knows all the rules; what is accepted here is
 * answered there in the same way (a property test holds them equal).
 */
export class QueryReader {
  readonly #key: NameKey
  type = 0
  /** Where the question ends. */
  end = 0
  edns = false
  dnssecOk = false
  /** Of the OPT record. */
  flags = 0
  /** Where the data of the first COOKIE option begins, or NO_COOKIE. */
  cookieAt = NO_COOKIE
  cookieBytes = 0
  /** What the client takes over UDP. */
  udpBytes = PLAIN_UDP_BYTES

  constructor(key: NameKey) {
    this.#key = key
  }

  /**
   * @param query - a message that is no response, of at least 12 octets
   * @returns true when it is the usual query; the question's name is then in the key
   */
  read(query: Uint8Array, length: number): boolean {
    if ((query[2]! & 0x78) !== 0) return false // opcode
    if (readU16(query, 4) !== 1 || readU16(query, 6) !== 0 || readU16(query, 8) !== 0) return false
    const extra = readU16(query, 10)
    const nameEnd = this.#key.readQuestion(query, length)
    if (nameEnd < 0 || nameEnd + 4 > length) return false
    this.type = readU16(query, nameEnd)
    this.end = nameEnd + 4
    this.edns = false
    this.dnssecOk = false
    this.flags = 0
    this.cookieAt = NO_COOKIE
    this.udpBytes = PLAIN_UDP_BYTES
    if (readU16(query, nameEnd + 2) !== CLASS.IN || isMetaType(this.type)) return false
    if (this.type === TYPE.DS) return false // is another zone's to answer
    if (extra === 0) return this.end === length
    return extra === 1 && this.#readOpt(query, this.end, length)
  }

  #readOpt(query: Uint8Array, at: number, length: number): boolean {
    if (at + OPT_BYTES > length || query[at] !== 0 || readU16(query, at + 1) !== TYPE.OPT) return false
    if (query[at + 6] !== 0) return false // version
    const optionsEnd = at + OPT_BYTES + readU16(query, at + 9)
    if (optionsEnd !== length) return false
    let option = at + OPT_BYTES
    while (option < optionsEnd) {
      if (option + 4 > optionsEnd) return false
      const length = readU16(query, option + 2)
      if (!this.#takeOption(readU16(query, option), option + 4, length)) return false
      option += 4 + length
    }
    this.edns = true
    this.flags = readU16(query, at + 7)
    this.dnssecOk = (this.flags & EDNS_DO) !== 0
    this.udpBytes = Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, readU16(query, at + 3)))
    return option === optionsEnd
  }

  /** @returns false for an option that has to be answered, or judged, by all the rules */
  #takeOption(code: number, at: number, length: number): boolean {
    switch (code) {
      case EDNS_OPTION.COOKIE:
        if (this.cookieAt !== NO_COOKIE) return true // the first one counts
        this.cookieAt = at
        this.cookieBytes = length
        return isCookieLength(length)
      case EDNS_OPTION.NSID:
      case EDNS_OPTION.CLIENT_SUBNET:
      case EDNS_OPTION.TCP_KEEPALIVE:
      case EDNS_OPTION.PADDING:
        return false
      default:
        return true
    }
  }
}
