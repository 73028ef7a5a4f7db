import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Client } from '../../../../src/nameserver/client.ts'
import { createCounters, CounterRow } from '../../../../src/nameserver/counters.ts'
import { Observer } from '../../../../src/nameserver/observe/observer.ts'
import { MessageAnswerer, MessageStream } from '../../../../src/nameserver/streams/message-stream.ts'
import type { ZoneReader } from '../../../../src/nameserver/types.ts'
import { framed, withLength } from '../../../support/dns-exchange.ts'
import { queryBytes } from '../../../support/dns-query.ts'

const OVERSIZE = 0xffff
const SILENT = 0xfffe

/** Gives the query back as a response; id OVERSIZE with as many octets as there can be, id SILENT not at all. */
const echo: ZoneReader = {
  answer(query, length, _client, out) {
    const id = (query[0]! << 8) | query[1]! // a header is there
    if (id === SILENT) return 0
    out.set(query.subarray(0, length))
    out[2] = 0x80
    return id === OVERSIZE ? 65_535 : length
  },
}

/** A peer that reads as much as a test says. */
class Peer extends Duplex {
  readonly written: Buffer[] = []
  #taken: (() => void)[] = []
  reads = true

  constructor() {
    super({ allowHalfOpen: true, writableHighWaterMark: 64 * 1024 })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(Buffer.from(chunk))
    if (this.reads) done()
    else this.#taken.push(done)
  }

  readAll(): void {
    this.reads = true
    for (const done of this.#taken.splice(0)) done()
  }

  get ids(): readonly number[] {
    return framed(Buffer.concat(this.written)).map((message) => message.readUInt16BE(0))
  }
}

function serving(): { peer: Peer; stream: MessageStream; touched: () => number } {
  const peer = new Peer()
  let touched = 0
  const observer = new Observer(new CounterRow(createCounters(1), 0), 'tcp', { now: () => 0 })
  const stream = new MessageStream({
    stream: peer,
    client: new Client(() => 0).set('192.0.2.1'),
    answerer: new MessageAnswerer(echo, observer),
    touched: () => (touched += 1),
  })
  return { peer, stream, touched: () => touched }
}

const query = (id: number): Buffer => withLength(queryBytes({ ask: 'fed.test A', id }))
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('MessageStream', () => {
  it('answers a burst in one write, in its order', async () => {
    const { peer, touched } = serving()

    peer.push(Buffer.concat([1, 2, 3].map(query)))
    await turn()

    expect(peer.written).toHaveLength(1)
    expect(peer.ids).toEqual([1, 2, 3])
    expect(touched()).toBe(3)
  })

  it('writes in pieces of 64 KB what is longer', async () => {
    const { peer } = serving()

    peer.push(Buffer.concat([OVERSIZE, 1, OVERSIZE, 2].map(query)))
    await turn()

    expect(peer.ids).toEqual([OVERSIZE, 1, OVERSIZE, 2])
    expect(peer.written.every(({ length }) => length <= 2 * 65_537)).toBe(true)
    expect(peer.written.length).toBeGreaterThan(1)
  })

  it('answers no more than fits while the peer does not read, and the rest when it does', async () => {
    const { peer, touched } = serving()
    peer.reads = false

    peer.push(Buffer.concat([OVERSIZE, OVERSIZE, 3, 4].map(query)))
    await turn()
    const before = touched()
    expect(peer.isPaused()).toBe(true)
    while (peer.ids.length < 4) {
      peer.readAll()
      await turn()
    }

    expect(before).toBe(1)
    expect(peer.ids).toEqual([OVERSIZE, OVERSIZE, 3, 4])
    expect(peer.isPaused()).toBe(false)
  })

  it('answers what is there, then ends, when the peer ends', async () => {
    const { peer } = serving()
    peer.reads = false

    peer.push(Buffer.concat([OVERSIZE, 2].map(query)))
    peer.push(null)
    await turn()
    expect(peer.writableEnded).toBe(false)
    peer.readAll()
    await turn()

    expect(peer.ids).toEqual([OVERSIZE, 2])
    expect(peer.writableEnded).toBe(true)
  })

  it('takes nothing that comes after it was told to finish, and no longer begins the idle time anew', async () => {
    const { peer, stream, touched } = serving()
    peer.reads = false
    peer.push(Buffer.concat([OVERSIZE, 2].map(query)))
    await turn()
    const before = touched()

    stream.finish()
    peer.push(query(3))
    peer.readAll()
    await turn()

    expect(peer.ids).toEqual([OVERSIZE, 2])
    expect(touched()).toBe(before)
    expect(peer.writableEnded).toBe(true)
  })

  it('leaves a message that is not whole alone when it finishes', async () => {
    const { peer, stream } = serving()
    peer.push(query(1).subarray(0, 7))
    await turn()

    stream.finish()
    await turn()

    expect(peer.ids).toEqual([])
    expect(peer.writableEnded).toBe(true)
  })

  it('closes at a message that gets no answer, with what came before it answered or not', async () => {
    const { peer } = serving()

    peer.push(Buffer.concat([query(SILENT), query(2)]))
    await turn()

    expect(peer.ids).toEqual([])
    expect(peer.destroyed).toBe(true)
  })
})
