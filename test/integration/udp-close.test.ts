import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { createCounters, CounterRow } from '../../src/nameserver/counters.ts'
import { Observer } from '../../src/nameserver/observe/observer.ts'
import type { ZoneReader } from '../../src/nameserver/types.ts'
import { dgramBackend } from '../../src/nameserver/udp-backend.ts'
import { queryBytes } from '../support/dns-query.ts'

const echo: ZoneReader = {
  answer(query, length, _client, out) {
    out.set(query)
    return length
  },
}

afterEach(() => vi.restoreAllMocks())

it('a socket of Node that is closed answers first what it has read, and is then left alone', async () => {
  const ends = Promise.withResolvers<() => void>()
  vi.spyOn(globalThis, 'setImmediate').mockImplementation((atEndOfTurn: () => void) => {
    ends.resolve(atEndOfTurn)
    return {} as NodeJS.Immediate // nobody looks at it
  })
  const port = await dgramBackend.bind({ host: '127.0.0.1', port: 0 }, false)
  port.serve(echo, new Observer(new CounterRow(createCounters(1), 0), 'udp', { now: () => 0 }))
  const client = createSocket('udp4')
  const answered = once(client, 'message')
  const query = queryBytes({ ask: 'www.example A', id: 7 })

  client.send(query, port.port, '127.0.0.1')
  const atEndOfTurn = await ends.promise
  port.close()
  atEndOfTurn()

  const [answer] = (await answered) as [Buffer]
  expect(answer).toEqual(Buffer.from(query))
  client.close()
})
