import { CLASS, RCODE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import type { ResourceRecord, WireName } from '../wire/message.ts'

/** Why a response is not what was hoped for, for the person who looks into it (RFC 8914). */
export interface ExtendedError {
  /** One of EXTENDED_ERROR. */
  readonly code: number
  readonly text?: string
}

/** What is to be said, before it is known whether it fits. */
export interface Reply {
  readonly rcode: number
  readonly authoritative: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Addresses without which a referral leads nowhere: where they do not fit, neither does the reply (RFC 9471, 3.1). */
  readonly glue: readonly ResourceRecord[]
  /** A courtesy: left out where it does not fit, without saying so (RFC 2181, 9). */
  readonly extra: readonly ResourceRecord[]
  /** Signatures of the courtesy: left out before it (RFC 4035, 3.1.1). */
  readonly extraSignatures?: readonly ResourceRecord[]
  /** From a signed zone, to someone who asked for signatures: CD and CO go back (RFC 8906, 8.1.3.1; RFC 9824, 5.1). */
  readonly isSecure?: boolean
  /** There is more, and it is to be asked for by TCP: sent without its records, with TC. */
  readonly isCutShort?: boolean
  /** For how wide a network the answer section holds (RFC 7871, 7.2.1); absent: for everyone. */
  readonly scopePrefix?: number
  readonly error?: ExtendedError
}

/** A response code and nothing else. */
export function bare(rcode: number, errorCode?: number): Reply {
  const reply = { rcode, authoritative: false, answers: [], authority: [], glue: [], extra: [] }
  return errorCode === undefined ? reply : { ...reply, error: { code: errorCode } }
}

export function positive(answers: readonly ResourceRecord[]): Reply {
  return { rcode: RCODE.NOERROR, authoritative: true, answers, authority: [], glue: [], extra: [] }
}

/** The records of a set, for a message. */
export function recordsOf(name: WireName, set: RecordSet): readonly ResourceRecord[] {
  return set.rdata.map((rdata) => ({
    name,
    type: set.type,
    class: CLASS.IN,
    ttlSeconds: set.ttlSeconds,
    rdata,
  }))
}
