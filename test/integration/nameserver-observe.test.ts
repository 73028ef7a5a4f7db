import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ObserveSettings } from '../../src/nameserver/observe/settings.ts'
import { readStream, startReceiver, type DnstapFrame, type StreamItem } from '../support/dnstap-reader.ts'
import { askTcpMany } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'

const SOA = 'fed.test 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'
const LINES = [SOA, 'www.fed.test 30 A 192.0.2.1']
const TYPE = 'protobuf:dnstap.Dnstap'
/** Times are taken from one clock and told by another, a few ms apart (wall-time.ts). */
const CLOCK_SLACK_MS = 10

let folder = ''
const open: { close(): Promise<void> }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-observe-'))
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
  rmSync(folder, { recursive: true })
})

async function start(observe: ObserveSettings, workers = 1): Promise<TestServer> {
  const server = await startTestServer(['fed.test'], LINES, { observe, workers })
  open.push({ close: () => server.nameserver.close() })
  return server
}

/** Lines of a query log, without what differs from run to run. */
function logged(path: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => {
    const { time, port, durationUs, ...rest } = JSON.parse(line) as Record<string, unknown>
    expect([typeof time, typeof port, typeof durationUs]).toEqual(['string', 'number', 'number'])
    return rest
  })
}

describe('query log', () => {
  it('has a line for each query of each transport', async () => {
    const path = join(folder, 'queries.log')
    const server = await start({ queryLog: { target: path, oneIn: 1 } })

    await server.ask('udp', { ask: 'WWW.fed.test A', id: 7 })
    await server.ask('tcp', { ask: 'no.fed.test AAAA', id: 8 })
    await server.ask('udp', { ask: 'www.example TXT', id: 9 })
    await server.nameserver.close()

    const all = { client: '127.0.0.1', opcode: 'QUERY', qclass: 'IN', do: false, cookie: false }
    expect(logged(path)).toEqual([
      {
        ...{
          ...all,
          proto: 'udp',
          id: 7,
          qname: 'WWW.fed.test.',
          qtype: 'A',
          rcode: 'NOERROR',
          flags: 'qr aa',
        },
        ...{ queryBytes: 30, responseBytes: 46 },
      },
      {
        ...{
          ...all,
          proto: 'tcp',
          id: 8,
          qname: 'no.fed.test.',
          qtype: 'AAAA',
          rcode: 'NXDOMAIN',
          flags: 'qr aa',
        },
        ...{ queryBytes: 29, responseBytes: 89 },
      },
      {
        ...{
          ...all,
          proto: 'udp',
          id: 9,
          qname: 'www.example.',
          qtype: 'TXT',
          rcode: 'REFUSED',
          flags: 'qr',
        },
        ...{ queryBytes: 29, responseBytes: 29 },
      },
    ])
    expect(server.nameserver.counters().query_log_dropped).toBe(0)
  })

  it('has whole lines from several workers, and one query in so many where asked', async () => {
    const [every, some] = [join(folder, 'every.log'), join(folder, 'some.log')]
    const servers = [
      await start({ queryLog: { target: every, oneIn: 1 } }, 3),
      await start({ queryLog: { target: some, oneIn: 10 } }),
    ]

    for (const server of servers) {
      await Promise.all(Array.from({ length: 100 }, () => server.ask('udp', 'www.fed.test A')))
      await server.nameserver.close()
    }

    expect([logged(every).length, logged(some).length]).toEqual([100, 10])
  })

  it('goes on in a new file when the old one has been moved away', async () => {
    const path = join(folder, 'queries.log')
    const { ask, nameserver } = await start({ queryLog: { target: path, oneIn: 1 } }, 2)
    await ask('udp', 'www.fed.test A')

    renameSync(path, `${path}.1`)
    await nameserver.reopenFiles()
    await ask('udp', 'www.fed.test AAAA')
    await nameserver.close()

    const types = (file: string): readonly unknown[] => logged(file).map(({ qtype }) => qtype)
    expect([types(`${path}.1`), types(path)]).toEqual([['A'], ['AAAA']])
  })

  it('that cannot be written is said at the start', async () => {
    await expect(
      start({ queryLog: { target: join(folder, 'absent', 'x.log'), oneIn: 1 } }),
    ).rejects.toMatchObject({
      code: 'QUERY_LOG_UNWRITABLE',
    })
  })
})

