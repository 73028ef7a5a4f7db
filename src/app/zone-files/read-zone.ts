import type { DomainName } from '../../dns/names.ts'
import { readPackedRecords, readPackedZone, type PackedZoneFile } from '../../dns/zone-file/packed-zone.ts'
import { readText } from './zone-text.ts'

/** A master file, read and judged; `state`: of the file when it was (FileLook). */
export interface ZoneRead {
  readonly kind: 'read'
  readonly state: string
  readonly file: PackedZoneFile
}

/** What came of reading a master file. */
export type ZoneReadOutcome =
  | ZoneRead
  /** Somebody wrote it meanwhile. */
  | { readonly kind: 'moving' }
  /** `isLasting`: as long as the file is what it is. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly isLasting: boolean }

/** Which file, and whose it is. */
export interface ZoneToRead {
  readonly path: string
  readonly origin: DomainName
  /** We wrote it, after it was judged: what can be read is taken, whatever its size. */
  readonly isOurs?: boolean
}

/** More are no text. */
const MAX_TEXT_BYTES = 2 ** 29 - 24

/** Read and judge a master file, here and now. Never throws. */
export function readZone({ path, origin, isOurs = false }: ZoneToRead): ZoneReadOutcome {
  try {
    const read = isOurs ? readText(path, MAX_TEXT_BYTES) : readText(path)
    if (read.kind === 'moving') return read
    const file = isOurs ? readPackedRecords(read.text, origin) : readPackedZone(read.text, origin)
    return { kind: 'read', state: read.state, file }
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error), isLasting: false }
  }
}

/** Why, in a few words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
