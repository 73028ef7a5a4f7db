import { parseDomainName, type DomainName } from '../../../src/dns/names.ts'
import { TYPE } from '../../../src/dns/protocol.ts'
import { serialOf } from '../../../src/dns/rdata/soa.ts'
import { soaTimes } from '../../../src/dns/rdata/soa-times.ts'
import type { Answer, RecordSet } from '../../../src/dns/records.ts'
import { canonicalSets, sameRecords, transferBytes } from '../../../src/dns/transfer/canonical.ts'
import { notifyMessage, notifyReply } from '../../../src/dns/transfer/notify.ts'
import { wholeZone, zoneChanges } from '../../../src/dns/transfer/sequences.ts'
import { readTransferRequest } from '../../../src/dns/transfer/transfer-request.ts'
import { transferMessages } from '../../../src/dns/transfer/transfer-writer.ts'
import type { TransferStep, ZoneNames } from '../../../src/dns/transfer-in/received.ts'
import { axfrQuery, ixfrQuery } from '../../../src/dns/transfer-in/transfer-query.ts'
import { TransferReader } from '../../../src/dns/transfer-in/transfer-reader.ts'
import { changesOf } from '../../support/dns-lines.ts'
import { servableAnswerOf } from '../answer-maker.ts'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const ORIGIN = parseDomainName('fed.test')
const NAMES = ['a', 'b', 'b.a', '*.a', 'c'].map((label) => parseDomainName(`${label}.fed.test`))
const LIMITS = { records: 100_000, octets: 10_000_000 }

type Version = ReadonlyMap<DomainName, Answer>

/** Versions of a zone, sent and read again: a secondary has what we have. Requests and replies of whoever. */
export function transferOutTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'transfer-out',
    share: 12,
    deep: () => deep,
    run(random: Random) {
      if (random.once(3)) return strangers(random)
      const versions = random.many(1 + random.below(3), () => versionOf(random))
      const shown = JSON.stringify(versions.map((version) => [...version]))
      faultless(shown, () => {
        const newest = versions.at(-1)!
        check(sent(random, { since: undefined, versions }), newest, shown)
        if (versions.length > 1) check(sent(random, { since: versions[0]!, versions }), newest, shown)
        deep += 1
      })
    },
  }
}

function versionOf(random: Random): Version {
  return new Map(NAMES.flatMap((name) => (random.once(3) ? [] : [[name, servableAnswerOf(random)] as const])))
}

function soaOf(serial: number): RecordSet {
  const [change] = changesOf([`fed.test. 60 SOA ns.fed.test. host.fed.test. ${serial} 60 15 9 15`])
  if (change?.answer?.kind !== 'records') throw new Error('no SOA')
  return change.answer.sets[0]! // one line, one set
}

interface Sent {
  /** What the secondary has; undefined: nothing. */
  readonly since: Version | undefined
  readonly versions: readonly Version[]
}

/** What a secondary makes of the messages: all its names. */
function sent(random: Random, { since, versions }: Sent): ZoneNames {
  const soa = soaOf(versions.length)
  const have = since === undefined ? undefined : { serial: 1, names: namesOf(since, soaOf(1)) }
  const asked = have === undefined ? axfrQuery(7, ORIGIN) : ixfrQuery(7, ORIGIN, soaOf(1))
  const read = readTransferRequest(asked, 'stream')
  if (read.kind === 'refused') throw new FuzzFault('our own request', asked)
  const newest = versions.at(-1)!
  const records =
    have === undefined ? wholeZone(ORIGIN, soa, newest) : zoneChanges(ORIGIN, soa, incrementsOf(versions))
  const frame = { ...read.request, maxBytes: random.pick([512, 1_232, 65_535]) }
  const reader = new TransferReader({
    origin: ORIGIN,
    id: 7,
    limits: LIMITS,
    ...(have === undefined ? {} : { have }),
  })
  let step: TransferStep = { kind: 'more' }
  for (const message of transferMessages(records, frame)) {
    if (message.length > frame.maxBytes) throw new FuzzFault('longer than its limit', message)
    step = reader.push(message)
  }
  return appliedTo(have?.names, step)
}

function incrementsOf(versions: readonly Version[]) {
  return versions.slice(1).map((after, index) => ({
    oldSoa: soaOf(index + 1),
    newSoa: soaOf(index + 2),
    changes: NAMES.map((name) => ({
      name,
      before: versions[index]!.get(name),
      after: after.get(name),
    })).filter(({ before, after: now }) => !sameRecords(before, now)),
  }))
}

function namesOf(version: Version, soa: RecordSet): ZoneNames {
  const names = new Map<DomainName, readonly RecordSet[]>([[ORIGIN, [soa]]])
  for (const [name, answer] of version) {
    const sets = canonicalSets(answer).toSorted((left, right) => left.type - right.type)
    if (sets.length > 0) names.set(name, sets)
  }
  return names
}

function appliedTo(before: ZoneNames | undefined, step: TransferStep): ZoneNames {
  if (step.kind === 'whole') return step.names
  if (step.kind !== 'increment') throw new Error(`ended in ${JSON.stringify(step)}`)
  const names = new Map(before)
  for (const { name, sets } of step.changes) {
    if (sets.length === 0) names.delete(name)
    else names.set(name, sets)
  }
  return names
}

function check(names: ZoneNames, version: Version, shown: string): void {
  const soa = names.get(ORIGIN)?.find(({ type }) => type === TYPE.SOA)
  if (serialOf(soa) === undefined || soaTimes(soa)?.refreshSeconds !== 60)
    throw new FuzzFault('no SOA', shown)
  for (const name of NAMES) {
    const want = version.get(name)
    const got = names.get(name)
    const answer: Answer | undefined = got === undefined ? undefined : { kind: 'records', sets: got }
    if (!sameRecords(want, answer)) throw new FuzzFault(`${name} is another`, shown)
    if (transferBytes(name, want) < 0) throw new FuzzFault('less than nothing', shown)
  }
}

function strangers(random: Random): void {
  const octets = packet(random)
  faultless(octets, () => {
    readTransferRequest(octets, random.pick(['stream', 'datagram']))
    const code = notifyReply(octets, { id: 1, zone: ORIGIN })
    if (code !== undefined && (octets[2]! & 0xf8) !== 0xa0)
      throw new FuzzFault('a reply that is none', octets)
    const message = Buffer.from(notifyMessage({ id: 1, zone: ORIGIN, soa: soaOf(random.below(2 ** 32)) }))
    message[2]! |= 0x80
    if (notifyReply(message, { id: 1, zone: ORIGIN }) !== 0) throw new FuzzFault('a reply not known', message)
  })
}
