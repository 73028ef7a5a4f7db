import { secure } from '../dnssec/secure.ts'
import { lookUp, type Lookup, type ZoneView } from '../lookup.ts'
import {
  CLASS,
  EDNS_CO,
  EDNS_DO,
  EXTENDED_ERROR,
  HEADER_BYTES,
  isMetaType,
  OPCODE,
  RCODE,
  TYPE,
} from '../protocol.ts'
import { decodeMessage } from '../wire/decode.ts'
import type { Edns, Message, Question } from '../wire/message.ts'
import { answerChaos } from './chaos.ts'
import { compose } from './compose.ts'
import { isStream, type AnswerContext } from './context.ts'
import { fit } from './fit.ts'
import { readOptions, type AskedOptions } from './options.ts'
import { bare, type Reply } from './reply.ts'
import { scopePrefixOf, toldOf, viewFor } from './tailoring.ts'

const NO_OPTIONS: AskedOptions = { serverId: false, keepalive: false, padding: false }

/** What an answer is made from. */
interface Source {
  readonly view: ZoneView
  readonly context: AnswerContext
}

/**
 * Answer one query from the zones, by the rules for an authoritative server. Never throws, whatever the octets.
 * @param query - a message as received, without TCP's length field
 * @returns the response, within what the transport and the client allow; undefined when none may be sent: the octets are
 *   shorter than a header, or are themselves a response (two servers would answer each other for ever)
 */
export function answer(query: Uint8Array, view: ZoneView, context: AnswerContext): Uint8Array | undefined {
  if (query.length < HEADER_BYTES || (query[2]! & 0x80) !== 0) return undefined // length checked
  const opcode = (query[2]! >> 3) & 15 // length checked
  if (opcode !== OPCODE.QUERY) return notImplemented(query, opcode)

  const decoded = decodeMessage(query)
  const received = decoded.message
  if (received === undefined) return undefined
  const isOldEnough = received.edns === undefined || received.edns.version === 0
  const asked = isOldEnough ? readOptions(received.edns, context) : NO_OPTIONS // a later version's options may mean anything
  const isReadable = decoded.kind === 'message' && asked !== undefined
  const reply = isReadable ? respond(received, asked, { view, context }) : bare(RCODE.FORMERR)
  const question = received.questions.length === 1 ? received.questions[0] : undefined
  const { scopePrefix = 0 } = reply
  return fit({ reply, received, question, asked: asked ?? NO_OPTIONS, scopePrefix }, context)
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

function respond({ questions, edns }: Message, asked: AskedOptions, { view, context }: Source): Reply {
  const [question, second] = questions
  const isForCookie = question === undefined && asked.cookie !== undefined
  if (isForCookie) return bare(RCODE.NOERROR) // RFC 7873, 5.4: whoever wants a cookie and nothing else
  if (question === undefined || second !== undefined) return bare(RCODE.FORMERR)
  if (edns !== undefined && edns.version !== 0) return bare(RCODE.BADVERS)
  const refusal = refusalOf(question)
  if (refusal !== undefined) return refusal
  if (question.class === CLASS.CH) return answerChaos(question, context.settings)
  const chosen = viewFor(view, asked.subnet)
  const found = toldOf(lookUp(chosen, question.name, question.type), asked.subnet)
  if (context.notes !== undefined) context.notes.madeFromBytes = madeFromBytes(found)
  const reply = { ...compose(found, view), scopePrefix: scopePrefixOf(found, asked.subnet) }
  const { signer } = context.settings
  if (signer === undefined || signer.origins.length === 0) return reply
  const query = {
    question,
    dnssecOk: hasFlag(edns, EDNS_DO),
    compactOk: hasFlag(edns, EDNS_CO),
    isProven: isStream(context.transport) || asked.cookie?.proof === 'proven',
    nowSeconds: context.requester.nowSeconds,
  }
  return secure(reply, { found, query, view: chosen, signer })
}

/** What a signed zone says of a name that is not there, it says to all such names: its NSEC record may be asked for by name. */
function madeFromBytes({ links, end, madeFromBytes = 0 }: Lookup): number {
  return links.length === 0 && end.kind === 'no-name' ? end.zone.origin.length : madeFromBytes
}

function hasFlag(edns: Edns | undefined, flag: number): boolean {
  return edns !== undefined && (edns.flags & flag) !== 0
}

/** What is answered without looking: types that are no data, and classes that are not ours. */
function refusalOf({ type, class: klass }: Question): Reply | undefined {
  if (type === TYPE.OPT) return bare(RCODE.FORMERR) // RFC 6891, 6.1.1
  if (type === TYPE.NXNAME) return bare(RCODE.FORMERR, EXTENDED_ERROR.INVALID_QUERY_TYPE) // RFC 9824, 3.5
  if (klass !== CLASS.IN && klass !== CLASS.CH) return bare(RCODE.REFUSED)
  if (type === TYPE.AXFR || type === TYPE.IXFR) return bare(RCODE.REFUSED, EXTENDED_ERROR.PROHIBITED) // deny by default
  if (isMetaType(type) && type !== TYPE.ANY) return bare(RCODE.NOTIMP, EXTENDED_ERROR.NOT_SUPPORTED)
  return undefined
}
