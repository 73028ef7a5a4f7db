import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import type { FormatReason } from '../../../../src/dns/wire/message.ts'
import { presentName } from '../../../../src/dns/wire/name.ts'
import { nameBytes, optBytes, queryBytes, questionBytes } from '../../../support/dns-query.ts'

const HEADER = 12
const ask = 'www.example.com A'

/** A header that claims one question and so many records, then raw octets. */
function raw(
  counts: readonly [number, number, number, number],
  ...parts: readonly (Buffer | readonly number[])[]
): Buffer {
  return Buffer.concat([queryBytes({ counts }), ...parts.map((part) => Buffer.from(part))])
}

function reasonOf(bytes: Uint8Array): FormatReason | 'message' {
  const decoded = decodeMessage(bytes)
  return decoded.kind === 'message' ? 'message' : decoded.error.reason
}

describe('decodeMessage', () => {
  it.each<{ name: string; in: Buffer; want: FormatReason | 'message' }>([
    { name: 'a plain query', in: queryBytes({ ask }), want: 'message' },
    { name: 'nothing but a header', in: queryBytes({}), want: 'message' },
    { name: 'eleven octets', in: queryBytes({}).subarray(0, 11), want: 'short header' },
    {
      name: 'counts of 65535 in twelve octets',
      in: raw([65535, 65535, 65535, 65535]),
      want: 'message ends too early',
    },
    {
      name: 'a question that ends in a label',
      in: raw([1, 0, 0, 0], [5, 97, 98]),
      want: 'message ends too early',
    },
    {
      name: 'a question without its type',
      in: raw([1, 0, 0, 0], nameBytes('a'), [0]),
      want: 'message ends too early',
    },
    { name: 'a label of type 01', in: raw([1, 0, 0, 0], [0x41, 0, 0, 1, 0, 1]), want: 'label type' },
    { name: 'a label of type 10', in: raw([1, 0, 0, 0], [0x80, 0, 0, 1, 0, 1]), want: 'label type' },
    {
      name: 'a name of 256 octets',
      in: raw([1, 0, 0, 0], nameBytes(`${'a.'.repeat(127)}aa`)),
      want: 'name too long',
    },
    {
      name: 'a pointer in the question',
      in: raw([1, 0, 0, 0], [0xc0, 12, 0, 1, 0, 1]),
      want: 'pointer in question',
    },
    {
      name: 'a pointer to itself',
      in: raw([0, 1, 0, 0], [0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
      want: 'pointer not backwards',
    },
    {
      name: 'a pointer forwards',
      in: raw([0, 1, 0, 0], [0xc0, 40, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
      want: 'pointer not backwards',
    },
    {
      name: 'labels that lead back to themselves through a pointer',
      in: raw([0, 1, 0, 0], [1, 97, 0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
      want: 'pointer not backwards',
    },
    { name: 'half a pointer', in: raw([0, 1, 0, 0], [0xc0]), want: 'message ends too early' },
    {
      name: 'rdata beyond the end',
      in: raw([0, 1, 0, 0], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 200, 1, 2, 3, 4]),
      want: 'message ends too early',
    },
    {
      name: 'a CNAME that is shorter than its rdata',
      in: raw([0, 1, 0, 0], [0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 4, 1, 97, 0, 0]),
      want: 'rdata length',
    },
    { name: 'octets behind the last record', in: queryBytes({ ask, tail: [0] }), want: 'trailing octets' },
    {
      name: 'two OPT records',
      in: raw([1, 0, 0, 2], questionBytes(ask, 1), optBytes({}), optBytes({})),
      want: 'two OPT records',
    },
    {
      name: 'OPT in the answer section',
      in: raw([1, 1, 0, 0], questionBytes(ask, 1), optBytes({})),
      want: 'OPT outside additional',
    },
    {
      name: 'OPT at a name',
      in: raw([1, 0, 0, 1], questionBytes(ask, 1), nameBytes('a'), optBytes({}).subarray(1)),
      want: 'OPT not at the root',
    },
    {
      name: 'an option longer than the list',
      in: raw([1, 0, 0, 1], questionBytes(ask, 1), [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 4, 0, 3, 0, 9]),
      want: 'option list',
    },
    {
      name: 'a malformed option list of another version, which is not ours to read',
      in: raw([1, 0, 0, 1], questionBytes(ask, 1), [0, 0, 41, 4, 0, 0, 1, 0, 0, 0, 3, 0, 3, 0]),
      want: 'message',
    },
  ])('$name: $want', ({ in: bytes, want }) => {
    expect(reasonOf(bytes)).toBe(want)
  })

  it('follows pointers in owner names and in the rdata of CNAME', () => {
    const bytes = raw(
      [1, 1, 0, 0],
      questionBytes('a.example CNAME', 1),
      [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 98, 0xc0, 14],
    )

    const decoded = decodeMessage(bytes)

    expect(
      decoded.message?.answers.map(({ name, rdata }) => [presentName(name), presentName(rdata)]),
    ).toEqual([['a.example.', 'b.example.']])
  })

  it('keeps what it has read before the fault', () => {
    const decoded = decodeMessage(queryBytes({ ask, edns: {}, tail: [1] }))

    expect(decoded.kind).toBe('malformed')
    expect(decoded.message?.questions.map(({ name }) => presentName(name))).toEqual(['www.example.com.'])
    expect(decoded.message?.edns?.payloadBytes).toBe(1232)
  })

  it('bounds the pointers of a name, so that long chains asked for often stay cheap', () => {
    const chain = Array.from({ length: 8000 }, (_, i) =>
      i === 0 ? [1, 97, 0] : i === 1 ? [0xc0, 23] : [0xc0 | ((24 + 2 * i - 2) >> 8), (24 + 2 * i - 2) & 0xff],
    )
    const blob = Buffer.from(chain.flat())
    const holder = Buffer.concat([
      Buffer.from([0, 0, 10, 0, 1, 0, 0, 0, 0, blob.length >> 8, blob.length & 0xff]),
      blob,
    ])
    const last = 23 + blob.length - 2
    const user = Buffer.from([0xc0 | (last >> 8), last & 0xff, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])

    expect(reasonOf(raw([0, 2, 0, 0], holder, user))).toBe('too many pointers')
  })
})

describe('properties', () => {
  it('any octets are a message or a format error, never a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeMessage(bytes)

        expect(['message', 'malformed']).toContain(decoded.kind)
        if (decoded.kind === 'malformed') expect(decoded.error.offset).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('every prefix of a message is malformed', () => {
    const whole = queryBytes({ ask, edns: { options: [{ code: 3, data: new Uint8Array(4) }] } })

    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeMessage(whole.subarray(0, length)).kind).toBe('malformed')
    }
  })
})
