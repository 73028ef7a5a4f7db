import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../fuzz/random.ts'
import { overUdp } from '../fuzz/sockets/udp.ts'
import { startForStorm, storm } from '../fuzz/sockets/storm.ts'
import { askTcpMany } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import type { TestServer } from '../support/dns-server.ts'

const PACKETS = 20_000
const SEED = Number(process.env['WAYPOST_SEED'] ?? 20_261_121)

describe('packets of nonsense', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startForStorm()
  })
  afterAll(() => server.nameserver.close())

  it(`${PACKETS} over UDP: what can be answered is, nothing else is, and all are counted`, async () => {
    const before = server.nameserver.counters()

    const { sent, answered, silent } = await overUdp({ port: server.port }, new Random(SEED), PACKETS)

    const after = server.nameserver.counters()
    expect(sent).toBe(PACKETS)
    expect(answered + silent).toBe(PACKETS)
    expect(silent).toBeGreaterThan(100)
    expect(after.dropped - before.dropped).toBe(silent)
  })

  it('a storm over UDP and TCP, of slow, half-open and reset connections: afterwards all is as before', async () => {
    await storm(server, new Random(SEED), 2_000)

    expect(await server.ask('tcp', 'www.fed.test AAAA')).toMatchObject({
      rcode: 'NOERROR',
      answer: ['www.fed.test. 30 AAAA 2001:db8::1'],
    })
  })

  it('messages with many pointers do not cost more than others', async () => {
    const hop = Buffer.from(
      Array.from({ length: 8000 }, (_, i) => [0xc0 | ((i * 2 + 19) >> 8), (i * 2 + 19) & 0xff]).flat(),
    )
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
    const body = Buffer.concat([hop, ...Array.from({ length: 3000 }, () => record)])
    const message = queryBytes({ ask: 'www.fed.test A', counts: [1, 3000, 0, 0], tail: [...body] })
    const begin = process.cpuUsage()

    const [response] = await askTcpMany(server.port, [message])

    expect(response![3]! & 15).toBe(1)
    const { user, system } = process.cpuUsage(begin) // of all threads, in µs, however busy the machine is
    expect(user + system).toBeLessThan(1_000_000)
  })
})
