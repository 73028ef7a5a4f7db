import type { KubeObject, ResourceId } from '../../api/object.ts'
import type { ObjectAccess, StoreEvent } from '../apiserver/types.ts'

/** Values under which an object is found; sorted or not, distinct or not. */
export type IndexBy<O extends KubeObject> = (object: O) => readonly string[]

/** The objects of one resource, followed by a watch, found by key or by index value. */
export class Mirror<O extends KubeObject = KubeObject> {
  readonly #objects = new Map<string, O>()
  readonly #index = new Map<string, Map<string, O>>()
  readonly #indexBy: IndexBy<O>
  #stop: () => void = () => {}

  constructor(indexBy: IndexBy<O> = () => []) {
    this.#indexBy = indexBy
  }

  /** Follow the resource; the listener sees each event after the mirror has taken it in. */
  start(objects: ObjectAccess, resource: ResourceId, listener: (event: StoreEvent) => void): void {
    this.#stop = objects.watch(resource, (event) => {
      this.#apply(event)
      listener(event)
    })
  }

  stop(): void {
    this.#stop()
  }

  get(namespace: string, name: string): O | undefined {
    return this.#objects.get(`${namespace}/${name}`)
  }

  /** In order of creation, as the watch told it. */
  all(): Iterable<O> {
    return this.#objects.values()
  }

  where(indexValue: string): readonly O[] {
    return [...(this.#index.get(indexValue)?.values() ?? [])]
  }

  /** How many objects carry an index value. */
  count(indexValue: string): number {
    return this.#index.get(indexValue)?.size ?? 0
  }

  #apply(event: StoreEvent): void {
    const key = mirrorKey(event.object)
    const before = this.#objects.get(key)
    if (before !== undefined) this.#unindex(key, before)
    if (event.type === 'DELETED') {
      this.#objects.delete(key)
      return
    }
    const object = event.object as O // the resource's kind; its fields are optional in every shape
    this.#objects.set(key, object)
    for (const value of this.#indexBy(object)) {
      const bucket = this.#index.get(value)
      if (bucket === undefined) this.#index.set(value, new Map([[key, object]]))
      else bucket.set(key, object)
    }
  }

  #unindex(key: string, object: O): void {
    for (const value of this.#indexBy(object)) {
      const bucket = this.#index.get(value)
      bucket?.delete(key)
      if (bucket?.size === 0) this.#index.delete(value)
    }
  }
}

/** `<namespace>/<name>`. */
export function mirrorKey(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}
