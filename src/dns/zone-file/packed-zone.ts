import type { DomainName } from '../names.ts'
import { packNames, type PackedNames } from './packed-names.ts'
import type { RecordSet } from '../records.ts'
import { readStoredZone, readZoneRecords, type ZoneFile } from './read-zone-file.ts'
import { RecordStore } from './record-store.ts'
import { setsOf, type ZoneProblem } from './zone-data.ts'

/** As ZoneFile, its names packed: nothing in it but octets and a few words, so that it can go to another thread. */
export type PackedZoneFile =
  | { readonly kind: 'zone'; readonly names: PackedNames; readonly warnings: readonly ZoneProblem[] }
  | Extract<ZoneFile, { readonly kind: 'broken' }>

/** As readZoneFile. */
export function readPackedZone(text: string, origin: DomainName): PackedZoneFile {
  const zone = readStoredZone(text, origin)
  if (zone.kind === 'broken') return zone
  return { kind: 'zone', names: packed(zone.records, text), warnings: zone.warnings }
}

/** As readPackedZone, for what was judged before: what can be read is taken. */
export function readPackedRecords(text: string, origin: DomainName): PackedZoneFile {
  const read = readZoneRecords(text, origin)
  if (read.kind === 'broken') return read
  const records = new RecordStore(text.length)
  for (const record of read.records) records.add(record)
  return { kind: 'zone', names: packed(records, text), warnings: [] }
}

function packed(records: RecordStore, text: string): PackedNames {
  return packNames(setsByName(records), text.length + records.bytes)
}

function* setsByName(records: RecordStore): Generator<readonly [DomainName, readonly RecordSet[]]> {
  for (const name of records.names()) yield [name, setsOf(records.recordsOf(name))]
}
