import { type DomainName, wireName } from '../names.ts'
import { CLASS, MAX_UDP_BYTES, OPCODE, RCODE, TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import { encodeMessage } from '../wire/encode.ts'
import type { Header, Message } from '../wire/message.ts'

const HEADER: Omit<Header, 'id'> = {
  response: false,
  opcode: OPCODE.QUERY,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  zero: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: RCODE.NOERROR,
}

/** A query for the SOA: what there is to be had. */
export function soaQuery(id: number, origin: DomainName): Uint8Array {
  return encoded(messageOf(id, origin, TYPE.SOA))
}

/** A query for the whole zone (RFC 5936, 2.1). */
export function axfrQuery(id: number, origin: DomainName): Uint8Array {
  return encoded(messageOf(id, origin, TYPE.AXFR))
}

/** A query for what has changed since (RFC 1995, 3). @param soa - of the zone as it is held */
export function ixfrQuery(id: number, origin: DomainName, soa: RecordSet): Uint8Array {
  const authority = soa.rdata.map((rdata) => {
    return { name: wireName(origin), type: TYPE.SOA, class: CLASS.IN, ttlSeconds: soa.ttlSeconds, rdata }
  })
  return encoded({ ...messageOf(id, origin, TYPE.IXFR), authority })
}

function messageOf(id: number, origin: DomainName, type: number): Message {
  return {
    header: { ...HEADER, id },
    questions: [{ name: wireName(origin), type, class: CLASS.IN }],
    answers: [],
    authority: [],
    additional: [],
  }
}

/** @throws Error never: a name and a SOA fit */
function encoded(message: Message): Uint8Array {
  const octets = encodeMessage(message, MAX_UDP_BYTES)
  if (octets === undefined) throw new Error('query does not fit')
  return octets
}
