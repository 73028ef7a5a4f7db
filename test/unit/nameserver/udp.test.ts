import { describe, expect, it } from 'vitest'
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

/** A socket whose kernel takes nothing while it is blocked. */
class SlowSocket implements DatagramSocket {
  blocked = 0
  readonly sent: { readonly response: Uint8Array; readonly to: string }[] = []
  #receive: Parameters<DatagramSocket['on']>[1] = () => {}

  on(_event: 'message', receive: Parameters<DatagramSocket['on']>[1]): void {
    this.#receive = receive
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

function serving(): { socket: SlowSocket; counters: () => Record<string, number> } {
  const socket = new SlowSocket()
  const memory = createCounters(1)
  serveUdp(socket, echoId, new Observer(new CounterRow(memory, 0), 'udp', { now: () => 0 }))
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
})
