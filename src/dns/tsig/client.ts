import { nameOfWire, wireName } from '../names.ts'
import { RCODE } from '../protocol.ts'
import { nameKey } from '../wire/name.ts'
import { ALGORITHM } from './algorithms.ts'
import { isMac, macOf, type DigestedFields } from './digest.ts'
import { leastMacBytes, type TsigKey } from './keys.ts'
import { findTsig, unsigned, withTsig, type FoundTsig } from './record.ts'
import { FUDGE_SECONDS } from './replies.ts'

/** A request with its signature, and what its reply is checked with. */
export interface SigningClient {
  readonly request: Uint8Array
  readonly verifier: ReplyVerifier
}

/** Sign a request (RFC 8945, 5.1). @param message - with a header, without TSIG */
export function signRequest(message: Uint8Array, key: TsigKey, nowSeconds: number): SigningClient {
  const record = {
    keyName: wireName(key.name),
    algorithm: ALGORITHM[key.algorithm].name,
    timeSeconds: nowSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    originalId: message[0]! * 0x100 + message[1]!, // it has a header
    error: 0,
    other: new Uint8Array(0),
  }
  const mac = macOf(key, { messages: [message], record, fields: 'all' })
  return { request: withTsig(message, { ...record, mac }), verifier: new ReplyVerifier(key, mac) }
}

/** Why a message of a reply is not to be believed. A closed set, for logs. */
export type BadReply =
  | 'unsigned'
  | 'malformed'
  | 'other key'
  | 'wrong mac'
  | 'wrong time'
  /** The server says so, of our request. */
  | 'BADSIG'
  | 'BADKEY'
  | 'BADTIME'
  | 'BADTRUNC'

export type VerifiedReply =
  /** `message` is without signature. `proven`: this and all messages before it come from whoever holds the key. */
  | { readonly kind: 'good'; readonly message: Uint8Array; readonly proven: boolean }
  | { readonly kind: 'bad'; readonly reason: BadReply }

/** As many messages of a stream may come unsigned in a row (RFC 8945, 5.3.1). */
const MAX_UNSIGNED = 99
const SAID: Readonly<Record<number, BadReply>> = { 16: 'BADSIG', 17: 'BADKEY', 18: 'BADTIME', 22: 'BADTRUNC' }

/**
 * Checks the reply to a signed request, message by message (RFC 8945, 5.4 and 5.3.1). The first and the last message must
 * be signed: a stream has come to its end only when `proven` is true for the last one. After one bad message, give up.
 */
export class ReplyVerifier {
  readonly #key: TsigKey
  #priorMac: Uint8Array
  #fields: DigestedFields = 'all'
  /** Unsigned messages since the last signed one. */
  #waiting: Uint8Array[] = []

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key
    this.#priorMac = requestMac
  }

  check(message: Uint8Array, nowSeconds: number): VerifiedReply {
    const found = findTsig(message)
    switch (found.kind) {
      case 'absent':
        return this.#keep(message)
      case 'malformed':
        return bad('malformed')
      case 'found':
        return this.#judge(message, found, nowSeconds)
    }
  }

  #keep(message: Uint8Array): VerifiedReply {
    if (this.#fields === 'all' || this.#waiting.length === MAX_UNSIGNED) return bad('unsigned')
    this.#waiting.push(new Uint8Array(message))
    return { kind: 'good', message, proven: false }
  }

  #judge(
    message: Uint8Array,
    found: Extract<FoundTsig, { kind: 'found' }>,
    nowSeconds: number,
  ): VerifiedReply {
    const { record } = found
    const said = SAID[record.error]
    const isRefusal = record.mac.length === 0 && said !== undefined && (message[3]! & 15) === RCODE.NOTAUTH
    if (isRefusal) return bad(said) // unsigned by rule; it says no more than that nothing is done
    const facts = ALGORITHM[this.#key.algorithm]
    const isOurs =
      nameOfWire(record.keyName) === this.#key.name && nameKey(record.algorithm) === nameKey(facts.name)
    if (!isOurs) return bad('other key')
    const { length } = record.mac
    const isLongEnough =
      length >= (this.#key.minMacBytes ?? facts.macBytes) && length >= leastMacBytes(this.#key.algorithm)
    if (length > facts.macBytes || !isLongEnough) return bad('malformed')
    const bare = unsigned(message, found)
    const messages = [...this.#waiting, bare]
    const mac = macOf(this.#key, { priorMac: this.#priorMac, messages, record, fields: this.#fields })
    if (!isMac(record.mac, mac)) return bad('wrong mac')
    if (said !== undefined) return bad(said)
    if (Math.abs(nowSeconds - record.timeSeconds) > record.fudgeSeconds) return bad('wrong time')
    this.#priorMac = record.mac
    this.#fields = 'times'
    this.#waiting = []
    return { kind: 'good', message: bare, proven: true }
  }
}

function bad(reason: BadReply): VerifiedReply {
  return { kind: 'bad', reason }
}
