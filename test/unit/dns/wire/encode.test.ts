import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../../../src/dns/wire/encode.ts'
import type { Header, Message, ResourceRecord } from '../../../../src/dns/wire/message.ts'
import { messages } from '../../../support/arbitrary-dns.ts'
import { nameBytes } from '../../../support/dns-query.ts'

const header: Header = {
  id: 0xbeef,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  zero: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
}
const none = { questions: [], answers: [], authority: [], additional: [] }

function a(name: string, last = 1): ResourceRecord {
  return { name: nameBytes(name), type: 1, class: 1, ttlSeconds: 30, rdata: Uint8Array.of(192, 0, 2, last) }
}

/** Hexadecimal octets, field by field. */
function octets(...fields: readonly string[]): string {
  return fields.join('')
}

function hex(message: Message, maxBytes = 65_535): string | undefined {
  const bytes = encodeMessage(message, maxBytes)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')
}

describe('encodeMessage', () => {
  it('writes the header (RFC 1035, 4.1.1)', () => {
    expect(hex({ ...none, header })).toBe('beef84000000000000000000')
  })

  it('points owner names at the question (RFC 1035, 4.1.4)', () => {
    const question = { name: nameBytes('a.example'), type: 1, class: 1 }

    expect(hex({ ...none, header, questions: [question], answers: [a('a.example')] })).toBe(
      octets(
        'beef84000001000100000000',
        '0161076578616d706c650000010001',
        'c00c00010001',
        '0000001e',
        '0004c0000201',
      ),
    )
  })

  it('shares the longest ending, in owner names and in CNAME rdata', () => {
    const alias: ResourceRecord = {
      name: nameBytes('a.example'),
      type: 5,
      class: 1,
      ttlSeconds: 1,
      rdata: nameBytes('b.example'),
    }

    expect(hex({ ...none, header, answers: [alias, a('b.example')] })).toBe(
      octets(
        'beef84000000000200000000',
        '0161076578616d706c6500',
        '0005000100000001',
        '0004',
        '0162c00e',
        'c021',
        '000100010000001e0004c0000201',
      ),
    )
  })

  it('does not point at octets that differ in case', () => {
    const question = { name: nameBytes('A.example'), type: 1, class: 1 }

    expect(hex({ ...none, header, questions: [question], answers: [a('a.example')] })).toContain('0161c00e')
  })

  it('puts the upper bits of the response code into OPT (RFC 6891, 6.1.3)', () => {
    const edns = {
      version: 0,
      payloadBytes: 1232,
      flags: 0x8000,
      options: [{ code: 3, data: Uint8Array.of(7) }],
    }

    expect(hex({ ...none, header: { ...header, rcode: 16 }, edns })).toBe(
      octets('beef84000000000000000001', '00002904d001008000', '0005', '0003000107'),
    )
  })

  it('gives nothing when the message is too long by one octet', () => {
    const message = { ...none, header, answers: [a('a.example'), a('a.example', 2)] }
    const length = encodeMessage(message, 65_535)!.length

    expect(encodeMessage(message, length)?.length).toBe(length)
    expect(encodeMessage(message, length - 1)).toBeUndefined()
  })

  it('does not point beyond the first 16 KiB', () => {
    const filler = Array.from({ length: 40 }, (_, i): ResourceRecord => ({
      ...a(`f${i}.example`),
      type: 10,
      rdata: new Uint8Array(1000),
    }))
    const message = { ...none, header, answers: [...filler, a('late.test', 1), a('late.test', 2)] }

    const decoded = decodeMessage(encodeMessage(message, 65_535)!)

    expect(decoded.message?.answers).toEqual(message.answers.map(plain))
  })
})

/** As Uint8Array, which is what decoding gives. */
function plain(record: ResourceRecord): ResourceRecord {
  return { ...record, name: Uint8Array.from(record.name), rdata: Uint8Array.from(record.rdata) }
}

describe('properties', () => {
  it('decode(encode(m)) = m', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMessage(message, 65_535)

        expect(bytes).toBeDefined()
        expect(decodeMessage(bytes!)).toEqual({ kind: 'message', message })
      }),
      { numRuns: 500 },
    )
  })

  it('never writes more than it may', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 12, max: 600 }), (message, maxBytes) => {
        expect(encodeMessage(message, maxBytes)?.length ?? 0).toBeLessThanOrEqual(maxBytes)
      }),
      { numRuns: 500 },
    )
  })
})
