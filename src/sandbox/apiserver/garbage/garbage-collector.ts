import type { KubeObject } from '../../../api/object.ts'
import type { Logger } from '../../../telemetry/logger.ts'
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../model/deletion-policy.ts'
import { StatusError } from '../model/status.ts'
import { sameValue } from '../model/values.ts'
import { isDeleting } from '../resource/cluster.ts'
import type { Cluster } from '../resource/cluster.ts'
import { deleteObject } from '../resource/delete.ts'
import type { ResourceType, Target } from '../resource/resource.ts'
import { updateObject } from '../resource/update.ts'
import { storeKey } from '../store/store.ts'
import type { StoreEvent } from '../types.ts'
import { fateOf } from './dependent-fate.ts'
import type { Fate } from './dependent-fate.ts'
import { reportStrayOwner } from './stray-owner-event.ts'
import { OwnerLookup, isOrphaning, isWaiting } from './owner-lookup.ts'
import { Ownership, idOf, referencesOf } from './ownership.ts'
import type { Edge, Place } from './ownership.ts'
import { WorkQueue } from './work-queue.ts'

const AS_COLLECTOR = {
  dryRun: false,
  fieldValidation: 'Ignore',
  manager: 'kube-controller-manager',
} as const

/**
 * Deletes what has lost its owners, and ends deletions that wait for dependents (Foreground) or let them go (Orphan), as
 * kube-controller-manager does. Driven by the changes of one cluster's store; works a moment after them, never within a request.
 */
export class GarbageCollector {
  readonly #cluster: Cluster
  readonly #logger: Logger
  readonly #ownership = new Ownership()
  readonly #owners: OwnerLookup
  readonly #queue: WorkQueue<Place>
  readonly #stops: (() => void)[] = []
  readonly #watched = new Set<string>()
  /** Dependents with an owner of a kind that is not served: looked at again when kinds come. */
  readonly #puzzling = new Map<string, Place>()

  constructor(cluster: Cluster, logger: Logger) {
    this.#cluster = cluster
    this.#logger = logger
    this.#owners = new OwnerLookup(cluster)
    this.#queue = new WorkQueue((place) => this.#work(place))
    this.#stops.push(cluster.catalogue.onChange(() => this.#kindsChanged()))
    this.#kindsChanged()
  }

