import type { KubeObject } from '../../../api/object.ts'
import type { Store } from '../store/store.ts'
import { CRDS } from './cluster.ts'
import type { Catalogue } from './cluster.ts'
import type { ResourceType, Target } from './resource.ts'

/** Follows the CRDs in a store: what they define is served as soon as they are stored. */
export class LiveCatalogue implements Catalogue {
  readonly #builtin: readonly ResourceType[]
  readonly #custom = new Map<string, ResourceType>()
  readonly #listeners = new Set<() => void>()
  #targets: Map<string, Target>
  #all: readonly ResourceType[]
  #revision = 0

  /** @param define - makes a resource of a CRD */
  constructor(store: Store, builtin: readonly ResourceType[], define: (crd: KubeObject) => ResourceType) {
    this.#builtin = builtin
    this.#all = builtin
    this.#targets = targetsOf(builtin)
    store.subscribe(CRDS, (event) => {
      const { name } = event.object.metadata
      if (event.type === 'DELETED') this.#custom.delete(name)
      else if (sameDefinition(event.object, event.old)) return
      else this.#custom.set(name, define(event.object))
      this.#rebuild()
    })
  }

  find(group: string, version: string, plural: string): Target | undefined {
    return this.#targets.get(`${group}/${version}/${plural}`)
  }

  servesGroup(group: string): boolean {
    return this.#all.some((type) => type.group === group && type.versions.length > 0)
  }

  all(): readonly ResourceType[] {
    return this.#all
  }

  ofBucket(bucket: string): ResourceType | undefined {
    return this.#all.find((type) => type.bucket === bucket)
  }

  get revision(): number {
    return this.#revision
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  #rebuild(): void {
    this.#revision += 1
    this.#all = [...this.#builtin, ...this.#custom.values()]
    this.#targets = targetsOf(this.#all)
    for (const listener of this.#listeners) listener()
  }
}

function targetsOf(types: readonly ResourceType[]): Map<string, Target> {
  return new Map(
    types.flatMap((type) =>
      type.versions.map((version): [string, Target] => [
        `${type.group}/${version.version}/${type.plural}`,
        { type, version },
      ]),
    ),
  )
}

/** Changes of labels and status define nothing new. */
function sameDefinition(crd: KubeObject, old: KubeObject | undefined): boolean {
  return old !== undefined && crd.metadata.generation === old.metadata.generation
}
