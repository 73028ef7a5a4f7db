import { type DomainName, nameOfWire } from '../../dns/names.ts'
import { CLASS, RCODE, TYPE } from '../../dns/protocol.ts'
import { serialOf } from '../../dns/rdata/soa.ts'
import { bareReply } from '../../dns/wire/bare-reply.ts'
import { decodeMessage } from '../../dns/wire/decode.ts'

/** AA, in the third octet of the header. */
const AUTHORITATIVE = 0x04

/** What a NOTIFY says (RFC 1996, 3.7): that the zone has changed, and perhaps to which serial. */
export type Notify =
  | { readonly kind: 'notify'; readonly origin: DomainName; readonly serial: number | undefined }
  /** `rcode`: what is answered. */
  | { readonly kind: 'not understood'; readonly rcode: number }

/** Read a NOTIFY. @param message - of opcode NOTIFY, whatever else is in it */
export function readNotify(message: Uint8Array): Notify {
  const decoded = decodeMessage(message)
  if (decoded.kind === 'malformed') return { kind: 'not understood', rcode: RCODE.FORMERR }
  const { questions, answers } = decoded.message
  const [question, second] = questions
  if (question === undefined || second !== undefined || question.class !== CLASS.IN)
    return { kind: 'not understood', rcode: RCODE.FORMERR }
  if (question.type !== TYPE.SOA) return { kind: 'not understood', rcode: RCODE.NOTIMP } // RFC 9859 has others
  const origin = nameOfWire(question.name)
  const soa = answers.find(({ name, type }) => type === TYPE.SOA && nameOfWire(name) === origin)
  return {
    kind: 'notify',
    origin,
    serial: soa === undefined ? undefined : serialOf({ ...soa, rdata: [soa.rdata] }),
  }
}

/** The response: the question as it came, nothing else (RFC 1996, 3.8 and 4.7). */
export function notifyReply(message: Uint8Array, rcode: number): Uint8Array {
  const reply = bareReply(message, rcode)
  if (rcode === RCODE.NOERROR && reply.length > 2) reply[2] = reply[2]! | AUTHORITATIVE // length checked
  return reply
}
