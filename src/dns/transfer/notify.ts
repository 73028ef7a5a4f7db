import { nameOfWire, wireName, type DomainName } from '../names.ts'
import { CLASS, MAX_UDP_BYTES, OPCODE, RCODE, TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import { decodeMessage } from '../wire/decode.ts'
import { encodeMessage } from '../wire/encode.ts'

export interface Notification {
  readonly id: number
  readonly zone: DomainName
  /** Sent along as a hint (RFC 1996, 3.7). */
  readonly soa: RecordSet
}

/** NOTIFY that a zone has another SOA (RFC 1996, 3.6 and 4.5). */
export function notifyMessage({ id, zone, soa }: Notification): Uint8Array {
  const name = wireName(zone)
  const header = {
    ...{ id, opcode: OPCODE.NOTIFY, rcode: RCODE.NOERROR, authoritative: true },
    response: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    zero: false,
    authenticData: false,
    checkingDisabled: false,
  }
  const questions = [{ name, type: TYPE.SOA, class: CLASS.IN }]
  const answers = soa.rdata.map((rdata) => ({
    ...{ name, type: TYPE.SOA, class: CLASS.IN },
    ttlSeconds: soa.ttlSeconds,
    rdata,
  }))
  const message = { header, questions, authority: [], additional: [] }
  const whole = encodeMessage({ ...message, answers }, MAX_UDP_BYTES)
  return whole ?? encodeMessage({ ...message, answers: [] }, MAX_UDP_BYTES) ?? new Uint8Array(0) // a name always fits
}

/**
 * Whether octets are the reply to a notification: its response code then, else undefined. Any code is an answer: the other server
 * knows, and asking again would not change its mind (RFC 1996, 4.8).
 */
export function notifyReply(
  octets: Uint8Array,
  { id, zone }: Pick<Notification, 'id' | 'zone'>,
): number | undefined {
  const { kind, message } = decodeMessage(octets)
  if (kind === 'malformed' || message === undefined) return undefined
  const { header, questions } = message
  const [question] = questions
  const isReply = header.response && header.opcode === OPCODE.NOTIFY && header.id === id
  const isAbout = question === undefined || nameOfWire(question.name) === zone // who does not implement it says a header only
  return isReply && isAbout ? header.rcode : undefined
}
