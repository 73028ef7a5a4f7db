import type { KubeObject, OwnerReference } from '../../../api/object.ts'

/** Where an object is stored. */
export interface Place {
  readonly bucket: string
  readonly key: string
}

/** A place as text. */
export function idOf({ bucket, key }: Place): string {
  return `${bucket} ${key}`
}

/** A dependent of some owner. */
export interface Edge {
  readonly place: Place
  /** The foreground deletion of the owner waits for it. */
  readonly blocks: boolean
}

/**
 * Who depends on whom, by uid of the owner. Follows the changes of objects: each costs as many steps as the object has owners, and
 * objects without owners cost nothing.
 */
export class Ownership {
  /** Owner's uid → dependents by `<bucket> <key>`. */
  readonly #dependents = new Map<string, Map<string, Edge>>()

  /** Bring the references of the object at `place` up to date; without an object, or with one that has no owners, they are dropped. */
  replace(place: Place, old: KubeObject | undefined, object: KubeObject | undefined): void {
    const id = idOf(place)
    const present = referencesOf(object)
    for (const { uid } of referencesOf(old)) {
      if (!present.some((reference) => reference.uid === uid)) this.#drop(uid, id)
    }
    for (const { uid, blockOwnerDeletion } of present) {
      const edges = this.#dependents.get(uid) ?? new Map<string, Edge>()
      this.#dependents.set(uid, edges.set(id, { place, blocks: blockOwnerDeletion === true }))
    }
  }

  /** The dependents of an owner, whether it exists or not. */
  dependentsOf(uid: string): readonly Edge[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])]
  }

  hasDependents(uid: string): boolean {
    return this.#dependents.has(uid)
  }

  /** Owners that something refers to. */
  get size(): number {
    return this.#dependents.size
  }

  #drop(uid: string, id: string): void {
    const edges = this.#dependents.get(uid)
    edges?.delete(id)
    if (edges?.size === 0) this.#dependents.delete(uid)
  }
}

/** The owner references of an object; none of one that is not there. */
export function referencesOf(object: KubeObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? []
}
