import { createSocket } from 'node:dgram'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askTcpMany } from '../support/dns-exchange.ts'
import { optBytes, queryBytes } from '../support/dns-query.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'

const PACKETS = 20_000
/** Sent without waiting; more would be lost in the kernel, which proves nothing. */
const BURST = 64

/** A plain generator, so that a failing packet can be made again from the seed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const SEEDS: readonly Buffer[] = [
  queryBytes({ ask: 'www.fed.test A' }),
  queryBytes({ ask: 'fed.test NS', edns: { flags: 0x8000 } }),
  queryBytes({ ask: 'alias.fed.test AAAA', edns: { options: [{ code: 10, data: Buffer.alloc(8, 7) }] } }),
  queryBytes({ ask: 'many.fed.test A', edns: { payloadBytes: 65_535 } }),
  queryBytes({ ask: 'loop1.fed.test ANY', flags: 0x0110 }),
  queryBytes({ ask: 'fed.test SOA', counts: [1, 0, 0, 2], tail: [...optBytes({}), ...optBytes({})] }),
  queryBytes({
    counts: [1, 1, 1, 1],
    tail: [0xc0, 0x0c, 0, 1, 0, 1, 0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 0, 0, 2, 0xc0, 0x0c],
  }),
]

/** One of the seeds with octets changed, cut, doubled or appended; now and then nothing but noise. */
function mutate(next: (below: number) => number): Buffer {
  if (next(20) === 0) return Buffer.from(Array.from({ length: next(600) }, () => next(256)))
  let packet: Buffer = Buffer.from(SEEDS[next(SEEDS.length)]!) // below the length
  for (let edits = next(6); edits > 0; edits -= 1) {
    const at = next(packet.length + 1)
    const kind = next(6)
    if (kind === 0) packet = packet.subarray(0, at)
    else if (kind === 1) packet = Buffer.concat([packet.subarray(0, at), packet])
    else if (kind === 2) packet = Buffer.concat([packet, Buffer.from([next(256), next(256)])])
    else if (at < packet.length)
      packet = withOctet(
        packet,
        at,
        kind === 3 ? packet[at]! ^ (1 << next(8)) : kind === 4 ? 0xff : next(256),
      )
  }
  return packet.subarray(0, 4096)
}

function withOctet(packet: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = value
  return copy
}

describe('packets of nonsense', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(
      ['fed.test'],
      [
        'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
        'fed.test. 60 NS ns.fed.test.',
        'ns.fed.test. 60 A 192.0.2.53',
        'www.fed.test. 30 A 192.0.2.1',
        'alias.fed.test. 30 CNAME www.fed.test.',
        'loop1.fed.test. 30 CNAME loop1.fed.test.',
        ...Array.from({ length: 200 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
      ],
    )
  })
  afterAll(() => server.nameserver.close())

  it(`${PACKETS} over UDP: every answer fits and belongs to its question, none goes to a response, nothing dies`, async () => {
    const next = random(20_261_120)
    const socket = createSocket('udp4')
    const faults: string[] = []
    const pending = new Map<number, Buffer>()
    let answered = 0
    let wake = (): void => {}
    socket.on('message', (response) => {
      const id = response.readUInt16BE(0)
      const packet = pending.get(id)
      if (packet === undefined) faults.push(`answer to nothing: ${response.toString('hex')}`)
      else if (response.length > 1232) faults.push(`${response.length} octets for ${packet.toString('hex')}`)
      else if ((response[2]! & 0x80) === 0) faults.push(`no response for ${packet.toString('hex')}`)
      pending.delete(id)
      answered += 1
      if (pending.size === 0) wake()
    })
    let silent = 0
    for (let sent = 0; sent < PACKETS;) {
      for (let burst = 0; burst < BURST && sent < PACKETS; burst += 1, sent += 1) {
        const packet = mutate(next)
        if (packet.length >= 2) packet.writeUInt16BE(sent & 0xffff, 0)
        const mayAnswer = packet.length >= 12 && (packet[2]! & 0x80) === 0
        if (mayAnswer) pending.set(sent & 0xffff, packet)
        else silent += 1
        socket.send(packet, server.port, '127.0.0.1')
      }
      if (pending.size > 0) await new Promise<void>((resolve) => (wake = resolve))
    }
    socket.close()

    expect(faults).toEqual([])
    expect(answered + silent).toBe(PACKETS)
    expect(silent).toBeGreaterThan(100)
    expect(server.nameserver.counters()).toMatchObject({ queries_udp: PACKETS, dropped: silent })
    expect(await server.ask('udp', 'www.fed.test A')).toMatchObject({
      answer: ['www.fed.test. 30 A 192.0.2.1'],
    })
  })

  it('over TCP: what can be answered is, within the limits of a message', async () => {
    const next = random(7)
    const packets: Buffer[] = []
    while (packets.length < 2000) {
      const packet = mutate(next)
      if (packet.length >= 12 && (packet[2]! & 0x80) === 0) packets.push(packet)
    }

    const responses = await askTcpMany(server.port, packets)

    expect(responses.map((response) => response.readUInt16BE(0))).toEqual(
      packets.map((packet) => packet.readUInt16BE(0)),
    )
  })

  it('messages with many pointers do not cost more than others', async () => {
    const hop = Buffer.from(
      Array.from({ length: 8000 }, (_, i) => [0xc0 | ((i * 2 + 19) >> 8), (i * 2 + 19) & 0xff]).flat(),
    )
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
    const body = Buffer.concat([hop, ...Array.from({ length: 3000 }, () => record)])
    const message = queryBytes({ ask: 'www.fed.test A', counts: [1, 3000, 0, 0], tail: [...body] })
    const begin = performance.now()

    const [response] = await askTcpMany(server.port, [message])

    expect(response![3]! & 15).toBe(1)
    expect(performance.now() - begin).toBeLessThan(1_000)
  })
})
