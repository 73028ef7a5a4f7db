import type { KubeObject, ResourceId } from '../../api/object.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { noSuchResource, notFound } from './model/status.ts'
import type { Cluster } from './resource/cluster.ts'
import { createObject } from './resource/create.ts'
import { deleteObject } from './resource/delete.ts'
import { presented } from './resource/resource.ts'
import type { Target } from './resource/resource.ts'
import { updateObject } from './resource/update.ts'
import { storeKey } from './store/store.ts'
import type { ObjectAccess, StoreEvent } from './types.ts'

/** In-process writers are told apart from clients, not from each other. */
const OPTIONS = { dryRun: false, fieldValidation: 'Strict', manager: 'waypost-sandbox' } as const

/** Access to the objects of a cluster from inside the process: the same functions as over HTTP, fields that the schema lacks refused. */
export function objectAccess(cluster: Cluster, logger: Logger): ObjectAccess {
  return new ClusterObjects(cluster, logger)
}

class ClusterObjects implements ObjectAccess {
  readonly #cluster: Cluster
  readonly #logger: Logger

  constructor(cluster: Cluster, logger: Logger) {
    this.#cluster = cluster
    this.#logger = logger
  }

  get(resource: ResourceId, namespace: string, name: string): KubeObject | undefined {
    const target = this.#target(resource)
    const key = storeKey(target.type.namespaced ? namespace : '', name)
    const object = this.#cluster.store.get(target.type.bucket, key)
    return object === undefined ? undefined : presented(target, object)
  }

  list(resource: ResourceId, namespace = ''): readonly KubeObject[] {
    const target = this.#target(resource)
    const prefix = namespace === '' ? '' : `${namespace}/`
    const { objects } = this.#cluster.store.snapshot(target.type.bucket, prefix) ?? { objects: [] }
    return objects.map((object) => presented(target, object))
  }

  create(resource: ResourceId, object: KubeObject): KubeObject {
    const namespace = object.metadata.namespace ?? ''
    const body = { value: object, duplicates: [] }
    return createObject(this.#cluster, this.#target(resource), { ...OPTIONS, namespace, body }).object
  }

  update(resource: ResourceId, object: KubeObject): KubeObject {
    return this.#replace(this.#target(resource), object, 'main')
  }

  updateStatus(resource: ResourceId, object: KubeObject): KubeObject {
    const target = this.#target(resource)
    if (!target.version.status) throw notFound(target.type, `${object.metadata.name}/status`)
    return this.#replace(target, object, 'status')
  }

  delete(resource: ResourceId, namespace: string, name: string): void {
    deleteObject(this.#cluster, this.#target(resource), { namespace, name, dryRun: false })
  }

  watch(resource: ResourceId, listener: (event: StoreEvent) => void): () => void {
    const target = this.#target(resource)
    const { bucket } = target.type
    const tell = (event: StoreEvent): void => this.#tell(target, listener, event)
    const stop = this.#cluster.store.subscribe(bucket, ({ type, object, old }) =>
      tell({
        type,
        object: presented(target, object),
        ...(old === undefined ? {} : { old: presented(target, old) }),
      }),
    )
    for (const object of this.list(resource)) tell({ type: 'ADDED', object })
    return stop
  }

  /** One listener's fault must not stop a write or another listener. */
  #tell(target: Target, listener: (event: StoreEvent) => void, event: StoreEvent): void {
    try {
      listener(event)
    } catch (error) {
      const { name } = this.#cluster
      this.#logger.error(
        { component: 'apiserver', cluster: name, kind: target.type.kind, err: error },
        'watch listener failed',
      )
    }
  }

  #target(resource: ResourceId): Target {
    const found = this.#cluster.catalogue.find(resource.group, resource.version, resource.plural)
    if (found === undefined) throw noSuchResource()
    return found
  }

  #replace(target: Target, object: KubeObject, part: 'main' | 'status'): KubeObject {
    const { name, namespace = '' } = object.metadata
    const change = () => ({ value: object, duplicates: [] })
    return updateObject(this.#cluster, target, { ...OPTIONS, namespace, name, part, replace: false, change })
      .object
  }
}
