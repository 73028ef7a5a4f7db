import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameOfWire, parseDomainName, wireName } from '../../../../src/dns/names.ts'
import { CLASS, EDNS_DO, TYPE } from '../../../../src/dns/protocol.ts'
import type { OwnedSet } from '../../../../src/dns/transfer/canonical.ts'
import {
  TransferError,
  transferMessages,
  USUAL_MESSAGE_BYTES,
  type TransferFrame,
} from '../../../../src/dns/transfer/transfer-writer.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../../../src/dns/wire/encode.ts'
import type { Message } from '../../../../src/dns/wire/message.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'

const FRAME: TransferFrame = {
  id: 7,
  recursionDesired: true,
  question: { name: wireName(parseDomainName('example.com')), type: TYPE.AXFR, class: CLASS.IN },
  edns: undefined,
  maxBytes: 65_535,
}

function messagesOf(
  sets: readonly OwnedSet[],
  frame: Partial<TransferFrame> = {},
): { octets: readonly Uint8Array[]; messages: readonly Message[] } {
  const octets = [...transferMessages(sets, { ...FRAME, ...frame })]
  const messages = octets.map((bytes) => {
    const decoded = decodeMessage(bytes)
    if (decoded.kind === 'malformed') throw new Error(decoded.error.reason)
    return decoded.message
  })
  return { octets, messages }
}

/** Each record on a line. */
function written(sets: readonly OwnedSet[]): readonly string[] {
  return sets.flatMap(({ name, set }) =>
    set.rdata.map((rdata) => `${name} ${set.ttlSeconds} ${set.type} ${Buffer.from(rdata).toString('hex')}`),
  )
}

function read(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ answers }) =>
    answers.map(
      ({ name, ttlSeconds, type, rdata }) =>
        `${nameOfWire(name)} ${ttlSeconds} ${type} ${Buffer.from(rdata).toString('hex')}`,
    ),
  )
}

function many(count: number, rdataBytes: number): readonly OwnedSet[] {
  return Array.from({ length: count }, (_, i) => ({
    name: parseDomainName(`n${i}.example.com`),
    set: { type: TYPE.TXT, ttlSeconds: 5, rdata: [new Uint8Array(rdataBytes)] },
  }))
}

describe('transferMessages', () => {
  it('has the question and the OPT record in the first message only', () => {
    const { messages } = messagesOf(many(200, 200), {
      edns: { version: 0, payloadBytes: 4096, flags: EDNS_DO, options: [] },
    })

    expect(messages.length).toBeGreaterThan(1)
    expect(messages.map(({ questions }) => questions.length)).toEqual(
      messages.map((_, i) => (i === 0 ? 1 : 0)),
    )
    expect(messages.map(({ edns }) => edns?.flags)).toEqual(
      messages.map((_, i) => (i === 0 ? EDNS_DO : undefined)),
    )
    for (const { header } of messages)
      expect(header).toMatchObject({
        id: 7,
        response: true,
        authoritative: true,
        recursionDesired: true,
        truncated: false,
        rcode: 0,
      })
  })

  it('fills messages to their usual size, and no further', () => {
    const { octets } = messagesOf(many(1_000, 100))

    for (const { length } of octets.slice(0, -1)) {
      expect(length).toBeLessThanOrEqual(USUAL_MESSAGE_BYTES)
      expect(length).toBeGreaterThan(USUAL_MESSAGE_BYTES - 120)
    }
  })

  it('gives a long record a message of its own', () => {
    const sets = [...many(1, 10), ...many(1, 60_000), ...many(1, 10)]
    const { octets, messages } = messagesOf(sets)

    expect(octets.map(({ length }) => length > 60_000)).toEqual([false, true, false])
    expect(read(messages)).toEqual(written(sets))
  })

  it('throws for a record that no message carries', () => {
    expect(() => messagesOf(many(1, 65_500))).toThrow(TransferError)
  })

  it('compresses at least as well as a message does', () => {
    const sets: readonly OwnedSet[] = Array.from({ length: 100 }, (_, i) => ({
      name: parseDomainName(`n${i}.example.com`),
      set: { type: TYPE.NS, ttlSeconds: 5, rdata: [wireName(parseDomainName(`ns.n${i}.example.com`))] },
    }))
    const { octets, messages } = messagesOf(sets)

    expect(octets).toHaveLength(1)
    expect(octets[0]!.length).toBeLessThanOrEqual(encodeMessage(messages[0]!, 65_535)!.length)
  })

  it('makes each message when it is asked for', () => {
    let taken = 0
    function* counted(): Generator<OwnedSet> {
      for (const set of many(1_000, 100)) {
        taken += 1
        yield set
      }
    }

    transferMessages(counted(), FRAME).next()

    expect(taken).toBeLessThan(200)
  })
})

describe('properties', () => {
  const lower = wireNames.map((wire) => nameOfWire(wire))
  const set = fc.oneof(
    fc.record({
      type: fc.constantFrom(1, 16, 33, 65_000),
      ttlSeconds: fc.nat(),
      rdata: fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      type: fc.constantFrom(2, 5, 12),
      ttlSeconds: fc.nat(),
      rdata: fc.array(wireNames, { minLength: 1, maxLength: 4 }),
    }),
  )

  it('what is read is what was written, and no message is longer than allowed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: lower, set }), { maxLength: 120 }),
        fc.integer({ min: 700, max: 20_000 }),
        (sets, maxBytes) => {
          const { octets, messages } = messagesOf(sets, { maxBytes })

          expect(read(messages)).toEqual(written(sets))
          for (const { length } of octets) expect(length).toBeLessThanOrEqual(maxBytes)
        },
      ),
    )
  })
})
