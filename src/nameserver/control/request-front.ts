import { isStream, type Transport } from '../../dns/answer/context.ts'
import { udpLimit } from '../../dns/answer/fit.ts'
import { OPCODE, RCODE } from '../../dns/protocol.ts'
import type { TsigKeys } from '../../dns/tsig/keys.ts'
import { checkRequest, type SignedRequest } from '../../dns/tsig/requests.ts'
import { bareReply } from '../../dns/wire/bare-reply.ts'
import { decodeMessage } from '../../dns/wire/decode.ts'
import type { Client } from '../client.ts'
import type { Admission } from './admission.ts'
import type { Forwarder } from './forwarder.ts'
import { controlKindOf } from './request-kind.ts'
import type { ControlKind } from './types.ts'

/** What a reader says instead of a length: the response comes later, on the client's reply path. */
export const LATER = -1

/** Makes the ordinary answer. @param reservedBytes - how much shorter than allowed it has to be */
export type Answerer = (query: Uint8Array, reservedBytes: number) => Uint8Array | undefined

export interface RequestFrontOptions {
  /** Looked at anew for each request; its reply is signed with what it was checked with, to the end. */
  readonly keys: TsigKeys
  /** Absent: nothing goes to the main thread. */
  readonly control?: { readonly admission: Admission; readonly forwarder: Forwarder }
}

/** TC, in the third octet of the header. */
const TRUNCATED_BIT = 0x02
const KNOWS_TSIG: ReadonlySet<number> = new Set([OPCODE.QUERY, OPCODE.NOTIFY, OPCODE.UPDATE])

type Signed = Extract<SignedRequest, { kind: 'signed' }>

/**
 * What comes before an ordinary answer, for messages that are no usual queries: signatures are checked, replies to signed
 * requests are signed (RFC 8945), and what the main thread has to answer goes there, if whoever asks may.
 */
export class RequestFront {
  readonly #options: RequestFrontOptions
  readonly #transport: Transport

  constructor(options: RequestFrontOptions, transport: Transport) {
    this.#options = options
    this.#transport = transport
  }

  /**
   * @param request - of at least 12 octets, no response; valid during the call only
   * @returns the response, none, or LATER
   */
  respond(request: Uint8Array, client: Client, answer: Answerer): Uint8Array | undefined | typeof LATER {
    if (!KNOWS_TSIG.has((request[2]! >> 3) & 15)) return answer(request, 0) // length checked
    const checked = checkRequest(request, this.#options.keys, client.nowSeconds)
    if (checked.kind === 'refused') return this.#fitting(checked.response, request)
    const signed = checked.kind === 'signed' ? checked : undefined
    const message = signed?.message ?? request
    const kind = controlKindOf(message)
    const later = kind === undefined ? undefined : this.#control({ kind, request, message, signed }, client)
    if (later === LATER) return LATER
    const response = later ?? answer(message, signed?.signer.extraBytes ?? 0)
    return response === undefined || signed === undefined
      ? response
      : signed.signer.sign(response, client.nowSeconds)
  }

  /** Names may be so long that a refusal does not fit over UDP with its TSIG record: then without it, and the client may come over TCP. */
  #fitting(refusal: Uint8Array, request: Uint8Array): Uint8Array {
    if (isStream(this.#transport) || refusal.length <= udpLimit(decodeMessage(request).message?.edns))
      return refusal
    const short = bareReply(request, RCODE.NOTAUTH)
    short[2]! |= TRUNCATED_BIT // it has a header, as the request has
    return short
  }

  /** @returns LATER, a refusal, or undefined where all is as if there were no main thread */
  #control(
    asked: { kind: ControlKind; request: Uint8Array; message: Uint8Array; signed: Signed | undefined },
    client: Client,
  ): Uint8Array | undefined | typeof LATER {
    const { control } = this.#options
    const { replies } = client
    if (control === undefined || replies === undefined) return undefined
    const { kind, request, message, signed } = asked
    const verdict = control.admission.judge(kind, client, signed?.key.name)
    if (verdict === 'refused' && kind !== 'transfer') return bareReply(message, RCODE.REFUSED)
    if (verdict !== 'admitted') return undefined // dns/answer refuses transfers, and says why
    const copy = new Uint8Array(message)
    const isTaken = control.forwarder.ask({
      request: {
        ...{ kind, message: copy, transport: this.#transport },
        address: client.octets.slice(0, client.length),
        ...(signed === undefined ? {} : { key: signed.key.name }),
        reservedBytes: signed?.signer.extraBytes ?? 0,
      },
      finish: {
        message: (next) => (signed === undefined ? next : signed.signer.sign(next, client.nowSeconds)),
        failure: () => {
          const failure = bareReply(copy, RCODE.SERVFAIL)
          return signed === undefined ? failure : signed.signer.sign(failure, client.nowSeconds)
        },
      },
      open: (events) => replies.open(request, events),
    })
    return isTaken ? LATER : bareReply(message, RCODE.SERVFAIL)
  }
}