/** Type, name of the protocol and address of each frame. */
const told = (items: readonly StreamItem[]): readonly string[] =>
  items.map((item) =>
    typeof item === 'string'
      ? item
      : ['type', 'socket_protocol', 'response_port'].map((name) => String(item.message[name])).join(' '),
  )

const isFrame = (item: StreamItem | undefined): item is DnstapFrame => typeof item === 'object'

describe('dnstap', () => {
  it('tells a receiver of queries and responses, and takes leave', async () => {
    const receiver = await startReceiver(join(folder, 'tap.sock'))
    open.push(receiver)
    const target = { kind: 'unix', path: join(folder, 'tap.sock') } as const
    const server = await start({ dnstap: { target, identity: 'ns1', version: 'Waypost 1' } })
    const { streams } = receiver
    await receiver.until(() => streams[0]?.length === 2)

    const before = Math.floor((Date.now() - CLOCK_SLACK_MS) / 1000)
    await server.ask('udp', { ask: 'www.fed.test A', id: 7 })
    await server.ask('tcp', { ask: 'no.fed.test A', id: 8 })
    await server.nameserver.close()

    const { port } = server
    expect(told(streams[0] ?? [])).toEqual([
      ...[`READY ${TYPE}`, `START ${TYPE}`],
      ...[`1 1 ${port}`, `2 1 ${port}`, `1 2 ${port}`, `2 2 ${port}`, 'STOP'],
    ])
    const [query, response] = (streams[0] ?? []).filter(isFrame)
    expect(query).toMatchObject({
      ...{ identity: 'ns1', version: 'Waypost 1', type: 1 },
      message: { query_address: Buffer.of(127, 0, 0, 1), response_address: Buffer.of(127, 0, 0, 1) },
    })
    expect(query?.message['query_message']).toHaveLength(30)
    expect(response?.message['response_message']).toHaveLength(46)
    expect(Number(query?.message['query_time_sec'])).toBeGreaterThanOrEqual(before)
    expect(Number(response?.message['response_time_sec'])).toBeLessThanOrEqual(
      Math.ceil((Date.now() + CLOCK_SLACK_MS) / 1000),
    )
    expect(server.nameserver.counters()).toMatchObject({ dnstap_frames: 4, dnstap_dropped: 0 })
  })

  it('is one stream in a file, whatever the number of workers', async () => {
    const path = join(folder, 'tap.fstrm')
    const server = await start({ dnstap: { target: { kind: 'file', path } } }, 3)

    await Promise.all(Array.from({ length: 60 }, () => server.ask('udp', 'www.fed.test A')))
    await server.nameserver.close()

    const { items, rest } = readStream(readFileSync(path))
    expect([items[0], items.at(-1), rest.length]).toEqual([`START ${TYPE}`, 'STOP', 0])
    expect(items.slice(1, -1).filter(isFrame)).toHaveLength(120)
  })

  it('ends the stream of a file that has been moved away, and begins a new one', async () => {
    const path = join(folder, 'tap.fstrm')
    const { ask, nameserver } = await start({ dnstap: { target: { kind: 'file', path } } }, 2)
    await ask('udp', 'www.fed.test A')

    renameSync(path, `${path}.1`)
    await nameserver.reopenFiles()
    await ask('udp', 'www.fed.test A')
    await nameserver.close()

    const streams = [`${path}.1`, path].map((file) => readStream(readFileSync(file)).items)
    expect(streams.map((items) => [items[0], items.at(-1)])).toEqual([
      [`START ${TYPE}`, 'STOP'],
      [`START ${TYPE}`, 'STOP'],
    ])
    expect(streams.flat().filter(isFrame)).toHaveLength(4)
  })

  it('does not delay or lose answers while there is no receiver; frames beyond the queue are counted', async () => {
    const server = await start({ dnstap: { target: { kind: 'unix', path: join(folder, 'nobody') } } })

    const query = queryBytes({ ask: 'www.fed.test A' })
    const answers = await askTcpMany(
      server.port,
      Array.from({ length: 10_500 }, () => query),
    )

    expect(answers).toHaveLength(10_500)
    expect(server.nameserver.counters()).toMatchObject({ queries_tcp: 10_500, dnstap_dropped: 500 })
  })

  it('that cannot be written is said at the start', async () => {
    await expect(
      start({ dnstap: { target: { kind: 'file', path: join(folder, 'absent', 'x') } } }),
    ).rejects.toMatchObject({
      code: 'DNSTAP_UNWRITABLE',
    })
  })
})
