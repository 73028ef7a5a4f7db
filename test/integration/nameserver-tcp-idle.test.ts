import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CounterRow, createCounters } from '../../src/nameserver/counters.ts'
import { Observer } from '../../src/nameserver/observe/observer.ts'
import { DEFAULT_TCP_LIMITS, TcpService } from '../../src/nameserver/tcp.ts'
import { withLength } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'

const query = withLength(queryBytes({ ask: 'fed.test SOA' }))

afterEach(() => vi.useRealTimers())

describe('the idle time', () => {
  it('begins anew with every whole message, and with nothing else', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const service = new TcpService(
      { answer: (_query, length) => length },
      new Observer(new CounterRow(createCounters(1), 0), 'tcp', { now: () => 0 }),
      {
        ...DEFAULT_TCP_LIMITS,
        idleMs: 1000,
      },
    )
    const listener = service.createServer()
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const accepted = once(listener, 'connection')
    const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1') // of a listening TCP server
    const [peer] = (await accepted) as [Socket] // as documented

    const alive: boolean[] = []
    for (let i = 0; i < 3; i += 1) {
      socket.write(query)
      const [answer] = (await once(socket, 'data')) as [Buffer] // no encoding is set
      alive.push(answer.length > 0)
      vi.advanceTimersByTime(900)
    }
    const partReceived = once(peer, 'data')
    socket.write(query.subarray(0, 5))
    await partReceived
    const closed = Promise.all([once(socket, 'close'), once(peer, 'close')])
    vi.advanceTimersByTime(101)
    await closed
    listener.close()

    expect(alive).toEqual([true, true, true])
    expect(service.connections).toBe(0)
  })
})
