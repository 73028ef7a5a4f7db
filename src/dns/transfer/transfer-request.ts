import { nameOfWire, type DomainName } from '../names.ts'
import { CLASS, RCODE, TYPE } from '../protocol.ts'
import { serialOf } from '../rdata/soa.ts'
import { decodeMessage } from '../wire/decode.ts'
import type { Edns, Question } from '../wire/message.ts'

/** A request for a zone, or for what has changed in it. */
export interface TransferRequest {
  readonly zone: DomainName
  /** The serial that the client has; absent: it wants all of the zone. */
  readonly since?: number
  readonly id: number
  readonly recursionDesired: boolean
  readonly question: Question
  readonly edns: Edns | undefined
}

export type ReadTransferRequest =
  | { readonly kind: 'request'; readonly request: TransferRequest }
  | { readonly kind: 'refused'; readonly rcode: number }

/**
 * Read a request for AXFR or IXFR (RFC 5936, 2.1; RFC 1995, 3).
 * @returns `refused` with FORMERR for AXFR over datagrams, which nothing defines (RFC 5936, 4.2), and for IXFR without the
 *   client's SOA; REFUSED for a class that is not ours; BADVERS for a later EDNS
 */
export function readTransferRequest(message: Uint8Array, over: 'stream' | 'datagram'): ReadTransferRequest {
  const decoded = decodeMessage(message)
  if (decoded.kind === 'malformed') return refused(RCODE.FORMERR)
  const { header, questions, authority, edns } = decoded.message
  const [question, second] = questions
  if (question === undefined || second !== undefined) return refused(RCODE.FORMERR)
  if (edns !== undefined && edns.version !== 0) return refused(RCODE.BADVERS)
  if (question.class !== CLASS.IN) return refused(RCODE.REFUSED)
  const zone = nameOfWire(question.name)
  const { id, recursionDesired } = header
  const common = { zone, id, recursionDesired, question, edns }
  if (question.type === TYPE.AXFR)
    return over === 'datagram' ? refused(RCODE.FORMERR) : { kind: 'request', request: common }
  const [soa] = authority
  const isOfZone = soa?.type === TYPE.SOA && soa.class === CLASS.IN && nameOfWire(soa.name) === zone
  const since = isOfZone ? serialOf({ ...soa, rdata: [soa.rdata] }) : undefined
  if (question.type !== TYPE.IXFR || since === undefined) return refused(RCODE.FORMERR)
  return { kind: 'request', request: { ...common, since } }
}

function refused(rcode: number): ReadTransferRequest {
  return { kind: 'refused', rcode }
}
