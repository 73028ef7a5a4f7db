import { RCODE } from '../../src/dns/protocol.ts'
import { nowMicros } from '../support/now-micros.ts'
import {
  LOST_MICROS,
  OUTSTANDING,
  type Generator,
  type LatencyOptions,
  type LoadOptions,
  type LoadReport,
} from './generator.ts'
import { connectedSocket, queryFor } from './question.ts'
import type { Query } from './work.ts'

/** What the kernel and Node wait for at the least. */
const TICK_MS = 1
/** For answers that are still on their way at the end. */
const AFTERMATH_MS = 200
const IDS = 65_536
/** On a machine that is busy with other things a short time may see no answer at all: it is made longer. */
const FEWEST_ANSWERS = 500
const PATIENCE_MS = 5_000

/** Load from this process, over UDP. It is slower than the servers that it asks, and its own pauses are in the latencies. */
export function createBuiltInGenerator(queries: readonly Query[]): Generator {
  const packets = queries.map(({ name, type }, index) => queryFor(name, type, index))
  return {
    name: 'built-in',
    transports: ['udp'],
    load: (options) => load(packets, options),
    latencies: (options) => latencies(packets, options),
  }
}

async function load(packets: readonly Buffer[], { port, seconds, over }: LoadOptions): Promise<LoadReport> {
  if (over !== 'udp') throw new Error(`the built-in generator cannot ask over ${over}`)
  const socket = await connectedSocket(port)
  const seen = { answers: 0, bytes: 0, noSuchNames: 0 }
  let next = 0
  const ask = (): void => {
    socket.send(packets[next]!) // below the length
    next = (next + 1) % packets.length
  }
  socket.on('message', (answer) => {
    seen.answers += 1
    seen.bytes += answer.length
    if ((answer[3]! & 15) === RCODE.NXDOMAIN) seen.noSuchNames += 1 // has a header
    ask()
  })
  const begin = performance.now()
  const ends = begin + seconds * 1000
  for (let before = -1; performance.now() < ends || seen.answers < FEWEST_ANSWERS; before = seen.answers) {
    if (performance.now() > ends + PATIENCE_MS) break
    if (seen.answers === before || before < 0) for (let i = 0; i < OUTSTANDING; i += 1) ask() // all lost, or the first
    await pause(Math.min(PATIENCE_MS / 10, seconds * 1000))
  }
  socket.close()
  const divisor = Math.max(1, seen.answers)
  return {
    queries: seen.answers,
    seconds: (performance.now() - begin) / 1000,
    lost: 0,
    meanAnswerBytes: seen.bytes / divisor,
    noSuchNameShare: seen.noSuchNames / divisor,
  }
}

async function latencies(
  packets: readonly Buffer[],
  { port, seconds, perSecond }: LatencyOptions,
): Promise<Float64Array> {
  const socket = await connectedSocket(port)
  const total = Math.ceil(seconds * perSecond)
  const took = new Float64Array(total).fill(LOST_MICROS)
  const sentAt = new Float64Array(total)
  let sent = 0
  socket.on('message', (answer) => {
    // The newest query with this id: there are not so many in a second that two of them could be on their way.
    const index = sent - 1 - ((sent - 1 - answer.readUInt16BE(0)) & (IDS - 1))
    if (took[index] === LOST_MICROS) took[index] = nowMicros() - sentAt[index]! // asked before
  })
  const begin = performance.now()
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * perSecond))
    for (; sent < due; sent += 1) {
      const packet = Buffer.from(packets[sent % packets.length]!) // within bounds
      packet.writeUInt16BE(sent & (IDS - 1), 0)
      sentAt[sent] = nowMicros()
      socket.send(packet)
    }
    await pause(TICK_MS)
  }
  await pause(AFTERMATH_MS)
  socket.close()
  return took.sort()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
