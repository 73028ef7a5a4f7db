import type { ZoneRecordsSpec } from '../../api/zone-records.ts'
import type { DomainName } from '../../dns/names.ts'
import { PresentationError } from '../../dns/presentation.ts'
import type { RecordSet } from '../../dns/records.ts'
import type { ZoneNames } from '../../dns/transfer-in/received.ts'
import { readFullName, readRecordText } from './record-text.ts'

/** A ZoneRecords object as it stands in the host, read. */
export interface StoredObject {
  /** metadata.name */
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
  readonly generation: number | undefined
  readonly spec: ZoneRecordsSpec
  /** What its records say; a name with several sets has them together. */
  readonly names: ZoneNames
  /** Names whose records in parts hold no longer. */
  readonly removed: ReadonlySet<DomainName>
  /** One sentence for each record that cannot be read; all others are in `names`. */
  readonly problems: readonly string[]
}

/** Read the records of an object. A record that is broken does not keep the others from being published. */
export function readRecords(
  spec: ZoneRecordsSpec,
  zone: DomainName,
): Pick<StoredObject, 'names' | 'removed' | 'problems'> {
  const names = new Map<DomainName, RecordSet[]>()
  const problems: string[] = []
  for (const text of spec.records ?? []) {
    const read = readRecordText(text, zone)
    if (read.kind === 'problem') {
      problems.push(read.problem)
      continue
    }
    const { name, set } = read
    const sets = names.get(name) ?? []
    if (sets.some(({ type }) => type === set.type)) problems.push(`${name} ${text.type}: stands there twice`)
    else sets.push(set)
    names.set(name, sets)
  }
  for (const sets of names.values()) sets.sort((left, right) => left.type - right.type)
  return {
    names,
    removed: new Set((spec.removed ?? []).flatMap((name) => tryFullName(name) ?? [])),
    problems,
  }
}

function tryFullName(text: string): DomainName | undefined {
  try {
    return readFullName(text)
  } catch (error) {
    if (error instanceof PresentationError) return undefined
    throw error
  }
}
