import type { AnswerContext, AnswerSettings, Transport } from '../../src/dns/answer/context.ts'

/** A query from 192.0.2.1, in the first second of 1970, to a server that tells nothing of itself. */
export function askedOver(transport: Transport, settings: AnswerSettings = {}): AnswerContext {
  return { transport, settings, requester: { octets: Uint8Array.of(192, 0, 2, 1), length: 4, nowSeconds: 0 } }
}
