import { workerData } from 'node:worker_threads'
import type { Address } from '../../src/dns/address.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import type { Answer, Selection } from '../../src/dns/records.ts'
import { SharedZoneWriter } from '../../src/nameserver/zone-store/zone-writer.ts'
import { changesOf } from './dns-lines.ts'
import { LASTING_NAMES, PASSING_NAME, tortureValue, WORD } from './zone-torture.ts'

/** Rewrites a few names as fast as it can, so that readers meet every stage of a change; see zone-torture.ts. */
const { memory, control } = workerData as { memory: SharedArrayBuffer; control: Int32Array } // made by the test
// A block is used again at once: with blocks at rest, readers would hardly ever meet one in the middle of it.
const writer = new SharedZoneWriter(memory, 1)
const lasting = LASTING_NAMES.map(parseDomainName)
const passing = parseDomainName(PASSING_NAME)

writer.publish(changesOf(['torture. 60 SOA ns.torture. host.torture. 1 2 3 4 15']))
writer.setState(parseDomainName('torture'), 'serving')
for (let round = 1; Atomics.load(control, WORD.stop) === 0; round += 1) {
  const name = lasting[round % lasting.length]! // within bounds
  writer.publish([{ name, answer: answerOf(round), urgent: false }])
  if (round % 3 === 0) {
    writer.publish([
      round % 2 === 0
        ? { name: passing, answer: answerOf(round), urgent: false }
        : { name: passing, urgent: false },
    ])
  }
  // Names that come and go leave tombstones, so that the index is rebuilt again and again.
  const filler = parseDomainName(`filler-${round % 20_000}.torture`)
  writer.publish([{ name: filler, answer: answerOf(round), urgent: false }])
  writer.publish([{ name: filler, urgent: false }])
  if (round === lasting.length) Atomics.store(control, WORD.ready, 1)
  Atomics.add(control, WORD.writes, 1)
}

/** Every part of it says the same number: TTL, each address, how many there are. All are given, in whatever order. */
function answerOf(round: number): Answer {
  const { ttlSeconds, address, count } = tortureValue(round)
  const a = Array.from({ length: count }, () => address as Address) // four decimal parts
  const select = selectionOf(round % 4, count)
  return { kind: 'addresses', ttlSeconds, a, aaaa: [], ...(select === undefined ? {} : { select }) }
}

function selectionOf(kind: number, count: number): Selection | undefined {
  if (kind === 0) return undefined
  if (kind === 1) return { most: 0, rotate: true }
  const all = Uint16Array.from({ length: count }, (_, i) => i)
  const lists = [all, all.toReversed(), all]
  return { most: 0, rotate: kind === 2, variants: { by: kind === 2 ? 'network' : 'turn', lists } }
}
