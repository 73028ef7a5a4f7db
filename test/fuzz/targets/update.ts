import { parseDomainName } from '../../../src/dns/names.ts'
import type { RecordSet } from '../../../src/dns/records.ts'
import { evaluateUpdate } from '../../../src/dns/update/evaluate-update.ts'
import { standingDenial } from '../../../src/dns/update/standing-rules.ts'
import type { UpdateZone } from '../../../src/dns/update/types.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../../src/dns/wire/encode.ts'
import type { Message, ResourceRecord } from '../../../src/dns/wire/message.ts'
import { changesOf } from '../../support/dns-lines.ts'
import { nameBytes } from '../../support/dns-query.ts'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'
import { NAMES, ZONE_LINES } from '../zones.ts'

const ORIGIN = parseDomainName('fed.test')
const CONTENT: ReadonlyMap<string, readonly RecordSet[]> = new Map(
  changesOf(ZONE_LINES).flatMap(({ name, answer }) =>
    answer?.kind === 'records' && name.endsWith('fed.test.') ? [[name, answer.sets] as const] : [],
  ),
)
const ZONE: UpdateZone = {
  origin: ORIGIN,
  holds: (name) => name.endsWith('fed.test.') && !name.endsWith('sub.fed.test.'),
  at: (name) => CONTENT.get(name) ?? [],
}
const SOME_SETS = [...CONTENT].flatMap(([name, sets]) => sets.map((set) => ({ name, set })))
const DATA: readonly (readonly [number, string])[] = [
  [1, 'c0000263'],
  [28, '20010db8000000000000000000000063'],
  [5, '0001'],
  [16, '026869'],
  [6, '00'],
  [6, '0000000000010000003c0000003c0000003c0000003c'],
  [6, '0000700000000000003c0000003c0000003c0000003c'],
  [2, '026e7300'],
  [15, '000a00'],
  [33, '000000000035026e7300'],
  [39, '0178 00'.replace(' ', '')],
  [46, '00'],
  [65_280, ''],
  [1, 'c0'],
  [251, ''],
  [255, ''],
  [257, '00056973737565'],
]

/** Updates of all kinds: each is a list of changes that can be served, or says why not. */
export function updateTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'update',
    share: 60,
    deep: () => deep,
    run(random: Random) {
      const message = random.once(4) ? decodeMessage(packet(random)).message : updateOf(random)
      if (message === undefined) return
      const shown = Buffer.from(encodeMessage(message, 65_535) ?? [])
      faultless(shown, () => {
        const isOpen = !random.once(6)
        const outcome = evaluateUpdate(message, {
          zone: (origin) => (origin === ORIGIN ? ZONE : undefined),
          policy: {
            deniesZone: () => (isOpen ? undefined : 'not you'),
            deniesChange: (change, zone) =>
              change.name.startsWith('www.') ? 'ours' : standingDenial(change, zone),
          },
        })
        if (outcome.kind === 'failed') return
        deep += 1
        const names = outcome.changes.map(({ name }) => name)
        if (new Set(names).size !== names.length) throw new FuzzFault('a name twice', shown)
        if (names.some((name) => !ZONE.holds(name) || name.startsWith('www.')))
          throw new FuzzFault('a name that is not to be changed', shown)
        if (outcome.changes.some(({ sets }) => sets.some(({ rdata }) => rdata.length === 0)))
          throw new FuzzFault('a set without records', shown)
      })
    },
  }
}

function updateOf(random: Random): Message {
  const base = decodeMessage(Buffer.alloc(12)).message! // a header of zeros
  const origin = random.once(10) ? 'other.test' : 'fed.test'
  const zone = { name: nameBytes(origin), type: random.once(12) ? 1 : 6, class: random.once(12) ? 3 : 1 }
  return {
    ...base,
    header: { ...base.header, opcode: 5 },
    questions: random.once(12) ? [zone, zone] : [zone],
    answers: random.many(random.below(3), () => record(random, [255, 254, 1])),
    authority: random.many(random.below(5), () => record(random, [1, 1, 254, 255])),
  }
}

function record(random: Random, classes: readonly number[]): ResourceRecord {
  const klass = random.pick(classes)
  const isEmpty = klass === 255 || (klass === 254 && random.once(2))
  if (random.once(3)) {
    const { name, set } = random.pick(SOME_SETS)
    const rdata = isEmpty ? new Uint8Array(0) : random.pick(set.rdata)
    return { name: nameBytes(name), type: set.type, class: klass, ttlSeconds: random.pick([0, 0, 60]), rdata }
  }
  const [type, hex] = random.pick(DATA)
  return {
    name: nameBytes(random.once(8) ? 'www.elsewhere.test' : random.pick(NAMES)),
    type: random.once(6) ? 255 : type,
    class: random.once(20) ? 3 : klass,
    ttlSeconds: random.pick([0, 0, 0, 60, 0xffff_ffff]),
    rdata: isEmpty ? new Uint8Array(0) : Uint8Array.from(Buffer.from(hex, 'hex')),
  }
}
