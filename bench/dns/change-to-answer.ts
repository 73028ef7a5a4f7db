import { HEADER_BYTES } from '../../src/dns/protocol.ts'
import { nowMicros } from '../support/now-micros.ts'
import { quantile } from '../support/quantile.ts'
import type { Bench } from './bench.ts'
import { connectedSocket, queryFor } from './question.ts'
import { startZoneChild, type ZoneChild } from './zone-child-control.ts'

/** UDP may lose a question. */
const PATIENCE_MS = 1_000

/**
 * From the call that publishes a change to the answer that has it, asked without a pause: a figure is too high by at most
 * one turn of asking. Beside it what a name takes in the store, and how long publishing it.
 */
export async function measureChangeToAnswer(bench: Bench): Promise<void> {
  const child = await startZoneChild(bench, 'dgram')
  try {
    const micros: number[] = []
    const names = bench.work.names.filter(({ kind }) => kind === 'address')
    for (let i = 0; i < bench.sizes.changes; i += 1) {
      micros.push(await timeOne(child, names[(i * 7919) % names.length]!.name, i)) // some name has an address
    }
    const { outcome } = bench
    outcome.figure('change_to_answer_p50_micros', quantile(micros, 0.5))
    outcome.figure('change_to_answer_p99_micros', quantile(micros, 0.99))
    outcome.figure('publish_micros_per_name', child.ready.publishMicrosPerName)
    outcome.figure('store_bytes_per_name', child.ready.storeBytesPerName)
  } finally {
    await child.stop()
  }
}

async function timeOne(child: ZoneChild, name: string, index: number): Promise<number> {
  const address = [13, (index >> 16) & 255, (index >> 8) & 255, index & 255] // no other change gives it
  const told = child.next(({ kind }) => kind === 'changed')
  const seen = await asking(child.ready.port, name, Buffer.from(address))
  child.send({ kind: 'change', name, address: address.join('.') })
  const change = await told
  if (change.kind !== 'changed') throw new Error('the server said something else')
  return (await seen.atMicros) - change.atMicros
}

/** Ask again as soon as an answer comes, until one ends with these octets before its OPT record. */
async function asking(
  port: number,
  name: string,
  wanted: Buffer,
): Promise<{ readonly atMicros: Promise<number> }> {
  const socket = await connectedSocket(port)
  const query = queryFor(name, 'A', 1)
  const atMicros = new Promise<number>((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`change of ${name} was never answered`)), PATIENCE_MS)
    socket.on('message', (answer) => {
      const now = nowMicros()
      if (answer.indexOf(wanted, HEADER_BYTES) < 0) {
        socket.send(query)
        return
      }
      clearTimeout(giveUp)
      resolve(now)
    })
    socket.send(query)
  }).finally(() => socket.close())
  return { atMicros }
}
