import type { RecordText, ZoneRecordsSpec } from '../../api/zone-records.ts'
import { type DomainName, wireName } from '../../dns/names.ts'
import { PresentationError } from '../../dns/presentation.ts'
import { TYPE } from '../../dns/protocol.ts'
import type { RecordSet } from '../../dns/records.ts'
import type { NameContent } from '../../dns/update/types.ts'
import { presentName } from '../../dns/wire/name.ts'
import { headName, partName, partOf } from './object-names.ts'
import { readFullName, recordTexts } from './record-text.ts'
import type { StoredObject } from './stored-object.ts'

/** An object that is to be written: made where `before` is absent, else changed if it is still at that version. */
export interface PlannedWrite {
  readonly name: string
  readonly before?: StoredObject
  readonly spec: ZoneRecordsSpec
}

/** Above this size in octets of JSON what an object holds goes on to parts: each update writes it once more. */
export const FOLD_BYTES = 128 * 1024
/** No object grows beyond: etcd takes 1.5 MiB, the object's metadata among it. */
export const MAX_OBJECT_BYTES = 1_000_000

/**
 * What a zone has received, as objects hold it. All of it is in the head, the object that is called like the zone, until that
 * becomes large; then what stands in the head goes on to parts, and what comes later stands in the head again, name by
 * name before what the parts say. So every update is one write of one object, all or nothing, whatever the zone's size.
 * A part counts only while the head lists it: without its head nothing of a zone is left.
 */
export class StoredZone {
  readonly origin: DomainName
  #head: StoredObject | undefined
  /** As they are held, whether or not the head lists them. */
  readonly #parts = new Map<number, StoredObject>()
  /** Parts that count, with the revision they have at least. */
  #listed: ReadonlyMap<number, number> = new Map()

  constructor(origin: DomainName) {
    this.origin = origin
  }

  get head(): StoredObject | undefined {
    return this.#head
  }

  get isEmpty(): boolean {
    return this.#head === undefined && this.#parts.size === 0
  }

