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
  readonly sent: { readonly response: Uint8Array; readonly to: string }[] = []
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
    this.sent.push({ response, to: `${address}:${port}` })
  }

  getSendQueueCount(): number {
    return this.blocked
  }

  receive(id: number, port = 5000): void {
    this.#receive(queryBytes({ ask: 'www.example A', id }), { address: '192.0.2.1', port })
  }
}

function serving(reader = echoId): { socket: SlowSocket; counters: () => Record<string, number> } {
  const socket = new SlowSocket()
  const memory = createCounters(1)
  serveUdp(socket, reader, new Observer(new CounterRow(memory, 0), 'udp', { now: () => 0 }))
  return { socket, counters: () => sumCounters(memory) }
}

const ids = (socket: SlowSocket): readonly number[] =>
  socket.sent.map(({ response }) => Buffer.from(response).readUInt16BE(0))

describe('serveUdp', () => {
  it('answers to where the query came from', () => {
    const { socket } = serving()

    socket.receive(7, 4321)

    expect(socket.sent.map(({ to }) => to)).toEqual(['192.0.2.1:4321'])
    expect(ids(socket)).toEqual([7])
  })

  it('writes no response over one that the kernel has not taken yet', () => {
    const { socket, counters } = serving()
    socket.blocked = 1

    for (const id of [1, 2, 3]) socket.receive(id)

    expect(ids(socket)).toEqual([1, 2, 3])
    expect(counters()['send_queued']).toBe(3)
  })

  it('uses one buffer for all while the kernel takes them', () => {
    const { socket } = serving()

    for (const id of [1, 2, 3]) socket.receive(id)

    expect(new Set(socket.sent.map(({ response }) => response)).size).toBe(1)
  })

  it('drops queries while too many responses wait, and answers again after', () => {
    const { socket, counters } = serving()
    socket.blocked = 1024
    for (const id of [1, 2, 3]) socket.receive(id)
    socket.blocked = 0
    socket.receive(4)

    expect(ids(socket)).toEqual([1, 4])
    expect(counters()).toMatchObject({ queries_udp: 4, dropped: 2 })
  })

  it('drops a query from port 0: nothing can be sent there', () => {
    const { socket, counters } = serving()

    socket.receive(1, 0)

    expect(socket.sent).toEqual([])
    expect(counters()).toMatchObject({ queries_udp: 1, dropped: 1 })
  })

  it('sends what comes later to who asked, but nothing once the socket is closed', () => {
    const sinks: ReplySink[] = []
    const { socket } = serving({
      answer(query, _length, client) {
        sinks.push(client.replies!.open(query, { drained: () => {}, closed: () => {} }))
        return LATER
      },
    })
    socket.receive(1, 4321)
    socket.receive(2, 4322)

    sinks[0]!.send(queryBytes({ ask: 'www.example A', id: 1 }))
    socket.close()
    sinks[1]!.send(queryBytes({ ask: 'www.example A', id: 2 }))

    expect(socket.sent.map(({ to }) => to)).toEqual(['192.0.2.1:4321'])
  })
})
