import { describe, expect, it } from 'vitest'
import type { ReplySink } from '../../../src/nameserver/control/reply-path.ts'
import { LATER } from '../../../src/nameserver/control/request-front.ts'
import { createCounters, CounterRow, sumCounters } from '../../../src/nameserver/counters.ts'
import { Observer } from '../../../src/nameserver/observe/observer.ts'
import type { ZoneReader } from '../../../src/nameserver/types.ts'
import { serveUdp, type DatagramSocket } from '../../../src/nameserver/udp.ts'
import { queryBytes } from '../../support/dns-query.ts'

/** Gives the query's id back, in a header alone. */
const echoId: ZoneReader = {
  answer(query, _length, _client, out) {
    out.fill(0, 0, 12)
    out.set(query.subarray(0, 2))
    out[2] = 0x80
    return 12
  },
}

type Receive = Parameters<DatagramSocket['on']>[1]

/** A socket whose kernel takes nothing while it is blocked. */
class SlowSocket implements DatagramSocket {
  blocked = 0
  readonly sent: { readonly id: number; readonly response: Uint8Array; readonly to: string }[] = []
  #receive: Receive = () => {}
  #closed: () => void = () => {}

  on(event: 'message' | 'close', listener: Receive & (() => void)): void {
    if (event === 'message') this.#receive = listener
    else this.#closed = listener
  }

  close(): void {
    this.#closed()
  }

  send(response: Uint8Array, port: number, address: string): void {
    const id = Buffer.from(response).readUInt16BE(0) // now: what is sent next may be written over it
    this.sent.push({ id, response, to: `${address}:${port}` })
  }

  getSendQueueCount(): number {
    return this.blocked
  }

  receive(id: number, port = 5000): void {
    this.#receive(queryBytes({ ask: 'www.example A', id }), { address: '192.0.2.1', port })
  }
}

interface Serving {
  readonly socket: SlowSocket
  readonly counters: () => Record<string, number>
  /** The turn of the event loop ends. */
  readonly endTurn: () => void
  readonly answerWaiting: () => void
}

function serving(reader = echoId): Serving {
  const socket = new SlowSocket()
  const memory = createCounters(1)
  const atEnd: (() => void)[] = []
  const observer = new Observer(new CounterRow(memory, 0), 'udp', { now: () => 0 })
  const answerWaiting = serveUdp(socket, reader, observer, (run) => atEnd.push(run))
  const endTurn = (): void => {
    for (const run of atEnd.splice(0)) run()
  }
  return { socket, counters: () => sumCounters(memory), endTurn, answerWaiting }
}

const ids = (socket: SlowSocket): readonly number[] => socket.sent.map(({ id }) => id)

describe('serveUdp', () => {
  it('answers to where the query came from', () => {
    const { socket, endTurn } = serving()

    socket.receive(7, 4321)
    endTurn()

    expect(socket.sent.map(({ to }) => to)).toEqual(['192.0.2.1:4321'])
    expect(ids(socket)).toEqual([7])
  })

  it('answers those of one turn of the event loop at its end, in their order', () => {
    const { socket, endTurn } = serving()

    for (const id of [1, 2, 3]) socket.receive(id)
    expect(ids(socket)).toEqual([])
    endTurn()
    expect(ids(socket)).toEqual([1, 2, 3])

    socket.receive(4)
    endTurn()
    endTurn()
    expect(ids(socket)).toEqual([1, 2, 3, 4])
  })

  it('lets no more than 32 wait', () => {
    const { socket, endTurn } = serving()
    const all = Array.from({ length: 70 }, (_, id) => id)

    for (const id of all) socket.receive(id)
    expect(ids(socket)).toEqual(all.slice(0, 64))
    endTurn()
    expect(ids(socket)).toEqual(all)
  })

  it('answers those that wait before it is closed, and none twice', () => {
    const { socket, endTurn, answerWaiting } = serving()

    for (const id of [1, 2]) socket.receive(id)
    answerWaiting()
    endTurn()

    expect(ids(socket)).toEqual([1, 2])
  })

  it('writes no response over one that the kernel has not taken yet', () => {
    const { socket, counters, endTurn } = serving()
    socket.blocked = 1

    for (const id of [1, 2, 3]) socket.receive(id)
    endTurn()

    expect(socket.sent.map(({ response }) => response[1])).toEqual([1, 2, 3]) // as it is now
    expect(counters()['send_queued']).toBe(3)
  })

  it('uses one buffer for all while the kernel takes them', () => {
    const { socket, endTurn } = serving()

    for (const id of [1, 2, 3]) socket.receive(id)
    endTurn()

    expect(new Set(socket.sent.map(({ response }) => response)).size).toBe(1)
  })

  it('drops queries while too many responses wait, and answers again after', () => {
    const { socket, counters, endTurn } = serving()
    socket.blocked = 1024
    for (const id of [1, 2, 3]) socket.receive(id)
    endTurn()
    socket.blocked = 0
    socket.receive(4)
    endTurn()

    expect(ids(socket)).toEqual([1, 4])
    expect(counters()).toMatchObject({ queries_udp: 4, dropped: 2 })
  })

  it('drops a query from port 0: nothing can be sent there', () => {
    const { socket, counters, endTurn } = serving()

    socket.receive(1, 0)
    endTurn()

    expect(socket.sent).toEqual([])
    expect(counters()).toMatchObject({ queries_udp: 1, dropped: 1 })
  })

  it('sends what comes later to who asked, but nothing once the socket is closed', () => {
    const sinks: ReplySink[] = []
    const { socket, endTurn } = serving({
      answer(query, _length, client) {
        sinks.push(client.replies!.open(query, { drained: () => {}, closed: () => {} }))
        return LATER
      },
    })
    socket.receive(1, 4321)
    socket.receive(2, 4322)
    endTurn()

    sinks[0]!.send(queryBytes({ ask: 'www.example A', id: 1 }))
    socket.close()
    sinks[1]!.send(queryBytes({ ask: 'www.example A', id: 2 }))

    expect(socket.sent.map(({ to }) => to)).toEqual(['192.0.2.1:4321'])
  })
})
