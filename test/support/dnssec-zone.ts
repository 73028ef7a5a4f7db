import type { ZoneKey } from '../../src/dns/dnssec/key-file.ts'
import { dnskeyRdata } from '../../src/dns/dnssec/dnskey.ts'
import { keySets } from '../../src/dns/dnssec/key-sets.ts'
import { planKeys } from '../../src/dns/dnssec/key-times.ts'
import type { Transport } from '../../src/dns/answer/context.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { typeName } from '../../src/dns/rdata/type-names.ts'
import type { NameChange } from '../../src/dns/records.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import type { Message, ResourceRecord } from '../../src/dns/wire/message.ts'
import { presentName } from '../../src/dns/wire/name.ts'
import { OnlineSigner } from '../../src/nameserver/dnssec/online-signer.ts'
import type { SigningLimits } from '../../src/nameserver/dnssec/signing-budget.ts'
import type { SigningZone } from '../../src/nameserver/dnssec/signing-key.ts'
import { changesOf } from './dns-lines.ts'
import { queryBytes, type QueryShape } from './dns-query.ts'
import { replyOf } from './dns-reply.ts'
import { TestStore } from './dns-store.ts'
import { readSignature, wrongSignatures, type TrustedKey } from './dnssec-verify.ts'

export interface SignedZones {
  readonly origins: readonly string[]
  /** Zone lines (dns-lines.ts); keys are added to them. */
  readonly lines: readonly string[]
  readonly keys: readonly ZoneKey[]
  readonly limits?: SigningLimits
}

/** A response of a signed zone, each signature in it checked; signatures are written without their times and octets. */
export interface SignedReply {
  readonly rcode: string
  readonly flags: string
  readonly edns?: string
  readonly answer?: readonly string[]
  readonly authority?: readonly string[]
  readonly additional?: readonly string[]
}

/** DO; DO and CO. */
export const DO = { flags: 0x8000 } as const
export const DO_CO = { flags: 0xc000 } as const

/** Times of a key that is in use from the start. */
export const ALWAYS = { publishSeconds: 0, activateSeconds: 0 } as const

/** The first second of 1970: the time of a TestStore's clients. */
const NOW_SECONDS = 0

/** Zones in a store, signed with these keys by their times. */
export class SignedStore {
  readonly store: TestStore
  readonly signer: OnlineSigner
  readonly #trusted: readonly TrustedKey[]
  readonly #keys: readonly ZoneKey[]

  constructor({ origins, lines, keys, limits }: SignedZones) {
    this.signer = new OnlineSigner({ ...(limits === undefined ? {} : { limits }) })
    this.signer.setZones(signingZones(keys, NOW_SECONDS))
    this.store = new TestStore(undefined, { signer: this.signer })
    this.#keys = keys
    this.publish(changesOf(lines))
    for (const origin of origins) this.store.state(origin, 'serving')
    this.#trusted = keys.map((key) => ({ zone: key.zone, rdata: dnskeyRdata(key) }))
  }

  /** Names with their answers; keys are added to origins. */
  publish(changes: readonly NameChange[]): void {
    this.store.publish(...withKeys(changes, this.#keys))
  }

  /** `name type` with DO; or any query. */
  ask(shape: QueryShape | string, transport: Transport = 'udp'): SignedReply {
    const query = queryBytes(typeof shape === 'string' ? { ask: shape, edns: DO } : shape)
    const octets = this.store.octets(query, transport)
    if (octets === undefined) throw new Error('no response')
    const { rcode, flags, edns } = replyOf(octets)
    const message = decodeMessage(octets).message! // replyOf has read it
    this.verify(message)
    return {
      rcode,
      flags,
      ...(edns === undefined ? {} : { edns }),
      ...section('answer', message.answers),
      ...section('authority', message.authority),
      ...section('additional', message.additional),
    }
  }

  /** Fails the test where a signature is not what a validator expects. */
  verify({ questions, answers, authority, additional }: Message): void {
    if (questions[0]?.type === 46) return // signatures alone were asked for
    const wrong = [answers, authority, additional].flatMap((records) =>
      wrongSignatures(records, this.#trusted, NOW_SECONDS),
    )
    if (wrong.length > 0) throw new Error(`signatures that no validator takes: ${wrong.join(', ')}`)
  }
}

/** What workers are told of these keys. */
export function signingZones(keys: readonly ZoneKey[], nowSeconds: number): readonly SigningZone[] {
  return [...Map.groupBy(keys, ({ zone }) => zone)].flatMap(([origin, own]) => {
    const { keySigners, zoneSigners } = planKeys(own, nowSeconds)
    return keySigners.length === 0 ? [] : [{ origin, keySigners, zoneSigners }]
  })
}

function withKeys(changes: readonly NameChange[], keys: readonly ZoneKey[]): readonly NameChange[] {
  return changes.map((change) => {
    const own = keys.filter(({ zone }) => zone === change.name)
    if (own.length === 0 || change.answer?.kind !== 'records') return change
    const plan = planKeys(own, NOW_SECONDS)
    return {
      ...change,
      answer: { kind: 'records', sets: [...change.answer.sets, ...keySets(change.name, plan)] },
    }
  })
}

function section(
  key: 'answer' | 'authority' | 'additional',
  records: readonly ResourceRecord[],
): Partial<SignedReply> {
  return records.length === 0 ? {} : { [key]: records.map(lineOf) }
}

function lineOf({ name, type, ttlSeconds, rdata }: ResourceRecord): string {
  const front = `${presentName(name)} ${ttlSeconds} ${typeName(type)}`
  if (type !== 46) return `${front} ${presentRdata(type, rdata)}`
  const { covered, algorithm, labels, originalTtl, tag, signer } = readSignature(rdata)
  return `${front} ${[typeName(covered), algorithm, labels, originalTtl, tag, signer].join(' ')}`
}
