/** A name on the wire: length octets and labels, uncompressed, the root's zero at the end; any octet may stand in a label. */
export type WireName = Uint8Array

export interface Header {
  readonly id: number
  readonly response: boolean
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly zero: boolean
  readonly authenticData: boolean
  readonly checkingDisabled: boolean
  /** 12 bits where the message has an OPT record, else 4 (RFC 6891, 6.1.3). */
  readonly rcode: number
}

export interface Question {
  readonly name: WireName
  readonly type: number
  readonly class: number
}

export interface ResourceRecord {
  readonly name: WireName
  readonly type: number
  readonly class: number
  readonly ttlSeconds: number
  /** Names in the rdata of NS, CNAME and SOA are uncompressed here; all other rdata is opaque (RFC 3597). */
  readonly rdata: Uint8Array
}

export interface EdnsOption {
  readonly code: number
  readonly data: Uint8Array
}

/** The OPT record (RFC 6891, 6.1.2). */
export interface Edns {
  readonly version: number
  /** As sent: below 512 it counts as 512 (RFC 6891, 6.2.3). */
  readonly payloadBytes: number
  /** 16 bits, DO the topmost. */
  readonly flags: number
  readonly options: readonly EdnsOption[]
}

export interface Message {
  readonly header: Header
  readonly questions: readonly Question[]
  readonly answers: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Without the OPT record. */
  readonly additional: readonly ResourceRecord[]
  readonly edns?: Edns
}

/** Why octets are no DNS message. A closed set: tests and counters name them. */
export type FormatReason =
  | 'short header'
  | 'message ends too early'
  | 'label type'
  | 'name too long'
  | 'pointer not backwards'
  | 'too many pointers'
  | 'pointer in question'
  | 'rdata length'
  | 'two OPT records'
  | 'OPT outside additional'
  | 'OPT not at the root'
  | 'option list'
  | 'trailing octets'

export interface FormatError {
  readonly reason: FormatReason
  /** Where reading stopped. */
  readonly offset: number
}
