import fc from 'fast-check'
import type { Edns, Header, Message, Question, ResourceRecord, WireName } from '../../src/dns/wire/message.ts'

/** Names of any octets, within the limits; often the same few labels, so that compression has something to do. */
export const wireNames: fc.Arbitrary<WireName> = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .constantFrom('www', 'example', 'com', 'svc', 'a')
          .map((text) => Uint8Array.from(Buffer.from(text))),
      },
      { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 63 }) },
    ),
    { maxLength: 12 },
  )
  .map(joinLabels)
  .filter((name) => name.length <= 255)

function joinLabels(labels: readonly Uint8Array[]): WireName {
  return Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0])
}

const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const OPT = 41
const NAMED = [2, 5, 6, 12, 15]
const opaqueType = u16.filter((type) => type !== OPT && !NAMED.includes(type))

const header = (rcodeBits: 4 | 12): fc.Arbitrary<Header> =>
  fc.record({
    id: u16,
    response: fc.boolean(),
    opcode: fc.integer({ min: 0, max: 15 }),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    zero: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    rcode: fc.integer({ min: 0, max: 2 ** rcodeBits - 1 }),
  })

const question: fc.Arbitrary<Question> = fc.record({ name: wireNames, type: u16, class: u16 })

const named = (type: number, rdata: fc.Arbitrary<Uint8Array>): fc.Arbitrary<ResourceRecord> =>
  fc.record({ name: wireNames, type: fc.constant(type), class: u16, ttlSeconds: u32, rdata })

const record: fc.Arbitrary<ResourceRecord> = fc.oneof(
  fc.record({
    name: wireNames,
    type: opaqueType,
    class: u16,
    ttlSeconds: u32,
    rdata: fc.uint8Array({ maxLength: 40 }),
  }),
  named(2, wireNames),
  named(5, wireNames),
  named(12, wireNames),
  named(
    15,
    fc
      .tuple(u16, wireNames)
      .map(([preference, name]) => Uint8Array.from([preference >> 8, preference & 255, ...name])),
  ),
  named(
    6,
    fc
      .tuple(wireNames, wireNames, fc.uint8Array({ minLength: 20, maxLength: 20 }))
      .map(([mname, rname, rest]) => Uint8Array.from([...mname, ...rname, ...rest])),
  ),
)

const edns: fc.Arbitrary<Edns> = fc.record({
  version: fc.constant(0),
  payloadBytes: u16,
  flags: u16,
  options: fc.array(fc.record({ code: u16, data: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 3 }),
})

const sections = {
  questions: fc.array(question, { maxLength: 2 }),
  answers: fc.array(record, { maxLength: 4 }),
  authority: fc.array(record, { maxLength: 3 }),
  additional: fc.array(record, { maxLength: 3 }),
}

/** Messages that can be encoded: 12 bits of response code only beside an OPT record. */
export const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ header: header(4), ...sections }),
  fc.record({ header: header(12), ...sections, edns }),
)
