import { TARGET_AT } from '../../dns/answer/additional.ts'
import { isStream, type Transport } from '../../dns/answer/context.ts'
import { COOKIE_BYTES, type ServerCookies } from '../../dns/answer/cookies.ts'
import { MAX_ALIAS_LINKS } from '../../dns/lookup.ts'
import {
  CLASS,
  EDNS_CO,
  EDNS_DO,
  EDNS_OPTION,
  EXTENDED_ERROR,
  HEADER_BYTES,
  MAX_UDP_BYTES,
  OPT_BYTES,
  RCODE,
  TYPE,
} from '../../dns/protocol.ts'
import type { Client } from '../client.ts'
import type { FastSignatures } from './fast-signatures.ts'
import { readU16, readU32, writeU16 } from './layout.ts'
import { NO_COOKIE, QueryReader } from './query-reader.ts'
import { SetReader } from './set-reader.ts'
import { NO_ZONE, ZONE_EXPIRED, ZONE_NOT_READY, type StoreCursor } from './store-cursor.ts'

/** Not answered here: ask dns/answer. */
export const SLOW = -1

const RECORD_HEADER_BYTES = 12
/** Code and length before the data of an EDNS option. */
const OPTION_HEADER_BYTES = 4
/** An extended error without words. */
const ERROR_BYTES = OPTION_HEADER_BYTES + 2
const COOKIE_OPTION_BYTES = OPTION_HEADER_BYTES + COOKIE_BYTES
const MAX_POINTER = 0x3fff
/** Checking disabled, in the fourth octet of a message: goes back from a signed zone (RFC 8906, 8.1.3.1). */
const CD = 0x10
const NO_OWNER = -1
/** Targets of one set whose addresses are sent along here. */
const MAX_TARGETS = 64

/** In a list of types: the one asked for may be missing in this query's choice, and there in the next one's. */
const VARYING = -1

type Found = 'records' | 'alias' | 'no-data' | 'no-name' | 'unusual'

export interface FastAnswerOptions {
  readonly transport: Transport
  readonly cookies: ServerCookies | undefined
  /** Of signed zones; none: no zone is. */
  readonly signatures: FastSignatures | undefined
}

/**
 * The answer to a usual query, straight from shared memory into the caller's buffer, without an allocation: positive
 * answers, aliases, denials and refusals. What it cannot do, or what does not fit, is left to dns/answer.
 */
export class FastAnswer {
  readonly #cursor: StoreCursor
  readonly #query: QueryReader
  readonly #sets: SetReader
  readonly #transport: Transport
  readonly #cookies: ServerCookies | undefined
  readonly #signatures: FastSignatures | undefined
  /** Hashes of the names of the alias chain so far. */
  readonly #chain = new Int32Array(MAX_ALIAS_LINKS)
  /** Hashes of the names whose addresses have been sent along. */
  readonly #targets = new Int32Array(MAX_TARGETS)
  #limit = 0
  #optBytes = 0
  #at = 0
  /** Where in the message the name in hand stands, uncompressed: 12, or a target's rdata. */
  #owner = 0
  #answers = 0
  #authority = 0
  /** Addresses sent along. */
  #extra = 0
  #client = 0
  #zone = 0
  /** The answer is from a signed zone, for someone who asked for signatures. */
  #isSecure = false
  /** NSEC and RRSIG records are nowhere in the store: signed zones make them when they are asked for. */
  #asksMade = false
  /** It matters whether a zone is signed. */
  #mayBeSigned = false
  /** Types of the name in hand, where it has not the one asked for. */
  readonly #types: number[] = []

  constructor(
    { cursor, sets }: { readonly cursor: StoreCursor; readonly sets: SetReader },
    { transport, cookies, signatures }: FastAnswerOptions,
  ) {
    this.#cursor = cursor
    this.#query = new QueryReader(cursor.key)
    this.#sets = sets
    this.#transport = transport
    this.#cookies = cookies
    this.#signatures = signatures
  }

