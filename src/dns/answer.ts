import { lookUp, type Ending, type Lookup, type ReadyZone, type ZoneView } from './lookup.ts'
import {
  CLASS,
  EDNS_DO,
  HEADER_BYTES,
  isMetaType,
  MAX_TCP_BYTES,
  MAX_UDP_BYTES,
  OPCODE,
  PLAIN_UDP_BYTES,
  RCODE,
  TYPE,
} from './protocol.ts'
import { negativeTtlSeconds } from './rdata/soa.ts'
import type { RecordSet } from './records.ts'
import { decodeMessage } from './wire/decode.ts'
import { encodeMessage } from './wire/encode.ts'
import type { Edns, Header, Message, Question, ResourceRecord, WireName } from './wire/message.ts'
import { foldName, labelCount, nameKey, parentName } from './wire/name.ts'

export type Transport = 'udp' | 'tcp'

/** What is to be said, before it is known whether it fits. */
interface Reply {
  readonly rcode: number
  readonly authoritative: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Addresses without which a referral leads nowhere: where they do not fit, neither does the reply (RFC 9471, 3.1). */
  readonly glue: readonly ResourceRecord[]
  /** A courtesy: left out where it does not fit, without saying so (RFC 2181, 9). */
  readonly extra: readonly ResourceRecord[]
}

/**
 * Answer one query from the zones, by the rules for an authoritative server. Never throws, whatever the octets.
 * @param query - a message as received, without TCP's length field
 * @returns the response, within what the transport and the client allow; undefined when none may be sent: the octets are
 *   shorter than a header, or are themselves a response (two servers would answer each other for ever)
 */
export function answer(query: Uint8Array, view: ZoneView, transport: Transport): Uint8Array | undefined {
  if (query.length < HEADER_BYTES || (query[2]! & 0x80) !== 0) return undefined // length checked
  const opcode = (query[2]! >> 3) & 15 // length checked
  if (opcode !== OPCODE.QUERY) return notImplemented(query, opcode)

  const decoded = decodeMessage(query)
  const received = decoded.message
  if (received === undefined) return undefined
  const question = received.questions.length === 1 ? received.questions[0] : undefined
  const broken = decoded.kind === 'malformed' || question === undefined
  const reply = broken ? bare(RCODE.FORMERR) : respond(question, received.edns, view)
  return fit(reply, received, question, transport)
}

/** Header only, all flags clear, the body not looked at (RFC 8906, 3.1.4). */
function notImplemented(query: Uint8Array, opcode: number): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES)
  out[0] = query[0]! // length checked by the caller
  out[1] = query[1]!
  out[2] = 0x80 | (opcode << 3)
  out[3] = RCODE.NOTIMP
  return out
}

function respond(question: Question, edns: Edns | undefined, view: ZoneView): Reply {
  if (edns !== undefined && edns.version !== 0) return bare(RCODE.BADVERS)
  const refusal = refusalOf(question)
  if (refusal !== undefined) return bare(refusal)
  return compose(lookUp(view, question.name, question.type), view)
}

/** What is answered without looking: types that are no data, and classes that are not ours. */
function refusalOf({ type, class: klass }: Question): number | undefined {
  if (type === TYPE.OPT || type === TYPE.NXNAME) return RCODE.FORMERR // RFC 6891, 6.1.1; RFC 9824, 3.5
  if (klass !== CLASS.IN) return RCODE.REFUSED
  if (type === TYPE.AXFR || type === TYPE.IXFR) return RCODE.REFUSED // no transfers: deny by default
  return isMetaType(type) && type !== TYPE.ANY ? RCODE.NOTIMP : undefined
}

function bare(rcode: number): Reply {
  return { rcode, authoritative: false, answers: [], authority: [], glue: [], extra: [] }
}

function compose(found: Lookup, view: ZoneView): Reply {
  const links = found.links.flatMap(({ name, set }) => recordsOf(name, set))
  const { end } = found
  switch (end.kind) {
    case 'records':
      return {
        ...positive([...links, ...recordsOf(found.name, end.set)]),
        extra: addressesOf(targetsOf(end.set), view),
      }
    case 'referral':
      return referral(links, end, view)
    case 'too-long':
      return { ...positive(links), rcode: RCODE.YXDOMAIN }
    case 'no-data':
    case 'no-name':
      return denial(links, found.name, end, view)
    case 'not-ours':
    case 'not-ready':
      if (links.length > 0) return positive(links) // the part that we know; the rest is for whoever asks again
      return bare(end.kind === 'not-ours' ? RCODE.REFUSED : RCODE.SERVFAIL)
    case 'no-end':
    case 'made':
      return positive(links)
  }
}

function positive(answers: readonly ResourceRecord[]): Reply {
  return { rcode: RCODE.NOERROR, authoritative: true, answers, authority: [], glue: [], extra: [] }
}

