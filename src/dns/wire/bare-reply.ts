import { EDNS_DO, MAX_TCP_BYTES, MAX_UDP_BYTES } from '../protocol.ts'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'

const NOTHING = new Uint8Array(0)

/**
 * A response code and nothing else: header, question and OPT, as far as the request could be read.
 * @param request - of at least 12 octets; shorter ones give nothing
 */
export function bareReply(request: Uint8Array, rcode: number): Uint8Array {
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
  const opt = { version: 0, payloadBytes: MAX_UDP_BYTES, flags: (edns?.flags ?? 0) & EDNS_DO, options: [] }
  return encodeMessage(edns === undefined ? response : { ...response, edns: opt }, MAX_TCP_BYTES) ?? NOTHING
}
