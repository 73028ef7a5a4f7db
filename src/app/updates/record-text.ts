import type { RecordText } from '../../api/zone-records.ts'
import { isWithin, nameOfWire, wireName, type DomainName } from '../../dns/names.ts'
import { PresentationError, readName, shown, type Word } from '../../dns/presentation.ts'
import { isMetaType } from '../../dns/protocol.ts'
import { presentRdata } from '../../dns/rdata/present-rdata.ts'
import { readRdata } from '../../dns/rdata/read-rdata.ts'
import { typeName, typeNumber } from '../../dns/rdata/type-names.ts'
import type { RecordSet } from '../../dns/records.ts'
import { presentName } from '../../dns/wire/name.ts'
import { entriesOf } from '../../dns/zone-file/entries.ts'

const ROOT = Uint8Array.of(0)

/** A set and its name, or what is wrong with the text. */
export type ReadRecordText =
  | { readonly kind: 'set'; readonly name: DomainName; readonly set: RecordSet }
  | { readonly kind: 'problem'; readonly problem: string }

/** Read a set as ZoneRecords objects hold it: names in full, data as master files write it (RFC 1035, 5). Never throws. */
export function readRecordText(text: RecordText, zone: DomainName): ReadRecordText {
  const said = `${shown(text.name)} ${shown(text.type)}`
  try {
    const name = readFullName(text.name)
    if (!isWithin(name, zone)) return { kind: 'problem', problem: `${said}: is not in the zone ${zone}` }
    const type = typeNumber(text.type)
    if (type === undefined || type === 0 || isMetaType(type))
      return { kind: 'problem', problem: `${said}: is no type of records` }
    const rdata = text.rdata.map((line) => readRdata(type, wordsOf(line)))
    return { kind: 'set', name, set: { type, ttlSeconds: text.ttl, rdata } }
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error
    const fields = Object.entries(error.fields).map(([field, value]) => `${field}=${String(value)}`)
    return { kind: 'problem', problem: `${said}: ${[error.message, ...fields].join(' ')}` }
  }
}

/** A name with or without its final dot. @throws PresentationError */
export function readFullName(text: string): DomainName {
  return nameOfWire(readName(text, ROOT))
}

/** Sets as ZoneRecords objects hold them. */
export function recordTexts(name: DomainName, sets: readonly RecordSet[]): readonly RecordText[] {
  const owner = presentName(wireName(name))
  return sets.map(({ type, ttlSeconds, rdata }) => ({
    name: owner,
    type: typeName(type),
    ttl: ttlSeconds,
    rdata: rdata.map((octets) => presentRdata(type, octets)),
  }))
}

/** @throws PresentationError for what is not one line of a master file */
function wordsOf(line: string): readonly Word[] {
  const [entry, more] = [...entriesOf(line)]
  if (entry === undefined || more !== undefined) throw new PresentationError('data is not one line')
  if ('error' in entry) throw entry.error
  return entry.words
}
