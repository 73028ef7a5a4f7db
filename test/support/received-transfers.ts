import { parseDomainName, wireName, type DomainName } from '../../src/dns/names.ts'
import { presentRdata } from '../../src/dns/rdata/present-rdata.ts'
import { typeName } from '../../src/dns/rdata/type-names.ts'
import type { RecordSet } from '../../src/dns/records.ts'
import type { TransferLimits, TransferStep, ZoneNames } from '../../src/dns/transfer-in/received.ts'
import { TransferReader } from '../../src/dns/transfer-in/transfer-reader.ts'
import { encodeMessage } from '../../src/dns/wire/encode.ts'
import type { Header, ResourceRecord } from '../../src/dns/wire/message.ts'
import { recordLine } from './update-message.ts'

/** The id of every request here. */
export const REQUEST_ID = 7

const HEADER: Header = {
  ...{ id: REQUEST_ID, response: true, opcode: 0, authoritative: true, truncated: false, rcode: 0 },
  ...{ recursionDesired: false, recursionAvailable: false, zero: false },
  ...{ authenticData: false, checkingDisabled: false },
}

/** One message of a response. */
export interface ResponseShape {
  readonly header?: Partial<Header>
  /** `name type`; absent: no question. */
  readonly question?: string
  /** `name ttl class type rdata`, or records. */
  readonly answers: readonly (string | ResourceRecord)[]
}

const QTYPES: Readonly<Record<string, number>> = { AXFR: 252, IXFR: 251, SOA: 6, A: 1 }

export function responseOctets({ header = {}, question, answers }: ResponseShape): Uint8Array {
  const [name = '', type = ''] = question?.split(' ') ?? []
  const questions =
    question === undefined
      ? []
      : [{ name: wireName(parseDomainName(name)), type: QTYPES[type] ?? 0, class: 1 }]
  const message = {
    header: { ...HEADER, ...header },
    questions,
    answers: answers.map((record) => (typeof record === 'string' ? recordLine(record) : record)),
    authority: [],
    additional: [],
  }
  const octets = encodeMessage(message, 65_535)
  if (octets === undefined) throw new Error('response does not fit')
  return octets
}

/** A zone out of lines `name ttl class type rdata`. */
export function namesOf(lines: readonly string[]): ZoneNames {
  const names = new Map<DomainName, Map<number, RecordSet>>()
  for (const line of lines) {
    const { type, ttlSeconds, rdata } = recordLine(line)
    const name = parseDomainName(line.split(' ')[0] ?? '')
    const sets = names.get(name) ?? new Map<number, RecordSet>()
    names.set(name, sets)
    sets.set(type, { type, ttlSeconds, rdata: [...(sets.get(type)?.rdata ?? []), rdata] })
  }
  return new Map([...names].map(([name, sets]) => [name, [...sets.values()].sort((a, b) => a.type - b.type)]))
}

/** Content as lines `name ttl type rdata`, sorted. */
export function linesOf(names: Iterable<readonly [DomainName, readonly RecordSet[]]>): readonly string[] {
  const lines: string[] = []
  for (const [name, sets] of names)
    for (const { type, ttlSeconds, rdata } of sets)
      for (const octets of rdata)
        lines.push(`${name} ${ttlSeconds} ${typeName(type)} ${presentRdata(type, octets)}`)
  return lines.sort()
}

export const ROOMY: TransferLimits = { records: 10_000, octets: 1_000_000 }

/** What the reader makes of messages: of the last one it looked at. */
export function transferOf(
  messages: readonly ResponseShape[],
  options: {
    readonly have?: { readonly serial: number; readonly names: ZoneNames }
    readonly limits?: TransferLimits
  } = {},
): TransferStep {
  const { have, limits = ROOMY } = options
  const origin = parseDomainName('example')
  const reader = new TransferReader({
    ...{ origin, id: REQUEST_ID, limits },
    ...(have === undefined ? {} : { have }),
  })
  let step: TransferStep = { kind: 'more' }
  for (const message of messages) {
    step = reader.push(responseOctets(message))
    if (step.kind !== 'more') return step
  }
  return step
}

/** A step in words and lines. */
export function shownStep(step: TransferStep): unknown {
  switch (step.kind) {
    case 'whole':
      return { whole: step.serial, names: linesOf(step.names) }
    case 'increment':
      return {
        increment: step.serial,
        changes: Object.fromEntries(step.changes.map(({ name, sets }) => [name, linesOf([[name, sets]])])),
      }
    case 'failed':
      return step.rcode === undefined ? step.fault : `${step.fault} ${step.rcode}`
    default:
      return step.kind
  }
}