/** With the SOA of the zone where the chain ended, its TTL cut to the negative one (RFC 2308, 2.1, 2.2, 3). */
function denial(
  links: readonly ResourceRecord[],
  name: WireName,
  end: Extract<Ending, { zone: ReadyZone }>,
  view: ZoneView,
): Reply {
  const soa = view.at(end.zone.origin)?.find((set) => set.type === TYPE.SOA)
  if (soa === undefined) return bare(RCODE.SERVFAIL) // gone since it was found ready
  const rcode = end.kind === 'no-name' ? RCODE.NXDOMAIN : RCODE.NOERROR
  const owner = name.subarray(name.length - end.zone.origin.length) // in the client's spelling, so that it compresses
  const authority = recordsOf(owner, { ...soa, ttlSeconds: negativeTtlSeconds(soa) })
  return { rcode, authoritative: true, answers: links, authority, glue: [], extra: [] }
}

/** To the servers of a delegation; authoritative only for the aliases that led to it (RFC 1034, 4.3.2, 3b; 6604, 2.1). */
function referral(
  links: readonly ResourceRecord[],
  { cut, servers }: Extract<Ending, { kind: 'referral' }>,
  view: ZoneView,
): Reply {
  const [inside, outside] = partition(targetsOf(servers), (target) => isBelow(target, cut))
  return {
    rcode: RCODE.NOERROR,
    authoritative: links.length > 0,
    answers: links,
    authority: recordsOf(cut, servers),
    glue: addressesOf(inside, view),
    extra: addressesOf(outside, view),
  }
}

/** Where the name stands in rdata whose target's addresses are sent along (RFC 1035, 3.3.9, 3.3.11; 2782; 9460, 4.1). */
const TARGET_AT: Readonly<Record<number, number>> = {
  [TYPE.NS]: 0,
  [TYPE.MX]: 2,
  [TYPE.SRV]: 6,
  [TYPE.SVCB]: 2,
  [TYPE.HTTPS]: 2,
}

function targetsOf(set: RecordSet): readonly WireName[] {
  const at = TARGET_AT[set.type]
  if (at === undefined) return []
  return set.rdata.map((rdata) => rdata.subarray(at, at + nameLength(rdata, at)))
}

function nameLength(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1 // at < length
  return at + 1 - start
}

/** Addresses of these names that our zones hold, glue among them, and those that a wildcard gives them. */
function addressesOf(targets: readonly WireName[], view: ZoneView): readonly ResourceRecord[] {
  return targets.flatMap((target) => {
    const name = foldName(target)
    if (name.length === 1 || view.zoneOf(name)?.ready !== true) return []
    const sets = view.at(name) ?? ADDRESS_TYPES.flatMap((type) => madeAt(view, name, type))
    return sets.filter(({ type }) => ADDRESS_TYPES.includes(type)).flatMap((set) => recordsOf(target, set))
  })
}

const ADDRESS_TYPES: readonly number[] = [TYPE.A, TYPE.AAAA]

function madeAt(view: ZoneView, name: WireName, type: number): readonly RecordSet[] {
  const { end, links } = lookUp(view, name, type)
  return end.kind === 'records' && links.length === 0 ? [end.set] : []
}

function isBelow(name: WireName, above: WireName): boolean {
  const labels = labelCount(name) - labelCount(above)
  return labels >= 0 && nameKey(foldName(parentName(name, labels))) === nameKey(foldName(above))
}

function partition<T>(
  items: readonly T[],
  test: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}

function recordsOf(name: WireName, set: RecordSet): readonly ResourceRecord[] {
  return set.rdata.map((rdata) => ({
    name,
    type: set.type,
    class: CLASS.IN,
    ttlSeconds: set.ttlSeconds,
    rdata,
  }))
}

/** The whole reply; without its courtesy part; or, where even that is too long, only header, question and OPT with TC. */
function fit(
  reply: Reply,
  received: Message,
  question: Question | undefined,
  transport: Transport,
): Uint8Array | undefined {
  const maxBytes = transport === 'tcp' ? MAX_TCP_BYTES : udpLimit(received.edns)
  const message = messageOf(reply, received, question)
  return (
    encodeMessage({ ...message, additional: [...reply.glue, ...reply.extra] }, maxBytes) ??
    encodeMessage({ ...message, additional: reply.glue }, maxBytes) ??
    encodeMessage(
      { ...message, header: { ...message.header, truncated: true }, answers: [], authority: [] },
      maxBytes,
    )
  )
}

function messageOf(reply: Reply, received: Message, question: Question | undefined): Message {
  const { edns } = received
  return {
    header: headerOf(received.header, reply),
    questions: question === undefined ? [] : [question],
    answers: reply.answers,
    authority: reply.authority,
    additional: [],
    ...(edns === undefined
      ? {}
      : { edns: { version: 0, payloadBytes: MAX_UDP_BYTES, flags: edns.flags & EDNS_DO, options: [] } }),
  }
}

function headerOf(received: Header, reply: Reply): Header {
  return {
    id: received.id,
    response: true,
    opcode: OPCODE.QUERY,
    authoritative: reply.authoritative,
    truncated: false,
    recursionDesired: received.recursionDesired,
    recursionAvailable: false,
    zero: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: reply.rcode,
  }
}

/** RFC 6891, 6.2.3 to 6.2.5. */
function udpLimit(edns: Edns | undefined): number {
  if (edns === undefined) return PLAIN_UDP_BYTES
  return Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, edns.payloadBytes))
}
