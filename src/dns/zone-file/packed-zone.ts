import type { DomainName } from '../names.ts'
import { packNames, type PackedNames } from './packed-names.ts'
import type { RecordSet } from '../records.ts'
import { readStoredZone, type ZoneFile } from './read-zone-file.ts'
import type { RecordStore } from './record-store.ts'
import { setsOf, type ZoneProblem } from './zone-data.ts'

/** As ZoneFile, its names packed: nothing in it but octets and a few words, so that it can go to another thread. */
export type PackedZoneFile =
  | { readonly kind: 'zone'; readonly names: PackedNames; readonly warnings: readonly ZoneProblem[] }
  | Extract<ZoneFile, { readonly kind: 'broken' }>

/** As readZoneFile. */
export function readPackedZone(text: string, origin: DomainName): PackedZoneFile {
  const zone = readStoredZone(text, origin)
  if (zone.kind === 'broken') return zone
  const { records, warnings } = zone
  return { kind: 'zone', names: packNames(setsByName(records), text.length + records.bytes), warnings }
}

function* setsByName(records: RecordStore): Generator<readonly [DomainName, readonly RecordSet[]]> {
  for (const name of records.names()) yield [name, setsOf(records.recordsOf(name))]
}
