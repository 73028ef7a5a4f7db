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
import type { ObjectAccess } from './types.ts'

const OPTIONS = { dryRun: false, fieldValidation: 'Strict' } as const

/** Access to the objects of a cluster from inside the process: the same functions as over HTTP, fields that the schema lacks refused. */
export function objectAccess(cluster: Cluster, logger: Logger): ObjectAccess {
  const target = (resource: ResourceId): Target => {
    const found = cluster.catalogue.find(resource.group, resource.version, resource.plural)
    if (found === undefined) throw noSuchResource()
    return found
  }

  const replace = (resource: ResourceId, object: KubeObject, part: 'main' | 'status'): KubeObject => {
    const { name, namespace = '' } = object.metadata
    return updateObject(cluster, target(resource), {
      ...OPTIONS,
      namespace,
      name,
      part,
      replace: false,
      change: () => ({ value: object, duplicates: [] }),
    }).object
  }

  return {
    get(resource, namespace, name) {
      const found = target(resource)
      const object = cluster.store.get(
        found.type.bucket,
        storeKey(found.type.namespaced ? namespace : '', name),
      )
      return object === undefined ? undefined : presented(found, object)
    },
    list(resource, namespace) {
      const found = target(resource)
      const prefix = namespace === undefined || namespace === '' ? '' : `${namespace}/`
      return (cluster.store.snapshot(found.type.bucket, prefix)?.objects ?? []).map((object) =>
        presented(found, object),
      )
    },
    create(resource, object) {
      const namespace = object.metadata.namespace ?? ''
      return createObject(cluster, target(resource), {
        ...OPTIONS,
        namespace,
        body: { value: object, duplicates: [] },
      }).object
    },
    update: (resource, object) => replace(resource, object, 'main'),
    updateStatus(resource, object) {
      const found = target(resource)
      if (!found.version.status) throw notFound(found.type, `${object.metadata.name}/status`)
      return replace(resource, object, 'status')
    },
    delete(resource, namespace, name) {
      deleteObject(cluster, target(resource), { namespace, name, dryRun: false })
    },
    watch(resource, listener) {
      const found = target(resource)
      const { bucket } = found.type
      const tell: typeof listener = (event) => {
        try {
          listener(event)
        } catch (error) {
          // One listener's fault must not stop a write or another listener.
          logger.error(
            { component: 'apiserver', cluster: cluster.name, kind: found.type.kind, err: error },
            'watch listener failed',
          )
        }
      }
      const stop = cluster.store.subscribe(bucket, ({ type, object, old }) =>
        tell({
          type,
          object: presented(found, object),
          ...(old === undefined ? {} : { old: presented(found, old) }),
        }),
      )
      for (const object of cluster.store.snapshot(bucket, '')?.objects ?? []) {
        tell({ type: 'ADDED', object: presented(found, object) })
      }
      return stop
    },
  }
}
