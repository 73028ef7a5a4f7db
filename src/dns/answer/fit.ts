import { EDNS_CO, EDNS_DO, MAX_TCP_BYTES, MAX_UDP_BYTES, OPCODE, PLAIN_UDP_BYTES } from '../protocol.ts'
import { encodeMessage } from '../wire/encode.ts'
import type { Edns, EdnsOption, Header, Message, Question, ResourceRecord } from '../wire/message.ts'
import { isStream, type AnswerContext } from './context.ts'
import { isPadded, paddingFor, responseOptions, withoutError, type AskedOptions } from './options.ts'
import type { Reply } from './reply.ts'

/** A reply, and what it replies to. */
export interface Fitting {
  readonly reply: Reply
  readonly received: Message
  readonly question: Question | undefined
  readonly asked: AskedOptions
  /** For how wide a network the answer holds (RFC 7871, 7.2.1). */
  readonly scopePrefix: number
}

/**
 * The whole reply; without its courtesy part; or, where even that is too long, only header, question and OPT with TC.
 * @returns undefined where not even that fits
 */
export function fit(fitting: Fitting, context: AnswerContext): Uint8Array | undefined {
  const { reply, received, asked } = fitting
  const allowedBytes = isStream(context.transport) ? MAX_TCP_BYTES : udpLimit(received.edns)
  const maxBytes = allowedBytes - (context.reservedBytes ?? 0)
  const message = messageOf(fitting, context)
  const short = withOptions(message, withoutError(message.edns?.options ?? []))
  const whole = reply.isCutShort === true ? undefined : encodeWhole({ message, short, reply }, maxBytes)
  if (whole !== undefined && message.edns !== undefined && isPadded(asked, context))
    return padded(message, { reply, plain: whole, maxBytes })
  return (
    whole ??
    encodeMessage(
      { ...short, header: { ...message.header, truncated: true }, answers: [], authority: [] },
      maxBytes,
    )
  )
}

/** With everything; then without what explains, without signatures of the courtesy, without the courtesy. */
function encodeWhole(
  { message, short, reply }: { message: Message; short: Message; reply: Reply },
  maxBytes: number,
): Uint8Array | undefined {
  return (
    encodeMessage({ ...message, additional: additionalOf(reply) }, maxBytes) ??
    encodeMessage({ ...short, additional: additionalOf(reply) }, maxBytes) ??
    encodeMessage({ ...short, additional: [...reply.glue, ...reply.extra] }, maxBytes) ??
    encodeMessage({ ...short, additional: reply.glue }, maxBytes)
  )
}

function additionalOf({ glue, extra, extraSignatures = [] }: Reply): readonly ResourceRecord[] {
  return [...glue, ...extra, ...extraSignatures]
}

/** RFC 7830; where padding does not fit, it is not needed: the message is as long as any. */
function padded(
  message: Message,
  { reply, plain, maxBytes }: { reply: Reply; plain: Uint8Array; maxBytes: number },
): Uint8Array {
  const options = [...(message.edns?.options ?? []), paddingFor(plain.length)]
  const longer = { ...withOptions(message, options), additional: additionalOf(reply) }
  return encodeMessage(longer, maxBytes) ?? plain
}

function withOptions(message: Message, options: readonly EdnsOption[]): Message {
  return message.edns === undefined ? message : { ...message, edns: { ...message.edns, options } }
}

function messageOf(
  { reply, received, question, asked, scopePrefix }: Fitting,
  context: AnswerContext,
): Message {
  const { edns } = received
  return {
    header: headerOf(received.header, reply),
    questions: question === undefined ? [] : [question],
    answers: reply.answers,
    authority: reply.authority,
    additional: [],
    ...(edns === undefined
      ? {}
      : {
          edns: {
            version: 0,
            payloadBytes: MAX_UDP_BYTES,
            flags: edns.flags & (reply.isSecure === true ? EDNS_DO | EDNS_CO : EDNS_DO),
            options: responseOptions(asked, context, { scopePrefix, error: reply.error }),
          },
        }),
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
    checkingDisabled: reply.isSecure === true && received.checkingDisabled,
    rcode: reply.rcode,
  }
}

/** The longest response over UDP, in octets (RFC 6891, 6.2.3 to 6.2.5). @param edns - of the request */
export function udpLimit(edns: Edns | undefined): number {
  if (edns === undefined) return PLAIN_UDP_BYTES
  return Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, edns.payloadBytes))
}
