import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageSplitter } from '../../../../src/nameserver/streams/message-splitter.ts'
import { withLength } from '../../../support/dns-exchange.ts'

/** All messages that come out while these pieces go in. */
function split(pieces: readonly Buffer[], settled: boolean): { messages: Buffer[]; waitingBytes: number } {
  const splitter = new MessageSplitter()
  const messages: Buffer[] = []
  for (const piece of pieces) {
    splitter.push(piece)
    for (let next = splitter.next(); next !== undefined; next = splitter.next())
      messages.push(Buffer.from(next))
    if (settled) splitter.settle()
    piece.fill(0xee) // what was received may be used for something else, once settled
  }
  return { messages, waitingBytes: splitter.waitingBytes }
}

/** The octets cut where the numbers say. */
function cut(octets: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b).map((at) => at % (octets.length + 1)), octets.length]
  return places
    .sort((a, b) => a - b)
    .slice(1)
    .map((end, i) => Buffer.from(octets.subarray(places[i], end)))
}

describe('MessageSplitter', () => {
  const [a, b] = [Buffer.from('first message'), Buffer.from('second')]

  it.each([
    { name: 'one message', pieces: [withLength(a)], want: [a] },
    { name: 'several in one piece', pieces: [Buffer.concat([withLength(a), withLength(b)])], want: [a, b] },
    {
      name: 'one octet at a time',
      pieces: [...withLength(a)].map((octet) => Buffer.from([octet])),
      want: [a],
    },
    { name: 'a message of no length', pieces: [withLength(Buffer.alloc(0))], want: [Buffer.alloc(0)] },
    { name: 'an empty piece', pieces: [Buffer.alloc(0), withLength(a), Buffer.alloc(0)], want: [a] },
    { name: 'nothing of a part', pieces: [withLength(a).subarray(0, 5)], want: [] },
    { name: 'nothing of half a length', pieces: [Buffer.from([0])], want: [] },
  ])('gives $name', ({ pieces, want }) => {
    expect(split(pieces, true).messages).toEqual(want)
  })

  it('gives the same messages however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 }),
        fc.array(fc.nat(10_000), { maxLength: 20 }),
        (contents, cuts) => {
          const stream = Buffer.concat(contents.map(withLength))

          const { messages, waitingBytes } = split(cut(stream, cuts), true)

          expect(messages).toEqual(contents.map((content) => Buffer.from(content)))
          expect(waitingBytes).toBe(0)
        },
      ),
    )
  })

  it('keeps what waits when nobody takes it, and gives it later', () => {
    const splitter = new MessageSplitter()
    for (const octet of Buffer.concat([withLength(a), withLength(b)])) {
      splitter.push(Buffer.from([octet]))
      splitter.settle()
    }

    expect([splitter.next(), splitter.next(), splitter.next()]).toEqual([a, b, undefined])
  })

  it('takes the longest message in single octets', () => {
    const message = Buffer.alloc(65_535, 7)
    const splitter = new MessageSplitter()
    for (const octet of withLength(message)) {
      splitter.push(Buffer.from([octet]))
      splitter.settle()
    }

    expect(splitter.next()).toEqual(message)
  })
})
