import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { COUNTER, CounterRow, createCounters } from '../../../../src/nameserver/counters.ts'
import { LINGER_MS, StreamService, type Admitted } from '../../../../src/nameserver/streams/stream-service.ts'
import { DEFAULT_TCP_LIMITS } from '../../../../src/nameserver/tcp.ts'

/** Sessions that say when a message has come in, and never end by themselves. */
class Talking extends StreamService {
  readonly admitted: Admitted[] = []

  constructor() {
    super({
      counters: new CounterRow(createCounters(1), 0),
      counts: {
        connections: COUNTER.tcp_connections,
        refused: COUNTER.tcp_refused,
        timeouts: COUNTER.tcp_timeouts,
      },
      limits: DEFAULT_TCP_LIMITS,
      halfOpen: true,
    })
  }

  protected override begin(admitted: Admitted): void {
    admitted.session = { finish: () => {} }
    this.admitted.push(admitted)
  }

  talk(): void {
    for (const admitted of this.admitted) this.touch(admitted)
  }
}

afterEach(() => vi.useRealTimers())

it('who is told to go has a second, whatever it still says', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const service = new Talking()
  const listener = service.createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const accepted = once(listener, 'connection')
  connect((listener.address() as AddressInfo).port, '127.0.0.1') // of a listening TCP server
  const [peer] = (await accepted) as [Socket] // as documented

  const drained = service.drain()
  vi.advanceTimersByTime(LINGER_MS - 1)
  service.talk()
  const isThereBefore = !peer.destroyed
  vi.advanceTimersByTime(1)

  expect([isThereBefore, peer.destroyed]).toEqual([true, true])
  await drained
  listener.close()
})
