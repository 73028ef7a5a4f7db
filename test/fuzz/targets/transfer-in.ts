import { parseDomainName } from '../../../src/dns/names.ts'
import type { ZoneNames } from '../../../src/dns/transfer-in/received.ts'
import { TransferReader } from '../../../src/dns/transfer-in/transfer-reader.ts'
import { axfrQuery, ixfrQuery, soaQuery } from '../../../src/dns/transfer-in/transfer-query.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../../src/dns/wire/encode.ts'
import type { ResourceRecord } from '../../../src/dns/wire/message.ts'
import { changesOf } from '../../support/dns-lines.ts'
import { nameBytes } from '../../support/dns-query.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const ORIGIN = parseDomainName('fed.test')
const soa = (serial: number): string => `fed.test. 60 SOA ns.fed.test. host.fed.test. ${serial} 60 15 9 15`
const OWN = [
  'www.fed.test. 30 A 192.0.2.1',
  'www.fed.test. 30 A 192.0.2.2',
  'mail.fed.test. 30 MX 10 www.fed.test.',
]
const OTHERS = [
  'new.fed.test. 30 A 192.0.2.9',
  'www.fed.test. 60 AAAA 2001:db8::1',
  'www.elsewhere.test. 30 A 192.0.2.3',
  'x.fed.test. 30 CNAME www.fed.test.',
  'fed.test. 60 NS ns.fed.test.',
]
const HAVE: ZoneNames = new Map(
  changesOf([soa(7), ...OWN]).flatMap(({ name, answer }) =>
    answer?.kind === 'records' ? [[name, answer.sets] as const] : [],
  ),
)
const LIMITS = { records: 60, octets: 4_000 }

/** Streams of a primary that may be wrong: each ends in a zone, in changes, or in a reason. */
export function transferInTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'transfer-in',
    share: 40,
    deep: () => deep,
    run(random: Random) {
      const isIncremental = random.once(2)
      const messages = stream(random, isIncremental)
      const shown = Buffer.concat(messages)
      faultless(shown, () => {
        const reader = new TransferReader({
          origin: ORIGIN,
          id: 1,
          limits: LIMITS,
          ...(isIncremental ? { have: { serial: 7, names: HAVE } } : {}),
        })
        for (const message of messages) {
          const step = reader.push(message)
          if (step.kind === 'whole' && !step.names.has(ORIGIN))
            throw new FuzzFault('a zone without origin', shown)
          if (step.kind === 'increment' && step.serial === 7)
            throw new FuzzFault('increments to nothing new', shown)
          if (step.kind === 'whole' || step.kind === 'increment') deep += 1
          if (step.kind !== 'more') break
        }
        const asked = random.pick([
          axfrQuery(1, ORIGIN),
          soaQuery(1, ORIGIN),
          ixfrQuery(1, ORIGIN, HAVE.get(ORIGIN)![0]!),
        ])
        if (decodeMessage(asked).kind !== 'message') throw new FuzzFault('a question that is none', asked)
      })
    },
  }
}

function stream(random: Random, isIncremental: boolean): readonly Buffer[] {
  const lines = linesOf(random, isIncremental)
  for (let edits = random.once(2) ? 0 : 1 + random.below(2); edits > 0; edits -= 1) {
    const at = random.below(lines.length + 1)
    const other = random.once(3)
      ? soa(random.pick([6, 7, 8, 9, 2 ** 31 + 8]))
      : random.pick([...OWN, ...OTHERS])
    if (random.once(2)) lines.splice(at, 0, other)
    else lines.splice(at, 1, ...(random.once(2) ? [other] : []))
  }
  const records = lines.map((line) => recordOf(random, line))
  const messages: Buffer[] = []
  for (let at = 0; at < records.length || messages.length === 0;) {
    const count = random.once(3) ? records.length : 1 + random.below(4)
    messages.push(
      messageOf(random, { answers: records.slice(at, at + count), isFirst: at === 0, isIncremental }),
    )
    at += count
  }
  return messages
}

function linesOf(random: Random, isIncremental: boolean): string[] {
  if (random.once(12)) return [soa(random.pick([6, 7, 8]))]
  if (!isIncremental || random.once(4)) return [soa(8), ...OWN, ...OTHERS.slice(0, 2), soa(8)]
  const added = random.pick(OTHERS)
  const step = [soa(7), random.pick(OWN), soa(8), added]
  return random.once(2)
    ? [soa(8), ...step, soa(8)]
    : [soa(9), ...step, soa(8), added, soa(9), random.pick(OWN), soa(9)]
}

function recordOf(random: Random, line: string): ResourceRecord {
  const [change] = changesOf([line])
  const set = change?.answer?.kind === 'records' ? change.answer.sets[0] : undefined
  return {
    name: nameBytes(change?.name ?? ''),
    type: random.once(60) ? random.pick([41, 250, 251, 255]) : (set?.type ?? 0),
    class: random.once(60) ? 3 : 1,
    ttlSeconds: set?.ttlSeconds ?? 0,
    rdata: random.once(60) ? random.octets(3) : (set?.rdata[0] ?? new Uint8Array(0)),
  }
}

function messageOf(
  random: Random,
  {
    answers,
    isFirst,
    isIncremental,
  }: { answers: readonly ResourceRecord[]; isFirst: boolean; isIncremental: boolean },
): Buffer {
  const { header } = decodeMessage(Buffer.alloc(12)).message! // a header of zeros
  const question = {
    name: nameBytes(random.once(40) ? 'other.test' : 'fed.test'),
    type: isIncremental ? 251 : 252,
    class: 1,
  }
  const octets = Buffer.from(
    encodeMessage(
      {
        header: {
          ...header,
          id: random.once(60) ? 2 : 1,
          response: !random.once(60),
          rcode: random.once(60) ? 5 : 0,
          truncated: random.once(60),
        },
        questions: isFirst ? (random.once(40) ? [] : [question]) : random.once(3) ? [question] : [],
        answers,
        authority: [],
        additional: [],
      },
      65_535,
    ) ?? [],
  )
  return random.once(40) ? octets.subarray(0, random.below(octets.length)) : octets
}
