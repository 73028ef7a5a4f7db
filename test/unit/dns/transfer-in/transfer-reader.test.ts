import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import type { ZoneNames } from '../../../../src/dns/transfer-in/received.ts'
import { axfrQuery, ixfrQuery, soaQuery } from '../../../../src/dns/transfer-in/transfer-query.ts'
import { TransferReader } from '../../../../src/dns/transfer-in/transfer-reader.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import {
  linesOf,
  namesOf,
  REQUEST_ID,
  responseOctets,
  ROOMY,
  shownStep,
  transferOf,
} from '../../../support/received-transfers.ts'

const origin = parseDomainName('example')
const soa = (serial: number): string =>
  `example. 60 IN SOA ns1.example. hostmaster.example. ${serial} 60 15 1209600 15`
const whole = (lines: readonly string[]) => [
  { question: 'example AXFR', answers: [soa(5), ...lines, soa(5)] },
]

describe('limits', () => {
  const lines = Array.from({ length: 10 }, (_, i) => `www.example. 60 IN A 192.0.2.${i}`)

  it('as many records as allowed are taken', () => {
    expect(transferOf(whole(lines), { limits: { ...ROOMY, records: 12 } }).kind).toBe('whole')
  })

  it('one more ends the transfer', () => {
    const step = transferOf(whole(lines), { limits: { ...ROOMY, records: 11 } })

    expect(shownStep(step)).toBe('too many records')
  })

  it('octets of all messages count together', () => {
    const messages = [
      { question: 'example AXFR', answers: [soa(5)] },
      ...lines.map((line) => ({ answers: [line] })),
    ]
    const octets = messages.reduce((sum, message) => sum + responseOctets(message).length, 0)

    expect(transferOf(messages, { limits: { ...ROOMY, octets } }).kind).toBe('more')
    expect(shownStep(transferOf(messages, { limits: { ...ROOMY, octets: octets - 1 } }))).toBe(
      'too many octets',
    )
  })

  it('a name that could not be served ends the transfer, and is named', () => {
    const texts = Array.from(
      { length: 300 },
      (_, i) => `big.example. 60 IN TXT "${String(i).padStart(250, 'x')}"`,
    )
    const messages = [
      { question: 'example AXFR', answers: [soa(5), ...texts.slice(0, 150)] },
      { answers: [...texts.slice(150), soa(5)] },
    ]

    expect(transferOf(messages)).toEqual({ kind: 'failed', fault: 'cannot be kept', detail: 'big.example.' })
  })
})

describe('queries', () => {
  const asked = (octets: Uint8Array) => {
    const decoded = decodeMessage(octets)
    if (decoded.kind === 'malformed') throw new Error(decoded.error.reason)
    return decoded.message
  }

  it('say zone and type, and want no recursion', () => {
    const [question] = asked(axfrQuery(7, origin)).questions

    expect(question).toMatchObject({ type: 252, class: 1 })
    expect(asked(soaQuery(7, origin))).toMatchObject({
      header: { id: 7, opcode: 0, response: false, recursionDesired: false },
      questions: [{ type: 6 }],
    })
  })

  it('for increments carry the SOA that is held', () => {
    const [held] = namesOf([soa(3)]).get(origin) ?? []
    const message = asked(ixfrQuery(7, origin, held ?? { type: 6, ttlSeconds: 0, rdata: [] }))

    expect(message.questions).toMatchObject([{ type: 251 }])
    expect(message.authority).toMatchObject([{ type: 6, class: 1, rdata: held?.rdata[0] }])
  })
})

const NAMES = ['example', 'www.example', 'a.b.example', '*.example']
const LINES = NAMES.flatMap((name) => [
  ...[1, 2, 3].map((n) => `${name}. 60 IN A 192.0.2.${n}`),
  `${name}. 60 IN MX 10 Mail.example.`,
  `${name}. 60 IN TXT "hello"`,
])
const zones = fc.subarray(LINES)
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 })

/** Records in messages of these sizes, over and over. */
function inMessages(
  records: readonly string[],
  sizes: readonly number[],
  question: string,
): readonly Uint8Array[] {
  const messages: Uint8Array[] = []
  for (let at = 0; at < records.length;) {
    const size = sizes[messages.length % sizes.length] ?? 1
    const answers = records.slice(at, at + size)
    messages.push(responseOctets(at === 0 ? { question, answers } : { answers }))
    at += size
  }
  return messages
}

function applied(
  names: ZoneNames,
  changes: readonly { readonly name: DomainName; readonly sets: readonly RecordSet[] }[],
) {
  const after = new Map(names)
  for (const { name, sets } of changes) {
    if (sets.length === 0) after.delete(name)
    else after.set(name, sets)
  }
  return after
}

describe('properties', () => {
  it('a whole zone comes out as it went in, however it is cut', () => {
    fc.assert(
      fc.property(zones, cuts, (lines, sizes) => {
        const reader = new TransferReader({ origin, id: REQUEST_ID, limits: ROOMY })
        const steps = inMessages([soa(5), ...lines, soa(5)], sizes, 'example AXFR').map((octets) =>
          reader.push(octets),
        )
        const last = steps.at(-1)

        expect(steps.slice(0, -1).every(({ kind }) => kind === 'more')).toBe(true)
        expect(last?.kind === 'whole' && linesOf(last.names)).toEqual(linesOf(namesOf([soa(5), ...lines])))
      }),
    )
  })

  it('increments from one zone over others to the last give the last', () => {
    fc.assert(
      fc.property(fc.array(zones, { minLength: 2, maxLength: 4 }), cuts, (versions, sizes) => {
        const newest = versions.length
        const steps = versions.slice(1).flatMap((lines, i) => {
          const before = versions[i] ?? []
          return [
            soa(i + 1),
            ...before.filter((line) => !lines.includes(line)),
            soa(i + 2),
            ...lines.filter((line) => !before.includes(line)),
          ]
        })
        const names = namesOf([soa(1), ...(versions[0] ?? [])])
        const reader = new TransferReader({
          origin,
          id: REQUEST_ID,
          limits: ROOMY,
          have: { serial: 1, names },
        })
        const last = inMessages([soa(newest), ...steps, soa(newest)], sizes, 'example IXFR')
          .map((octets) => reader.push(octets))
          .at(-1)

        expect(last?.kind === 'increment' && linesOf(applied(names, last.changes))).toEqual(
          linesOf(namesOf([soa(newest), ...(versions.at(-1) ?? [])])),
        )
      }),
    )
  })

  it('any octets, and good ones with faults in them, give a step and never throw', () => {
    const good = inMessages([soa(5), soa(3), soa(5), ...LINES, soa(5)], [3], 'example IXFR')
    const faulty = fc
      .record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }), which: fc.nat(good.length - 1) })
      .map(({ at, value, which }) =>
        good.map((octets, i) => (i === which ? octets.with(at % octets.length, value) : octets)),
      )
    fc.assert(
      fc.property(fc.oneof(faulty, fc.array(fc.uint8Array({ maxLength: 60 }))), (messages) => {
        const have = { serial: 3, names: namesOf([soa(3)]) }
        const reader = new TransferReader({ origin, id: REQUEST_ID, limits: ROOMY, have })
        const kinds = messages.map((octets) => reader.push(octets).kind)

        expect(
          kinds.every((kind) => ['more', 'current', 'whole', 'increment', 'failed'].includes(kind)),
        ).toBe(true)
      }),
    )
  })
})
