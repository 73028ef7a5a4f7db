import { timingSafeEqual } from 'node:crypto'
import type { Requester } from './requester.ts'
import { SipHash } from './siphash.ts'

/** Octets of a client cookie (RFC 7873, 4). */
const CLIENT_BYTES = 8
/** Octets of a server cookie of version 1, the only one that is made (RFC 9018, 4). */
const SERVER_BYTES = 16
/** Octets of the option in a response: both cookies. */
export const COOKIE_BYTES = CLIENT_BYTES + SERVER_BYTES
/** A server cookie, of whatever server, has 8 to 32 octets (RFC 7873, 4). */
const MAX_OPTION_BYTES = 40
const MIN_FULL_OPTION_BYTES = 16
export const COOKIE_SECRET_BYTES = 16

const VERSION = 1
/** RFC 9018, 4.3: how old a cookie may be, how far ahead of our clock, and when it is made anew. */
const MAX_AGE_SECONDS = 3_600
const MAX_AHEAD_SECONDS = 300
const RENEW_AGE_SECONDS = 1_800

const NO_SECRET = -1

/** What a COOKIE option proves: nothing yet, or that this client has had a cookie of ours, at this address. */
export type CookieProof = 'none' | 'proven'

/** True when a COOKIE option of so many octets can be one (RFC 7873, 5.2.2). */
export function isCookieLength(length: number): boolean {
  return length === CLIENT_BYTES || (length >= MIN_FULL_OPTION_BYTES && length <= MAX_OPTION_BYTES)
}

/**
 * Server cookies as all servers make them that share a secret (RFC 9018, 4): read() the option of a query, then write()
 * that of the response. Holds one option at a time; allocates nothing.
 */
export class ServerCookies {
  readonly #hashes: readonly SipHash[]
  /** Client cookie, version, reserved, time, address: what is hashed. */
  readonly #input = new Uint8Array(CLIENT_BYTES + 8 + 16)
  readonly #cookie = new Uint8Array(COOKIE_BYTES)
  readonly #given = new Uint8Array(8)
  readonly #expected = new Uint8Array(8)
  /** Of the option read last. */
  proof: CookieProof = 'none'

  /** @param secrets - of 16 octets each; cookies are made with the first, those of the others are known and replaced (RFC 9018, 5) */
  constructor(secrets: readonly Uint8Array[]) {
    this.#hashes = secrets.map((secret) => new SipHash(secret))
  }

  /** No option has been read. */
  forget(): void {
    this.proof = 'none'
  }

  /**
   * Take in the option at `at` and make up the answer to it.
   * @param length - one that isCookieLength() accepts
   */
  read(bytes: Uint8Array, at: number, { length, requester }: CookieOption): CookieProof {
    const cookie = this.#cookie
    for (let i = 0; i < CLIENT_BYTES; i += 1) cookie[i] = bytes[at + i]! // isCookieLength
    const now = requester.nowSeconds >>> 0
    const given = at + CLIENT_BYTES
    const madeAt = length === COOKIE_BYTES && bytes[given] === VERSION ? u32(bytes, given + 4) : undefined
    const ageSeconds = madeAt === undefined ? 0 : (now - madeAt) | 0 // by serial number arithmetic (RFC 9018, 4.3)
    const isInTime = ageSeconds <= MAX_AGE_SECONDS && ageSeconds >= -MAX_AHEAD_SECONDS
    const secret = madeAt !== undefined && isInTime ? this.#secretOf(bytes, given, requester) : NO_SECRET
    if (secret === 0 && ageSeconds <= RENEW_AGE_SECONDS) {
      for (let i = 0; i < SERVER_BYTES; i += 1) cookie[CLIENT_BYTES + i] = bytes[given + i]! // its length is that of ours
    } else {
      this.#make(now, requester)
    }
    this.proof = secret === NO_SECRET ? 'none' : 'proven'
    return this.proof
  }

  /** The option's 24 octets, for the client whose option was read last. */
  write(out: Uint8Array, at: number): void {
    for (let i = 0; i < COOKIE_BYTES; i += 1) out[at + i] = this.#cookie[i]!
  }

  #make(now: number, requester: Requester): void {
    const cookie = this.#cookie
    cookie[CLIENT_BYTES] = VERSION
    cookie.fill(0, CLIENT_BYTES + 1, CLIENT_BYTES + 4)
    for (let i = 0; i < 4; i += 1) cookie[CLIENT_BYTES + 4 + i] = now >>> (24 - i * 8)
    this.#hashes[0]?.write(this.#input, this.#fill(cookie, CLIENT_BYTES, requester), cookie, COOKIE_BYTES - 8)
  }

  /** @returns which secret made the cookie; reserved octets count as they came, another server may have set them (RFC 9018, 4.2) */
  #secretOf(bytes: Uint8Array, serverAt: number, requester: Requester): number {
    const length = this.#fill(bytes, serverAt, requester)
    for (let i = 0; i < 8; i += 1) this.#given[i] = bytes[serverAt + 8 + i]! // its length is that of ours
    for (let i = 0; i < this.#hashes.length; i += 1) {
      this.#hashes[i]!.write(this.#input, length, this.#expected, 0) // i < length
      if (timingSafeEqual(this.#expected, this.#given)) return i
    }
    return NO_SECRET
  }

  /** @returns how many octets are to be hashed */
  #fill(server: Uint8Array, serverAt: number, { octets, length }: Requester): number {
    const input = this.#input
    for (let i = 0; i < CLIENT_BYTES; i += 1) input[i] = this.#cookie[i]!
    for (let i = 0; i < 8; i += 1) input[CLIENT_BYTES + i] = server[serverAt + i]!
    for (let i = 0; i < length; i += 1) input[CLIENT_BYTES + 8 + i] = octets[i]!
    return CLIENT_BYTES + 8 + length
  }
}

/** How long the option is, and who sent it. */
interface CookieOption {
  readonly length: number
  readonly requester: Requester
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
