import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createZoneMemory } from '../../../../src/nameserver/zone-store/zone-memory.ts'
import { Client } from '../../../../src/nameserver/client.ts'
import { SharedZoneReader } from '../../../../src/nameserver/zone-store/zone-reader.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { LASTING_NAMES, PASSING_NAME, tortureValue, WORD } from '../../../support/zone-torture.ts'

const RUN_MS = 1_000
const NXDOMAIN = 3
const RECORD_BYTES = 16

/** What is wrong with a response; undefined when it is one answer, whole. Read by hand: most of the second is for reading the store. */
function fault(response: Buffer, questionEnd: number, mayBeGone: boolean): string | undefined {
  const rcode = response[3]! & 15
  if (rcode === NXDOMAIN) return mayBeGone ? undefined : 'a lasting name was denied'
  const given = response.readUInt16BE(6)
  if (rcode !== 0 || given === 0) return `rcode ${rcode}, ${given} answers`
  const value = response.readUInt32BE(questionEnd + 6)
  const { address, count } = tortureValue(value)
  if (given !== count || response.length !== questionEnd + count * RECORD_BYTES) {
    return `${given} addresses of ${count} in ${response.length} octets`
  }
  const first = response.subarray(questionEnd, questionEnd + RECORD_BYTES)
  if (first.subarray(12).join('.') !== address) return `${first.subarray(12).join('.')} for ${address}`
  for (let at = questionEnd + RECORD_BYTES; at < response.length; at += RECORD_BYTES) {
    const same = first.compare(response, at, at + RECORD_BYTES) === 0
    if (!same) return `a record of another answer beside ${address}`
  }
  return undefined
}

describe('one writer and a reader for a second', () => {
  it('no answer is torn and no lasting name is missed, whatever the writer is doing', async () => {
    const memory = createZoneMemory({ reservedBytes: 4 * 1024 * 1024, seed: Uint32Array.of(7, 9) })
    const control = new Int32Array(new SharedArrayBuffer(16))
    const writer = new Worker(new URL('../../../support/zone-torture-writer.ts', import.meta.url), {
      workerData: { memory, control },
    })
    const ended = once(writer, 'exit')
    const queries = [...LASTING_NAMES, PASSING_NAME].map((name) => queryBytes({ ask: `${name} A` }))
    const reader = new SharedZoneReader(memory, 'tcp', {})
    const client = new Client(() => 0)
    const out = Buffer.alloc(65_535)
    const faults: string[] = []
    const seen = new Set<number>()
    await new Promise<void>((resolve, reject) => {
      writer.once('error', reject)
      const poll = (): void => (Atomics.load(control, WORD.ready) === 1 ? resolve() : void setImmediate(poll))
      poll()
    })

    let reads = 0
    const writesBefore = Atomics.load(control, WORD.writes)
    for (const end = performance.now() + RUN_MS; performance.now() < end;) {
      for (const [index, query] of queries.entries()) {
        const response = out.subarray(0, reader.answer(query, query.length, client, out))
        const wrong = fault(response, query.length, index === LASTING_NAMES.length)
        if (wrong !== undefined) faults.push(wrong)
        seen.add(response.length)
        reads += 1
      }
    }
    const writes = Atomics.load(control, WORD.writes) - writesBefore
    Atomics.store(control, WORD.stop, 1)
    await ended

    expect(faults.slice(0, 5)).toEqual([])
    expect(reads).toBeGreaterThan(2_000)
    expect(writes).toBeGreaterThan(1_000)
    expect(seen.size).toBeGreaterThan(50) // answers of many sizes: reads met the writer at work
  })
})