  /** Stop at once. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#queue.clear()
  }

  #kindsChanged(): void {
    const { catalogue, store } = this.#cluster
    for (const { bucket, defaultDeletionPolicy } of catalogue.all()) {
      if (defaultDeletionPolicy === 'none' || this.#watched.has(bucket)) continue
      this.#watched.add(bucket)
      this.#stops.push(store.subscribe(bucket, (event) => this.#changed(bucket, event)))
      for (const object of store.snapshot(bucket, '')?.objects ?? [])
        this.#changed(bucket, { type: 'ADDED', object })
    }
    for (const place of this.#puzzling.values()) this.#mark(place)
    this.#puzzling.clear()
  }

  /** What a change of an object may bring about: for itself, for what it owns and for its owners. */
  #changed(bucket: string, { type, object, old }: StoreEvent): void {
    const place = { bucket, key: storeKey(object.metadata.namespace ?? '', object.metadata.name) }
    const uid = object.metadata.uid ?? ''
    const gone = type === 'DELETED'
    const referencesChanged = gone || !sameValue(referencesOf(object), referencesOf(old))
    if (referencesChanged) {
      this.#ownership.replace(place, gone ? object : old, gone ? undefined : object)
      this.#markWaitingOwners(old ?? object)
    }
    if (gone) {
      this.#owners.forget(object)
      this.#puzzling.delete(idOf(place))
      this.#markAll(this.#ownership.dependentsOf(uid))
      return
    }
    if (isOrphaning(object)) this.#mark(place)
    else if (isWaiting(object)) {
      // Before their owner: it may stop to wait for them at once, and stay for another reason.
      if (old === undefined || !isWaiting(old)) this.#markAll(this.#ownership.dependentsOf(uid))
      this.#mark(place)
    } else if (referencesChanged && referencesOf(object).length > 0) this.#mark(place)
  }

  /** Owners that wait for this dependent. */
  #markWaitingOwners(dependent: KubeObject): void {
    for (const reference of referencesOf(dependent)) {
      const { state, place } = this.#owners.find(reference, dependent)
      if (state === 'waiting' && place !== undefined) this.#mark(place)
    }
  }

  #markAll(edges: readonly Edge[]): void {
    for (const { place } of edges) this.#mark(place)
  }

  #mark(place: Place): void {
    this.#queue.add(idOf(place), place)
  }

  #work(place: Place): void {
    const type = this.#cluster.catalogue.ofBucket(place.bucket)
    const object = this.#cluster.store.get(place.bucket, place.key)
    if (type === undefined || object === undefined) return
    try {
      if (isOrphaning(object)) this.#orphan(type, object)
      else if (isWaiting(object)) this.#endWaiting(type, object)
      else if (!isDeleting(object)) this.#decide(type, place, object)
    } catch (error) {
      this.#refused(type, object, error)
    }
  }

  /** What was refused once would be refused again: the next change of the object starts afresh. */
  #refused({ kind }: ResourceType, { metadata }: KubeObject, error: unknown): void {
    const { namespace, name } = metadata
    const level = error instanceof StatusError ? 'warn' : 'error'
    const fields = { component: 'garbage-collector', cluster: this.#cluster.name, kind, namespace, name }
    this.#logger[level]({ ...fields, err: error }, 'garbage was not collected')
  }

  #decide(type: ResourceType, place: Place, object: KubeObject): void {
    const references = referencesOf(object)
    const found = references.map((reference) => this.#owners.find(reference, object))
    for (const [index, owner] of found.entries()) {
      if (owner.elsewhere === true)
        reportStrayOwner(this.#cluster, { dependent: object, reference: references[index]! }) // made from it
    }
    if (found.some(({ state }) => state === 'unknown')) this.#puzzling.set(idOf(place), place)
    const dependents = this.#ownership.dependentsOf(object.metadata.uid ?? '')
    const fate = fateOf(
      {
        owners: found.map(({ state }, index) => ({ uid: references[index]!.uid, state })), // made from it
        finalizers: object.metadata.finalizers ?? [],
        hasDependents: dependents.length > 0,
      },
      dependents.some((edge) => this.#isWaitingAt(edge.place)),
    )
    this.#apply(type, object, fate)
  }

  #apply(type: ResourceType, object: KubeObject, fate: Fate): void {
    switch (fate.kind) {
      case 'stay':
        return
      case 'forget':
        this.#forgetOwners(type, object, fate.owners)
        return
      case 'delete': {
        if (fate.unblocks) this.#unblock(type, object)
        const { namespace = '', name, uid = '' } = object.metadata
        const request = { namespace, name, dryRun: false, policy: fate.policy, preconditions: { uid } }
        deleteObject(this.#cluster, targetFor(type), request)
      }
    }
  }

  /** Its dependents forget it; then nothing holds it. */
  #orphan(type: ResourceType, owner: KubeObject): void {
    const uid = owner.metadata.uid ?? ''
    for (const { place } of this.#ownership.dependentsOf(uid)) {
      const dependent = this.#cluster.store.get(place.bucket, place.key)
      const dependentType = this.#cluster.catalogue.ofBucket(place.bucket)
      if (dependent === undefined || dependentType === undefined) continue
      this.#forgetOwners(dependentType, dependent, [uid])
    }
    this.#release(type, owner, ORPHAN_FINALIZER)
  }

  /** Its deletion ends when no dependent that blocks it is left. */
  #endWaiting(type: ResourceType, owner: KubeObject): void {
    const held = this.#ownership.dependentsOf(owner.metadata.uid ?? '').some(({ blocks }) => blocks)
    if (!held) this.#release(type, owner, FOREGROUND_FINALIZER)
  }

  #isWaitingAt({ bucket, key }: Place): boolean {
    const object = this.#cluster.store.get(bucket, key)
    return object !== undefined && isWaiting(object)
  }

  #release(type: ResourceType, object: KubeObject, finalizer: string): void {
    this.#write(type, object, {
      finalizers: (object.metadata.finalizers ?? []).filter((name) => name !== finalizer),
    })
  }

  #forgetOwners(type: ResourceType, object: KubeObject, owners: readonly string[]): void {
    this.#write(type, object, {
      ownerReferences: referencesOf(object).filter(({ uid }) => !owners.includes(uid)),
    })
  }

  #unblock(type: ResourceType, object: KubeObject): void {
    this.#write(type, object, {
      ownerReferences: referencesOf(object).map((reference) => ({ ...reference, blockOwnerDeletion: false })),
    })
  }

  #write(type: ResourceType, object: KubeObject, change: Readonly<Record<string, readonly unknown[]>>): void {
    const { namespace = '', name } = object.metadata
    const lists = Object.entries(change).map(([field, list]) => [field, list.length === 0 ? undefined : list])
    updateObject(this.#cluster, targetFor(type), {
      ...AS_COLLECTOR,
      ...{ namespace, name, part: 'main', replace: false },
      change: (current = object) => ({
        value: { ...current, metadata: { ...current.metadata, ...(Object.fromEntries(lists) as object) } },
        duplicates: [],
      }),
    })
  }
}

/** Any served version will do: only metadata changes. */
function targetFor(type: ResourceType): Target {
  const [version] = type.versions
  if (version === undefined) throw new Error('a kind without versions is not in the catalogue')
  return { type, version }
}
