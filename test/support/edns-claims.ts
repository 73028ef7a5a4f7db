import { describe, expect, it } from 'vitest'
import type { AnswerSettings, Transport } from '../../src/dns/answer/context.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import type { EdnsOption } from '../../src/dns/wire/message.ts'
import { queryBytes, type QueryShape } from './dns-query.ts'
import { replyOf } from './dns-reply.ts'
import { TestStore } from './dns-store.ts'

/** What a section of an RFC has to say of the options of one response. */
export interface OptionClaim {
  /** `section: claim` */
  readonly name: string
  readonly in: QueryShape
  /** All of them when left out. */
  readonly over?: readonly Transport[]
  readonly rcode?: string
  /** Options in order: `code:hex`. */
  readonly want: readonly string[]
}

const SOA = 'fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 1 60 15 1209600 15'
const LINES: readonly string[] = [
  SOA,
  'fed.test. 3600 NS ns1.fed.test.',
  'ns1.fed.test. 3600 A 192.0.2.53',
  'www.fed.test. 30 A 192.0.2.1',
  'alias.fed.test. 30 CNAME www.fed.test.',
]

export function option(code: number, ...data: readonly number[]): EdnsOption {
  return { code, data: Uint8Array.from(data) }
}

/** Hold answers from one zone, in memory, to claims about their options. */
export function optionClaims(rfc: string, settings: AnswerSettings, claims: readonly OptionClaim[]): void {
  const store = new TestStore(8 * 1024 * 1024, settings).serve(['fed.test'], LINES)
  store.state('loading.test', 'loading')
  store.state('expired.test', 'expired')
  const cases = claims.flatMap((claim) =>
    (claim.over ?? (['udp', 'tcp', 'tls', 'https'] as const)).map((transport) => ({ ...claim, transport })),
  )
  describe(rfc, () => {
    it.each(cases)('$name, over $transport', ({ in: shape, transport, want, rcode = 'NOERROR' }) => {
      const response = store.octets(queryBytes(shape), transport)!

      expect(optionsOf(response)).toEqual(want)
      expect(replyOf(response).rcode).toBe(rcode)
    })
  })
}

/** The options of a response, in order: `code:hex`. */
export function optionsOf(response: Uint8Array): readonly string[] {
  const options = decodeMessage(response).message?.edns?.options ?? []
  return options.map(({ code, data }) => `${code}:${Buffer.from(data).toString('hex')}`)
}