  /** @returns octets written into `out`, or SLOW; `query` is no response and has at least 12 octets */
  answer(query: Uint8Array, length: number, client: Client, out: Uint8Array): number {
    const asked = this.#query
    if (!asked.read(query, length)) return SLOW
    const room = isStream(this.#transport) ? out.length : Math.min(out.length, asked.udpBytes)
    const cookies = asked.cookieAt === NO_COOKIE ? undefined : this.#cookies
    this.#optBytes = asked.edns ? OPT_BYTES + (cookies === undefined ? 0 : COOKIE_OPTION_BYTES) : 0
    this.#limit = room - this.#optBytes
    if (asked.end > this.#limit || query.length > out.length) return SLOW
    out.set(query) // all of it: copying the question alone would take a view; the rest is written over
    this.#at = asked.end
    this.#owner = HEADER_BYTES
    this.#answers = 0
    this.#authority = 0
    this.#extra = 0
    this.#client = client.network
    this.#isSecure = false
    this.#asksMade = asked.type === TYPE.NSEC || asked.type === TYPE.RRSIG
    this.#mayBeSigned = asked.dnssecOk || this.#asksMade
    if (asked.dnssecOk) this.#signatures?.begin(this.#limit, client.nowSeconds)
    const rcode = this.#resolve(out)
    if (rcode === SLOW) return SLOW
    client.zone = this.#zone
    client.type = asked.type
    client.dnssecOk = asked.dnssecOk
    client.proven = cookies !== undefined && this.#prove(cookies, query, client)
    return this.#finish(query, out, rcode)
  }

  #prove(cookies: ServerCookies, query: Uint8Array, requester: Client): boolean {
    const { cookieAt, cookieBytes: length } = this.#query
    return cookies.read(query, cookieAt, { length, requester }) === 'proven'
  }

  /** @returns the response code of the last name of the chain (RFC 6604, 3), or SLOW */
  #resolve(out: Uint8Array): number {
    const asked = this.#query.type
    for (let links = 0; ; links += 1) {
      const zone = this.#cursor.zone()
      if (links === 0) this.#zone = zone === NO_ZONE ? 0 : this.#cursor.zoneHash
      if (zone === NO_ZONE) return links > 0 ? RCODE.NOERROR : RCODE.REFUSED
      if (zone === ZONE_NOT_READY) return links > 0 ? RCODE.NOERROR : RCODE.SERVFAIL
      if (zone === ZONE_EXPIRED) return SLOW
      if (this.#cursor.layered && !this.#cursor.isPlain(zone)) return SLOW
      const isSigned = this.#mayBeSigned && this.#signatures?.covers() === true
      if (isSigned && this.#asksMade) return SLOW
      if (links === 0) this.#isSecure = isSigned
      const start = this.#at
      const found = this.#name(out)
      const end = this.#at
      switch (found) {
        case 'records':
          if (asked !== TYPE.A && TARGET_AT.has(asked))
            return isSigned || !this.#sendAlong(out, start, end) ? SLOW : RCODE.NOERROR
          return isSigned && !this.#sign(out, start, zone) ? SLOW : RCODE.NOERROR
        case 'unusual':
          return SLOW
        case 'no-data':
          if (isSigned) return this.#denySigned(out, zone, true) ? RCODE.NOERROR : SLOW
          return this.#deny(out, zone) ? RCODE.NOERROR : SLOW
        case 'no-name':
          if (isSigned) return this.#denySigned(out, zone, false) ? this.#nameError() : SLOW
          return this.#deny(out, zone) ? RCODE.NXDOMAIN : SLOW
        case 'alias':
          if (isSigned && !this.#sign(out, start, zone)) return SLOW
          if (!this.#follow(out, links, end)) return links + 1 === MAX_ALIAS_LINKS ? RCODE.NOERROR : SLOW
      }
    }
  }

  /** Writes what the name in hand says of the type asked for, else its alias. */
  #name(out: Uint8Array): Found {
    const cursor = this.#cursor
    for (;;) {
      const block = cursor.find(0)
      if (block < 0) return 'no-name'
      const at = this.#at
      const answers = this.#answers
      const found = this.#write(out, cursor.setsAt(block), cursor.setsEnd(block))
      if (cursor.unmoved()) return found
      this.#at = at
      this.#answers = answers
    }
  }

  #write(out: Uint8Array, first: number, end: number): Found {
    const { bytes } = this.#cursor
    let alias = -1
    this.#types.length = 0
    for (let at = first; at < end; at = SetReader.after(bytes, at)) {
      const type = SetReader.typeAt(bytes, at)
      if (this.#query.dnssecOk) this.#types.push(SetReader.hasLists(bytes, at) ? VARYING : type)
      if (type === this.#query.type) {
        this.#sets.begin(at, this.#client)
        if (this.#sets.count > 0) return this.#records(out, this.#sets.ttlSeconds) ? 'records' : 'unusual'
      }
      if (type === TYPE.CNAME) alias = at
    }
    if (alias < 0) return 'no-data'
    this.#sets.begin(alias, this.#client)
    return this.#records(out, this.#sets.ttlSeconds) ? 'alias' : 'unusual'
  }

  #records(out: Uint8Array, ttlSeconds: number): boolean {
    const sets = this.#sets
    while (sets.next()) {
      if (!this.#record(out, this.#owner, ttlSeconds)) return false
      this.#answers += 1
    }
    return true
  }

  /** Moves on to the target that was just written, up to `end`. @returns false when the chain ends here, for whatever reason */
  #follow(out: Uint8Array, links: number, end: number): boolean {
    const { key } = this.#cursor
    this.#chain[links] = key.hashAt(0)
    this.#owner = end - this.#sets.length
    if (links + 1 === MAX_ALIAS_LINKS) return false
    if (key.read(out, this.#owner, end) !== end) return false // rdata that is no name
    for (let i = 0; i <= links; i += 1) if (this.#chain[i] === key.hashAt(0)) return false // surely a loop; told there
    return true
  }

  /**
   * The addresses of the targets of the records that stand in the message from `start` to `end`.
   * @returns false for what only dns/answer can tell: a target below a delegation or a wildcard, or in a signed zone, no room for all, or
   *   too many
   */
  #sendAlong(out: Uint8Array, start: number, end: number): boolean {
    const asked = this.#query.type
    const targetAt = RECORD_HEADER_BYTES + (TARGET_AT.get(asked) ?? 0)
    const isService = asked === TYPE.SVCB || asked === TYPE.HTTPS
    const { key } = this.#cursor
    let sent = 0
    for (let at = start; at < end;) {
      const isAtOwner = isService && out[at + targetAt] === 0 && readU16(out, at + RECORD_HEADER_BYTES) !== 0 // RFC 9460, 2.5.2
      const target = isAtOwner ? this.#owner : at + targetAt
      at += RECORD_HEADER_BYTES + readU16(out, at + 10)
      if (target > MAX_POINTER || key.read(out, target, at) < 0) return false
      const hash = key.hashAt(0)
      if (this.#isSent(hash, sent)) continue
      if (sent === MAX_TARGETS || !this.#addressesAt(out, target)) return false
      this.#targets[sent] = hash
      sent += 1
    }
    return true
  }

  /** Names that collide lose a courtesy, no more: once each (RFC 2181, 5). */
  #isSent(hash: number, sent: number): boolean {
    for (let i = 0; i < sent; i += 1) if (this.#targets[i] === hash) return true
    return false
  }

  /** The addresses of the name in hand, which stands at `target` in the message. */
  #addressesAt(out: Uint8Array, target: number): boolean {
    const cursor = this.#cursor
    if (cursor.key.labels === 0 || cursor.zone() < 0) return true // nothing that we could tell
    if (cursor.layered || (this.#mayBeSigned && this.#signatures?.covers() === true)) return false // RFC 4035, 3.1.1
    for (;;) {
      const block = cursor.find(0)
      if (block < 0) return true
      const [at, extra] = [this.#at, this.#extra]
      const isWhole = this.#writeAddresses(out, target, block)
      if (cursor.unmoved()) return isWhole
      this.#at = at
      this.#extra = extra
    }
  }

  #writeAddresses(out: Uint8Array, owner: number, block: number): boolean {
    const { bytes } = this.#cursor
    const sets = this.#sets
    const end = this.#cursor.setsEnd(block)
    for (let at = this.#cursor.setsAt(block); at < end; at = SetReader.after(bytes, at)) {
      const type = SetReader.typeAt(bytes, at)
      if (type !== TYPE.A && type !== TYPE.AAAA) continue
      sets.begin(at, this.#client)
      while (sets.next()) {
        if (!this.#record(out, owner, sets.ttlSeconds)) return false
        this.#extra += 1
      }
    }
    return true
  }

  /** The SOA of the zone that begins at label `zone` of the name in hand, its TTL the negative one (RFC 2308, 3). */
  #deny(out: Uint8Array, zone: number): boolean {
    const { bytes, key } = this.#cursor
    for (;;) {
      const block = this.#cursor.find(zone)
      if (block < 0) return false
      const at = this.#at
      let found = NO_OWNER
      const end = this.#cursor.setsEnd(block)
      for (let set = this.#cursor.setsAt(block); set < end; set = SetReader.after(bytes, set)) {
        if (SetReader.typeAt(bytes, set) === TYPE.SOA) found = set
      }
      const written = found !== NO_OWNER && this.#soa(out, found, this.#owner + key.starts[zone]!)
      if (this.#cursor.unmoved()) return written
      this.#at = at
      this.#authority = 0
    }
  }

  #soa(out: Uint8Array, set: number, owner: number): boolean {
    const sets = this.#sets
    sets.begin(set, this.#client)
    if (!sets.next() || sets.length < 4) return false
    const minimum = readU32(this.#cursor.bytes, sets.at + sets.length - 4)
    if (!this.#record(out, owner, Math.min(sets.ttlSeconds, minimum))) return false
    this.#authority = 1
    return true
  }

  /** The signatures of the set of the name in hand that stands in the message from `start` on. */
  #sign(out: Uint8Array, start: number, zone: number): boolean {
    const signatures = this.#signatures
    if (signatures === undefined) return false
    signatures.name(this.#owner, zone)
    const end = signatures.signSet(out, start, this.#at)
    if (end < 0) return false
    this.#at = end
    this.#answers += signatures.appended
    return true
  }

  /** As #deny(), signed, with proof that the name in hand has not the type asked for, or does not exist (RFC 9824, 3). */
  #denySigned(out: Uint8Array, zone: number, exists: boolean): boolean {
    const signatures = this.#signatures
    const { generation } = this.#cursor
    const start = this.#at
    const varies = exists && this.#types.includes(VARYING)
    if (signatures === undefined || varies || !this.#deny(out, zone)) return false
    signatures.name(this.#owner, zone)
    const soa = { start, end: this.#at, ttlSeconds: this.#sets.ttlSeconds }
    const proofAt = signatures.signSoa(out, soa)
    if (proofAt < 0) return false
    this.#authority += signatures.appended
    const ttlSeconds = readU32(out, start + 6)
    this.#at = exists
      ? signatures.proveTypes(out, proofAt, { generation, ttlSeconds, types: this.#types })
      : signatures.proveNothing(out, proofAt, ttlSeconds)
    this.#authority += signatures.appended
    return this.#at >= 0
  }

  /** Of a signed denial: told by the types of the name, and by the response code only where that is expected (RFC 9824, 5.1). */
  #nameError(): number {
    return (this.#query.flags & EDNS_CO) === 0 ? RCODE.NOERROR : RCODE.NXDOMAIN
  }

  /**
   * The record that the set reader is at, its owner being the name at `owner` in the message. In one piece: it is written for each
   * record of each answer, and calls would take longer than what they do.
   * @returns false when there is no room for it, or no pointer to its owner
   */
  #record(out: Uint8Array, owner: number, ttlSeconds: number): boolean {
    const { type, at: from, length } = this.#sets
    const { bytes } = this.#cursor
    const at = this.#at
    const data = at + RECORD_HEADER_BYTES
    if (data + length > this.#limit || owner > MAX_POINTER) return false
    out[at] = 0xc0 | (owner >>> 8)
    out[at + 1] = owner
    out[at + 2] = type >>> 8
    out[at + 3] = type
    out[at + 4] = 0
    out[at + 5] = CLASS.IN
    out[at + 6] = ttlSeconds >>> 24
    out[at + 7] = ttlSeconds >>> 16
    out[at + 8] = ttlSeconds >>> 8
    out[at + 9] = ttlSeconds
    out[at + 10] = length >>> 8
    out[at + 11] = length
    for (let i = 0; i < length; i += 1) out[data + i] = bytes[from + i]!
    this.#at = data + length
    return true
  }

  #finish(query: Uint8Array, out: Uint8Array, rcode: number): number {
    const authoritative = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN
    out[0] = query[0]!
    out[1] = query[1]!
    out[2] = 0x80 | (authoritative ? 0x04 : 0) | (query[2]! & 1)
    out[3] = rcode | (this.#isSecure ? query[3]! & CD : 0)
    writeU16(out, 4, 1)
    writeU16(out, 6, this.#answers)
    writeU16(out, 8, this.#authority)
    writeU16(out, 10, this.#extra + (this.#query.edns ? 1 : 0))
    if (this.#query.edns) this.#opt(out, rcode)
    return this.#at
  }

  #opt(out: Uint8Array, rcode: number): void {
    const isError = rcode === RCODE.REFUSED || rcode === RCODE.SERVFAIL
    const at = this.#at
    out[at] = 0
    writeU16(out, at + 1, TYPE.OPT)
    writeU16(out, at + 3, MAX_UDP_BYTES)
    writeU16(out, at + 5, 0)
    writeU16(out, at + 7, this.#query.flags & (this.#isSecure ? EDNS_DO | EDNS_CO : EDNS_DO))
    writeU16(out, at + 9, this.#optBytes - OPT_BYTES + (isError ? ERROR_BYTES : 0))
    this.#at = at + OPT_BYTES
    if (this.#optBytes > OPT_BYTES) this.#cookie(out)
    if (isError)
      this.#error(out, rcode === RCODE.REFUSED ? EXTENDED_ERROR.NOT_AUTHORITATIVE : EXTENDED_ERROR.NOT_READY)
  }

  #cookie(out: Uint8Array): void {
    writeU16(out, this.#at, EDNS_OPTION.COOKIE)
    writeU16(out, this.#at + 2, COOKIE_BYTES)
    this.#cookies?.write(out, this.#at + OPTION_HEADER_BYTES)
    this.#at += COOKIE_OPTION_BYTES
  }

  /** There is room: a message with an error holds nothing but its question, which is shorter than any limit. */
  #error(out: Uint8Array, code: number): void {
    writeU16(out, this.#at, EDNS_OPTION.EXTENDED_ERROR)
    writeU16(out, this.#at + 2, 2)
    writeU16(out, this.#at + OPTION_HEADER_BYTES, code)
    this.#at += ERROR_BYTES
  }
}
