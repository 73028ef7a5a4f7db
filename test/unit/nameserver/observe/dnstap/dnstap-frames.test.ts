import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROTOS } from '../../../../../src/nameserver/observe/cells.ts'
import { Chunk } from '../../../../../src/nameserver/observe/queue/chunk.ts'
import { DnstapFrames } from '../../../../../src/nameserver/observe/dnstap/dnstap-frames.ts'
import type { DnstapIdentity } from '../../../../../src/nameserver/observe/settings.ts'
import type { QueryEvent } from '../../../../../src/nameserver/observe/queue/event-queue.ts'
import { WallTime } from '../../../../../src/nameserver/observe/queue/wall-time.ts'
import { queryBytes } from '../../../../support/dns-query.ts'
import { readStream, type StreamItem } from '../../../../support/dnstap-reader.ts'

const START_SECONDS = 1_800_000_000

function framesOf(event: Partial<QueryEvent>, identity: DnstapIdentity = {}): readonly StreamItem[] {
  const time = new WallTime(
    () => 1_000,
    () => START_SECONDS * 1_000,
  )
  const frames = new DnstapFrames(time, identity)
  const chunk = new Chunk()
  frames.begin()
  const count = frames.encode(
    {
      ...{
        askedMs: 1_000.001,
        doneMs: 3_000.25,
        proto: 'udp',
        address: Uint8Array.of(192, 0, 2, 9),
        port: 40_000,
      },
      ...{ local: { host: '192.0.2.53', port: 53 }, proven: false },
      ...{ query: Buffer.from('query'), response: Buffer.from('response'), ...event },
    },
    chunk,
  )
  const { items, rest } = readStream(chunk.written)
  expect([items.length, rest.length]).toEqual([count, 0])
  return items
}

const ABOUT = {
  ...{ socket_family: 1, socket_protocol: 1, query_address: Buffer.of(192, 0, 2, 9), query_port: 40_000 },
  ...{ response_address: Buffer.of(192, 0, 2, 53), response_port: 53 },
  ...{ query_time_sec: START_SECONDS, query_time_nsec: 1_000 },
}

describe('DnstapFrames', () => {
  it('is an AUTH_QUERY and an AUTH_RESPONSE', () => {
    expect(framesOf({})).toEqual([
      { type: 1, message: { type: 1, ...ABOUT, query_message: Buffer.from('query') } },
      {
        type: 1,
        message: {
          ...{ type: 2, ...ABOUT, response_time_sec: START_SECONDS + 2, response_time_nsec: 250_000 },
          response_message: Buffer.from('response'),
        },
      },
    ])
  })

  it('is an AUTH_QUERY alone where no response is sent', () => {
    expect(framesOf({ response: Buffer.alloc(0) })).toMatchObject([{ message: { type: 1 } }])
  })

  it('is an UPDATE_QUERY and an UPDATE_RESPONSE for an UPDATE', () => {
    const query = queryBytes({ ask: 'fed.test SOA', opcode: 5 })

    expect(framesOf({ query })).toMatchObject([{ message: { type: 13 } }, { message: { type: 14 } }])
  })

  it.each(PROTOS.map((proto, i) => ({ proto, number: i + 1 })))(
    'has $proto as $number',
    ({ proto, number }) => {
      expect(framesOf({ proto })).toMatchObject([
        { message: { socket_protocol: number } },
        { message: { socket_protocol: number } },
      ])
    },
  )

  it('has IPv6 addresses in 16 octets', () => {
    const address = Buffer.from('20010db8000000000000000000000001', 'hex')

    expect(framesOf({ address, local: { host: '2001:db8::1', port: 853 } })).toMatchObject([
      {
        message: { socket_family: 2, query_address: address, response_address: address, response_port: 853 },
      },
      {},
    ])
  })

  it('leaves out where it was asked, if the transport does not tell', () => {
    const [query] = framesOf({ local: undefined })

    expect(Object.keys(typeof query === 'object' ? query.message : {})).not.toContain('response_address')
  })

  it.each([{ text: 'ns1' }, { text: 'ä'.repeat(100) }, { text: 'x'.repeat(127) }, { text: 'x'.repeat(128) }])(
    'names the server: $text',
    ({ text }) => {
      expect(framesOf({}, { identity: text, version: `${text}.` })).toMatchObject([
        { identity: text, version: `${text}.` },
        { identity: text, version: `${text}.` },
      ])
    },
  )

  it('has room for the largest messages, whatever was in the chunk before', () => {
    const chunk = new Chunk()
    chunk.length = 64 * 1024 - 1
    const frames = new DnstapFrames(
      new WallTime(
        () => 0,
        () => 0,
      ),
      { identity: 'x'.repeat(255), version: 'x'.repeat(255) },
    )
    const event = {
      proto: 'tcp',
      address: new Uint8Array(16),
      port: 65_535,
      local: { host: '::1', port: 65_535 },
    } as const
    frames.begin()

    frames.encode(
      {
        ...event,
        askedMs: 0,
        doneMs: 0,
        proven: false,
        query: Buffer.alloc(65_535),
        response: Buffer.alloc(65_535),
      },
      chunk,
    )

    expect(readStream(chunk.written.subarray(64 * 1024 - 1)).items).toHaveLength(2)
  })
})

describe('properties', () => {
  it('gives back messages of any octets and size', () => {
    const message = fc.uint8Array({ maxLength: 20_000, minLength: 1 }).map((octets) => Buffer.from(octets))
    fc.assert(
      fc.property(message, message, fc.integer({ min: 0, max: 65_535 }), (query, response, port) => {
        const [asked, answered] = framesOf({ query, response, port })

        expect(asked).toMatchObject({ message: { query_message: query, query_port: port } })
        expect(answered).toMatchObject({ message: { response_message: response, query_port: port } })
      }),
    )
  })
})
