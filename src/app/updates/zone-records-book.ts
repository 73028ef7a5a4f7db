import { objectKey, ownerKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import type { ObjectMeta } from '../../api/object.ts'
import { zoneRecordsKind, type ZoneRecords, type ZoneRecordsStatus } from '../../api/zone-records.ts'
import type { HostObject } from '../../controllers/ports.ts'
import { rankOf } from '../../core/discovery/rank.ts'
import type { ClaimChange, Ledger } from '../../core/discovery/types.ts'
import { tryDomainName, type DomainName } from '../../dns/names.ts'
import { compareVersions } from '../../kube/resource-version.ts'
import { headName, partName } from './object-names.ts'
import { readRecords, type StoredObject } from './stored-object.ts'
import { StoredZone } from './stored-zone.ts'
import { servable } from './zone-rules.ts'

const { kind } = zoneRecordsKind.definition

export interface ZoneRecordsBookOptions {
  /** The control plane's: only objects there are read. */
  readonly namespace: string
  readonly get: (key: ObjectKey) => HostObject<ZoneRecords, ZoneRecordsStatus> | undefined
  readonly ledger: Pick<Ledger, 'put' | 'drop'>
  /** Suffixes of the names that federations publish in a zone; undefined: no Domain has it. */
  readonly scopes: (origin: DomainName) => readonly DomainName[] | undefined
  /** Whether static data of a zone stands below a name; absent: there is none. */
  readonly isAboveStatic?: (origin: DomainName, name: DomainName) => boolean
  /** What is to be told of an object may be another thing now. */
  readonly told: (owner: OwnerKey) => void
}

/** What is said of one object. */
export interface ObjectState {
  /** What is wrong with single records: one sentence each. */
  readonly problems: readonly string[]
  readonly zone: DomainName
  /** No Domain has that zone. */
  readonly isOutside: boolean
}

/** An object, where it stands, and whose names its names are. */
interface KnownObject {
  readonly object: StoredObject
  readonly origin: DomainName
  /** Of the object that has the names: its own, for a part the zone's. */
  readonly holder: ObjectKey
  readonly part?: number
}

/** Names of one owner. */
interface Holder {
  /** The zone's own object with its parts; or one object that was written by hand, without any. */
  readonly zone: StoredZone
  /** As they were published last. */
  readonly published: Set<DomainName>
  /** What of a name cannot be served. */
  readonly problems: Map<DomainName, readonly string[]>
}

/**
 * The ZoneRecords objects of the host, published as names received from outside (DESIGN 5.7): those of each zone's own
 * object with its parts under one owner, those of each object written by hand under one of its own. A change costs the names
 * of the object that changed.
 */
export class ZoneRecordsBook {
  readonly #options: ZoneRecordsBookOptions
  readonly #objects = new Map<ObjectKey, KnownObject>()
  readonly #holders = new Map<ObjectKey, Holder>()
  readonly #listeners = new Set<() => void>()

  constructor(options: ZoneRecordsBookOptions) {
    this.#options = options
  }

  /** What a zone has received; empty where nothing is stored. */
  zone(origin: DomainName): StoredZone {
    return this.#holders.get(this.#headKey(origin))?.zone ?? new StoredZone(origin)
  }

  /** Who has the names that a zone has received. */
  ownerOf(origin: DomainName): OwnerKey {
    return ownerKey(kind, this.#headKey(origin))
  }

  /** Undefined: there is no such object, it has never been readable, or it is a part, of which its zone's object tells. */
  state(key: ObjectKey): ObjectState | undefined {
    const known = this.#objects.get(key)
    const holder = this.#holders.get(key)
    if (known === undefined || holder === undefined || known.part !== undefined) return undefined
    const problems = [...known.object.problems, ...[...holder.problems.values()].flat()]
    const isOutside = this.#options.scopes(known.origin) === undefined
    return { problems, zone: known.origin, isOutside }
  }

  /** Something about an object has changed in the store. One that cannot be read says what it said before. */
  look(key: ObjectKey): void {
    const found = this.#options.get(key)
    if (found === undefined) this.#remove(key)
    else if (found.kind === 'ok') this.accept(found.metadata, found.value.asked)
    this.#options.told(ownerKey(kind, key))
  }

  /** An object as the API server gave it, by whatever way; one that is older than what is held is passed over. */
  accept(metadata: ObjectMeta, { spec }: Pick<ZoneRecords, 'spec'>): void {
    const {
      namespace = '',
      name,
      uid = '',
      resourceVersion = '',
      creationTimestamp = '',
      generation,
    } = metadata
    const origin = tryDomainName(spec.zone)
    if (namespace !== this.#options.namespace || origin === undefined) return
    const key = objectKey(namespace, name)
    const before = this.#objects.get(key)
    const known = before?.object.uid === uid ? before.object : undefined
    if (known !== undefined && compareVersions(known.resourceVersion, resourceVersion) > 0) return
    const object = {
      ...{ name, uid, resourceVersion, creationTimestamp, generation },
      // Our own write, seen once more, and changes of its status: reading it again would cost all its records.
      ...(known !== undefined && saysTheSame(known, { resourceVersion, generation })
        ? { spec: known.spec, names: known.names, removed: known.removed, problems: known.problems }
        : { spec, ...readRecords(spec, origin) }),
    }
    const isPart = spec.part !== undefined && name === partName(origin, spec.part)
    const holder = isPart ? this.#headKey(origin) : key
    const now = { object, origin, holder, ...(isPart ? { part: spec.part } : {}) }
    const isMoved = before !== undefined && (before.origin !== origin || before.holder !== holder)
    if (isMoved) this.#remove(key)
    this.#objects.set(key, now)
    this.#place(now, object)
    for (const listener of this.#listeners) listener()
  }

  /** Called after each object that was taken in, or has gone. @returns the function that ends it */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Domains or their scopes have changed: what hides names, or hid none, is looked at again. */
  review(): void {
    for (const [key, { zone }] of this.#holders) {
      this.#publish(key, new Set(zone.cuts()))
      this.#options.told(ownerKey(kind, key))
    }
  }

  #headKey(origin: DomainName): ObjectKey {
    return objectKey(this.#options.namespace, headName(origin))
  }

  #remove(key: ObjectKey): void {
    const known = this.#objects.get(key)
    if (known === undefined) return
    this.#objects.delete(key)
    this.#place(known, undefined)
    for (const listener of this.#listeners) listener()
  }

  /** @param object - undefined: it is gone */
  #place({ origin, holder: key, part }: KnownObject, object: StoredObject | undefined): void {
    const holder = this.#holders.get(key) ?? {
      zone: new StoredZone(origin),
      published: new Set(),
      problems: new Map(),
    }
    this.#holders.set(key, holder)
    const { zone } = holder
    this.#publish(key, part === undefined ? zone.setHead(object) : zone.setPart(part, object))
    if (!zone.isEmpty) return
    this.#holders.delete(key)
    this.#options.ledger.drop(ownerKey(kind, key))
  }

  /** Say of these names what the holder says of them now. */
  #publish(key: ObjectKey, names: ReadonlySet<DomainName>): void {
    const holder = this.#holders.get(key)
    if (holder === undefined) return
    const { zone, published, problems } = holder
    const { isAboveStatic, scopes } = this.#options
    const { origin } = zone
    const rules = {
      ...{ origin, scopes: scopes(origin) ?? [] },
      isAboveStatic: isAboveStatic && ((name: DomainName) => isAboveStatic(origin, name)),
    }
    const changes = [...names].flatMap((name): readonly ClaimChange[] => {
      const said = servable(name, zone.at(name), rules)
      if (said.problems.length === 0) problems.delete(name)
      else problems.set(name, said.problems)
      if (said.sets.length === 0) return published.delete(name) ? [{ name, urgent: false }] : []
      published.add(name)
      return [{ name, answer: { kind: 'records', sets: said.sets }, urgent: false }]
    })
    const creationTimestamp = zone.head?.creationTimestamp ?? ''
    const rank = rankOf({ nameClass: 'open', creationTimestamp, key })
    this.#options.ledger.put({ key: ownerKey(kind, key), rank }, changes)
  }
}

/** Whether two states of one object have the same spec: the generation counts its changes. */
function saysTheSame(
  known: StoredObject,
  now: Pick<StoredObject, 'resourceVersion' | 'generation'>,
): boolean {
  if (known.resourceVersion === now.resourceVersion && now.resourceVersion !== '') return true
  return now.generation !== undefined && known.generation === now.generation
}
