import { EDNS_DO, EDNS_OPTION, MAX_TCP_BYTES, MAX_UDP_BYTES } from '../protocol.ts'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'

const NOTHING = new Uint8Array(0)

/**
 * A response code and nothing else: header, question and OPT, as far as the request could be read.
 * @param request - of at least 12 octets; shorter ones give nothing
 * @param error - code and text of an extended error, for whoever takes EDNS (RFC 8914)
 */
export function bareReply(
  request: Uint8Array,
  rcode: number,
  error?: { readonly code: number; readonly text: string },
): Uint8Array {
  const { message } = decodeMessage(request)
  if (message === undefined) return NOTHING
  const { id, opcode, recursionDesired } = message.header
  const [question, second] = message.questions
  const response = {
    header: {
      ...{ id, opcode, recursionDesired, rcode },
      response: true,
      authoritative: false,
      truncated: false,
      recursionAvailable: false,
      zero: false,
      authenticData: false,
      checkingDisabled: false,
    },
    questions: question === undefined || second !== undefined ? [] : [question],
    answers: [],
    authority: [],
    additional: [],
  }
  const { edns } = message
  const options =
    error === undefined ? [] : [{ code: EDNS_OPTION.EXTENDED_ERROR, data: Buffer.from(`\0\0${error.text}`) }]
  options[0]?.data.writeUInt16BE(error?.code ?? 0)
  const opt = { version: 0, payloadBytes: MAX_UDP_BYTES, flags: (edns?.flags ?? 0) & EDNS_DO, options }
  return encodeMessage(edns === undefined ? response : { ...response, edns: opt }, MAX_TCP_BYTES) ?? NOTHING
}