  /** Parts that the head counts on in a later state than is held; empty: all that it says is known. */
  get missing(): readonly number[] {
    return [...this.#listed]
      .filter(([part, revision]) => revision > (this.#parts.get(part)?.spec.revision ?? -1))
      .map(([part]) => part)
  }

  /** All that a name says; nothing where it is not there. */
  at(name: DomainName): readonly RecordSet[] {
    const sets = this.#head?.names.get(name)
    if (sets !== undefined) return sets
    if (this.#head?.removed.has(name) === true) return []
    return this.#inPart(name)
  }

  /** Names with delegations or DNAMEs, below which others may be hidden. */
  cuts(): readonly DomainName[] {
    const objects = [this.#head, ...[...this.#listed.keys()].map((number) => this.#parts.get(number))]
    return objects.flatMap((object) =>
      [...(object?.names ?? [])].filter(([, sets]) => sets.some(isCut)).map(([name]) => name),
    )
  }

  /** @returns names that may say something else now */
  setHead(head: StoredObject | undefined): ReadonlySet<DomainName> {
    const names = new Set<DomainName>([...namesOf(this.#head), ...namesOf(head)])
    const listed = new Map(head?.spec.parts?.map(({ part, revision }) => [part, revision]))
    for (const [number, part] of this.#parts) {
      if (listed.has(number) === this.#listed.has(number)) continue
      for (const name of namesOf(part)) names.add(name)
    }
    this.#head = head
    this.#listed = listed
    return names
  }

  /** @returns names that may say something else now */
  setPart(number: number, part: StoredObject | undefined): ReadonlySet<DomainName> {
    const names = new Set<DomainName>([...namesOf(this.#parts.get(number)), ...namesOf(part)])
    if (part === undefined) this.#parts.delete(number)
    else this.#parts.set(number, part)
    return names
  }

  /** The head with these changes in it. */
  planUpdate(changes: readonly NameContent[]): PlannedWrite {
    const changed = new Map(changes.map((change) => [change.name, change.sets]))
    const spec = this.#head?.spec
    const kept = (spec?.records ?? []).filter(({ name }) => !changed.has(nameIn(name)))
    const added = changes.flatMap(({ name, sets }) => recordTexts(name, sets))
    const removed = [...(this.#head?.removed ?? [])].filter((name) => !changed.has(name))
    for (const [name, sets] of changed)
      if (sets.length === 0 && this.#inPart(name).length > 0) removed.push(name)
    return this.#headWrite([...kept, ...added], removed, spec?.parts ?? [])
  }

  /**
   * What has to be written, in this order, so that the head becomes small again. Stopped anywhere, the zone says the same:
   * what stands in the head goes before what the parts say. Empty: the head is small enough.
   */
  planFold(): readonly PlannedWrite[] {
    const head = this.#head
    if (head === undefined || sizeBytes(head.spec) <= FOLD_BYTES) return []
    const moving = new Map<number, DomainName[]>()
    for (const name of [...head.names.keys(), ...head.removed]) {
      const number = partOf(name)
      const names = moving.get(number)
      if (names === undefined) moving.set(number, [name])
      else names.push(name)
    }
    const parts = [...moving].map(([number, names]) => this.#partWrite(number, new Set(names)))
    const revisions = new Map(this.#listed)
    for (const { spec } of parts) revisions.set(spec.part ?? 0, spec.revision ?? 0)
    const listed = [...revisions].sort(([a], [b]) => a - b).map(([part, revision]) => ({ part, revision }))
    const unread = (head.spec.records ?? []).filter(({ name }) => !head.names.has(nameIn(name)))
    return [...parts, this.#headWrite(unread, [], listed)]
  }

  #partWrite(number: number, moving: ReadonlySet<DomainName>): PlannedWrite {
    const before = this.#parts.get(number)
    const listed = this.#listed.has(number) ? before?.spec.records : undefined
    const kept = (listed ?? []).filter(({ name }) => !moving.has(nameIn(name)))
    const moved = [...moving].flatMap((name) => recordTexts(name, this.#head?.names.get(name) ?? []))
    const spec = {
      zone: bare(this.origin),
      part: number,
      revision: (before?.spec.revision ?? 0) + 1,
      records: sorted([...kept, ...moved]),
    }
    return { name: partName(this.origin, number), spec, ...(before === undefined ? {} : { before }) }
  }

  #headWrite(
    records: readonly RecordText[],
    removed: readonly DomainName[],
    parts: NonNullable<ZoneRecordsSpec['parts']>,
  ): PlannedWrite {
    const spec: ZoneRecordsSpec = {
      zone: bare(this.origin),
      records: sorted(records),
      ...(removed.length === 0 ? {} : { removed: removed.map((name) => presentName(wireName(name))).sort() }),
      ...(parts.length === 0 ? {} : { parts }),
    }
    return { name: headName(this.origin), spec, ...(this.#head === undefined ? {} : { before: this.#head }) }
  }

  #inPart(name: DomainName): readonly RecordSet[] {
    if (this.#listed.size === 0) return []
    const number = partOf(name)
    return this.#listed.has(number) ? (this.#parts.get(number)?.names.get(name) ?? []) : []
  }
}

function isCut({ type }: RecordSet): boolean {
  return type === TYPE.NS || type === TYPE.DNAME
}

/** Octets of what is written. */
export function sizeBytes(spec: ZoneRecordsSpec): number {
  return Buffer.byteLength(JSON.stringify(spec))
}

function* namesOf(object: StoredObject | undefined): Generator<DomainName> {
  if (object === undefined) return
  yield* object.names.keys()
  yield* object.removed
}

function bare(zone: DomainName): string {
  return zone === '.' ? zone : zone.slice(0, -1)
}

/** A name of a record's text; one that cannot be read stands for itself alone. */
function nameIn(text: string): DomainName {
  try {
    return readFullName(text)
  } catch (error) {
    if (error instanceof PresentationError) return `\0${text}` as DomainName // no name has this form
    throw error
  }
}

/** By name, then type: two writes of the same zone are the same. */
function sorted(records: readonly RecordText[]): readonly RecordText[] {
  return records.toSorted((left, right) => compare(left.name, right.name) || compare(left.type, right.type))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
