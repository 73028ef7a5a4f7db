import type { KubeObject, OwnerReference } from '../../../api/object.ts'
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../model/deletion-policy.ts'
import { isDeleting } from '../resource/cluster.ts'
import type { Cluster } from '../resource/cluster.ts'
import { apiVersionOf } from '../resource/resource.ts'
import type { ResourceType, Target } from '../resource/resource.ts'
import { storeKey } from '../store/store.ts'
import type { OwnerState } from './dependent-fate.ts'
import type { Place } from './ownership.ts'

/** As many absent owners are remembered as by the real collector. */
const REMEMBERED = 500

/** An owner as its reference is understood. */
export interface OwnerFound {
  readonly state: OwnerState
  readonly place?: Place
  readonly object?: KubeObject
  /** The object with this uid lives in another namespace than the reference means. */
  readonly elsewhere?: true
}

/** Finds owners by their references, and remembers which are gone: the kind of such a one may be gone with it. */
export class OwnerLookup {
  readonly #cluster: Cluster
  /** `<namespace>/<uid>`, the oldest first. */
  readonly #gone = new Set<string>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** This object has been removed. */
  forget({ metadata }: KubeObject): void {
    this.#gone.add(`${metadata.namespace ?? ''}/${metadata.uid ?? ''}`)
    const [oldest] = this.#gone
    if (this.#gone.size > REMEMBERED && oldest !== undefined) this.#gone.delete(oldest)
  }

  /** The owner that `dependent` means by one of its references. */
  find(reference: OwnerReference, dependent: KubeObject): OwnerFound {
    const { namespace = '' } = dependent.metadata
    const { uid } = reference
    if (this.#gone.has(`/${uid}`)) return { state: 'gone' }
    const type = targetOf(this.#cluster, reference)?.type
    if (this.#gone.has(`${namespace}/${uid}`)) return { state: 'gone' }
    if (type === undefined) return { state: 'unknown' }
    if (type.namespaced && namespace === '') {
      return { state: 'unknown', ...(this.#isElsewhere(type, uid) ? { elsewhere: true } : {}) }
    }
    const place = { bucket: type.bucket, key: storeKey(type.namespaced ? namespace : '', reference.name) }
    const object = this.#cluster.store.get(place.bucket, place.key)
    if (object?.metadata.uid === uid) return { state: isWaiting(object) ? 'waiting' : 'there', place, object }
    return { state: 'gone', ...(type.namespaced && this.#isElsewhere(type, uid) ? { elsewhere: true } : {}) }
  }

  /** Asked only for owners that are not where they should be. */
  #isElsewhere(type: ResourceType, uid: string): boolean {
    const { objects } = this.#cluster.store.snapshot(type.bucket, '') ?? { objects: [] }
    return objects.some((object) => object.metadata.uid === uid)
  }
}

/** The resource of a kind in a version, as references and objects name it. */
export function targetOf(
  cluster: Cluster,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): Target | undefined {
  for (const type of cluster.catalogue.all()) {
    if (type.kind !== kind) continue
    const version = type.versions.find((served) => apiVersionOf(type.group, served.version) === apiVersion)
    if (version !== undefined) return { type, version }
  }
  return undefined
}

/** Under foreground deletion: it goes after its dependents. */
export function isWaiting(object: KubeObject): boolean {
  return isDeleting(object) && (object.metadata.finalizers ?? []).includes(FOREGROUND_FINALIZER)
}

/** Under deletion, held until its dependents have forgotten it. */
export function isOrphaning(object: KubeObject): boolean {
  return isDeleting(object) && (object.metadata.finalizers ?? []).includes(ORPHAN_FINALIZER)
}
