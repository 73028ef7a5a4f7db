import type { DomainName } from '../names.ts'
import { packNames, type PackedNames } from './packed-names.ts'
import { readZoneFile, type ZoneFile } from './read-zone-file.ts'
import type { ZoneProblem } from './zone-data.ts'

/** As ZoneFile, its names packed: nothing in it but octets and a few words, so that it can go to another thread. */
export type PackedZoneFile =
  | { readonly kind: 'zone'; readonly names: PackedNames; readonly warnings: readonly ZoneProblem[] }
  | Extract<ZoneFile, { readonly kind: 'broken' }>

/** As readZoneFile. */
export function readPackedZone(text: string, origin: DomainName): PackedZoneFile {
  const file = readZoneFile(text, origin)
  if (file.kind === 'broken') return file
  return { kind: 'zone', names: packNames(file.zone.names), warnings: file.warnings }
}
