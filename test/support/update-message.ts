import { parseDomainName, wireName, type DomainName } from '../../src/dns/names.ts'
import { readName } from '../../src/dns/presentation.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { readRdata } from '../../src/dns/rdata/read-rdata.ts'
import { typeName, typeNumber } from '../../src/dns/rdata/type-names.ts'
import type { RecordSet } from '../../src/dns/records.ts'
import { entriesOf } from '../../src/dns/zone-file/entries.ts'
import type { Message, Question, ResourceRecord } from '../../src/dns/wire/message.ts'
import { evaluateUpdate } from '../../src/dns/update/evaluate-update.ts'
import type { UpdateOutcome, UpdatePolicy, UpdateZone } from '../../src/dns/update/types.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../src/dns/wire/encode.ts'

const CLASSES: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 }
const RCODES = [
  ...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'],
  ...['YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE'],
]

/** An UPDATE message in lines: `name class type` of the zone, and records as `name ttl class type rdata`. */
export interface UpdateShape {
  readonly zone?: readonly string[]
  readonly prerequisites?: readonly string[]
  readonly updates?: readonly string[]
}

/** A record of any class; without rdata its length is 0. */
export function recordLine(line: string): ResourceRecord {
  const [entry] = [...entriesOf(line)]
  if (entry === undefined || 'error' in entry) throw new Error(`no record: ${line}`)
  const [owner = '', ttl = '', klass = '', type = ''] = entry.words.map(({ text }) => text)
  const number = typeNumber(type) ?? 0
  const words = entry.words.slice(4)
  return {
    name: readName(owner),
    type: number,
    class: CLASSES[klass] ?? 0,
    ttlSeconds: Number(ttl),
    rdata: words.length === 0 ? new Uint8Array(0) : readRdata(number, words),
  }
}

/** The octets of a message. */
export function updateOctets({ zone, prerequisites = [], updates = [] }: UpdateShape, id = 1): Uint8Array {
  const questions = (zone ?? ['example. IN SOA']).map((line): Question => {
    const [name = '', klass = '', type = ''] = line.split(' ')
    return { name: readName(name), class: CLASSES[klass] ?? 0, type: typeNumber(type) ?? 0 }
  })
  const wire = encodeMessage(
    {
      header: { ...HEADER, id, opcode: 5 },
      questions,
      answers: prerequisites.map(recordLine),
      authority: updates.map(recordLine),
      additional: [],
    },
    65_535,
  )
  if (wire === undefined) throw new Error('update does not fit')
  return wire
}

/** The message, as it comes out of the codec. */
export function updateMessage(shape: UpdateShape): Message {
  const decoded = decodeMessage(updateOctets(shape))
  if (decoded.kind !== 'message') throw new Error(decoded.error.reason)
  return decoded.message
}

const HEADER = {
  id: 1,
  response: false,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  zero: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
}

/** A zone out of lines `name ttl IN type rdata`; the names in `below` are in a zone of their own further down. */
export function updateZone(
  origin: string,
  lines: readonly string[],
  below: readonly string[] = [],
): UpdateZone {
  const names = new Map<string, RecordSet[]>()
  for (const line of lines) {
    const { type, ttlSeconds, rdata } = recordLine(line)
    const name = parseDomainName(line.split(' ')[0] ?? '')
    const sets = names.get(name) ?? []
    names.set(name, sets)
    const at = sets.findIndex((set) => set.type === type)
    if (at < 0) sets.push({ type, ttlSeconds, rdata: [rdata] })
    else sets[at] = { type, ttlSeconds, rdata: [...(sets[at]?.rdata ?? []), rdata] }
  }
  const isIn = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)
  return {
    origin: parseDomainName(origin),
    holds: (name) => isIn(name, origin) && !below.some((child) => isIn(name, child)),
    at: (name) => names.get(name) ?? [],
  }
}

export const ALL_ALLOWED: UpdatePolicy = { deniesZone: () => undefined, deniesChange: () => undefined }

/** What comes of a message for one zone: a code, or the lines of each name that changes; a name that is gone has none. */
export function outcomeOf(
  shape: UpdateShape,
  zone: UpdateZone,
  policy: UpdatePolicy = ALL_ALLOWED,
): string | object {
  const outcome = evaluateUpdate(updateMessage(shape), {
    zone: (origin) => (origin === zone.origin ? zone : undefined),
    policy,
  })
  return shown(outcome)
}

function shown(outcome: UpdateOutcome): string | object {
  if (outcome.kind === 'failed') return RCODES[outcome.rcode] ?? String(outcome.rcode)
  return Object.fromEntries(outcome.changes.map(({ name, sets }) => [name, sets.flatMap(linesOf)]))
}

function linesOf({ type, ttlSeconds, rdata }: RecordSet): readonly string[] {
  return rdata.map((octets) => `${ttlSeconds} ${typeName(type)} ${presentRdata(type, octets)}`)
}

/** A name in wire form. */
export function wire(name: string): Uint8Array {
  return wireName(name as DomainName)
}
