import type { KubeObject } from '../../../api/object.ts'
import { finalizersForDeletion } from '../model/deletion-policy.ts'
import type { DeletionPolicy } from '../model/deletion-policy.ts'
import { orderedMetadata } from '../model/metadata.ts'
import { conflict, forbidden, notFound } from '../model/status.ts'
import type { Status } from '../model/status.ts'
import { sameValue, withValueAt } from '../model/values.ts'
import { storeKey } from '../store/store.ts'
import { CRDS, NAMESPACES, isDeleting, timestamp } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { presented } from './resource.ts'
import type { ResourceType, Target } from './resource.ts'

/** What a DELETE may demand of the object it removes. */
export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** A DELETE of one object. */
export interface DeleteRequest {
  readonly namespace: string
  readonly name: string
  readonly dryRun: boolean
  readonly preconditions?: Preconditions
  /** What becomes of its dependents; absent: what its finalizers say, else the default of its kind. */
  readonly policy?: DeletionPolicy
}

/**
 * Delete an object. With finalizers it stays, marked, until the last of them is gone; a namespace or CRD takes its content with it.
 * @returns the body of the answer: the object while it stays, else what its kind answers
 * @throws StatusError 403, 404, 409
 */
export function deleteObject(cluster: Cluster, target: Target, request: DeleteRequest): KubeObject | Status {
  const { type } = target
  const key = storeKey(request.namespace, request.name)
  const object = cluster.store.get(type.bucket, key)
  if (object === undefined) throw notFound(type, request.name)
  checkPreconditions(type, object, request.preconditions)
  const refused = type.rules.refuseDelete?.(object)
  if (refused !== undefined) throw forbidden(type, request.name, refused)
  if (holdsContent(type)) return presented(target, deleteWithContent(cluster, type, object, request))
  const marked = markedForDeletion(cluster, object, { policy: request.policy, type })
  if (marked !== undefined) {
    if (sameValue(marked, object)) return presented(target, object)
    return presented(target, request.dryRun ? marked : cluster.store.put(type.bucket, key, marked))
  }
  const last = request.dryRun ? object : removeObject(cluster, type, object)
  return type.deleteAnswer === 'object' ? presented(target, last) : success(type, object)
}

/** Take an object out of the store, and the namespace or CRD that was waiting for it. */
export function removeObject(cluster: Cluster, type: ResourceType, last: KubeObject): KubeObject {
  const { namespace = '', name } = last.metadata
  const removed = cluster.store.remove(type.bucket, storeKey(namespace, name), last)
  finishContainers(cluster, namespace)
  return removed
}

/** A namespace or CRD that was changed while it is being deleted goes when nothing holds it any more. */
export function finishContainer(cluster: Cluster, type: ResourceType, object: KubeObject): void {
  if (!isDeleting(object)) return
  if (type.bucket === NAMESPACES) finishNamespace(cluster, object)
  else if (type.bucket === CRDS) finishCrd(cluster, object)
}

/** Namespaces and CRDs that are being deleted and have no content left are removed. */
function finishContainers(cluster: Cluster, namespace: string): void {
  const holder = namespace === '' ? undefined : cluster.store.get(NAMESPACES, namespace)
  if (holder !== undefined && isDeleting(holder)) finishNamespace(cluster, holder)
  for (const crd of cluster.store.snapshot(CRDS, '')?.objects ?? []) {
    if (isDeleting(crd)) finishCrd(cluster, crd)
  }
}

function holdsContent(type: ResourceType): boolean {
  return type.bucket === NAMESPACES || type.bucket === CRDS
}

/** The object stays, marked, while it has content or finalizers; else it is removed. */
function deleteWithContent(
  cluster: Cluster,
  type: ResourceType,
  object: KubeObject,
  request: DeleteRequest,
): KubeObject {
  const marked = isDeleting(object) ? object : terminating(cluster, object, request.policy)
  if (request.dryRun) return marked
  const { name } = object.metadata
  const stored = sameValue(marked, object) ? object : cluster.store.put(type.bucket, name, marked)
  if (type.bucket === NAMESPACES) {
    for (const other of cluster.catalogue.all()) if (other.namespaced) removeAll(cluster, other, `${name}/`)
  } else removeAll(cluster, cluster.catalogue.ofBucket(name), '')
  const left = cluster.store.get(type.bucket, name)
  if (left !== undefined) finishContainer(cluster, type, left)
  return stored
}

/** A namespace takes a policy; a CRD has none. */
function terminating(cluster: Cluster, object: KubeObject, policy: DeletionPolicy | undefined): KubeObject {
  if (object.kind !== 'Namespace') return marked(cluster, object, {})
  const left = finalizersForDeletion(object.metadata.finalizers ?? [], policy)
  const finalizers = left.length === 0 ? undefined : left
  return withValueAt(marked(cluster, object, { finalizers }), ['status', 'phase'], 'Terminating')
}

/** Its content is gone when nothing is left in any bucket; then only finalizers of its own hold it. */
function finishNamespace(cluster: Cluster, namespace: KubeObject): void {
  const { name } = namespace.metadata
  const prefix = `${name}/`
  const occupied = cluster.catalogue
    .all()
    .some((type) => type.namespaced && (cluster.store.snapshot(type.bucket, prefix)?.objects.length ?? 0) > 0)
  if (occupied) return
  const emptied = withValueAt(namespace, ['spec', 'finalizers'], undefined)
  if ((namespace.metadata.finalizers ?? []).length === 0) cluster.store.remove(NAMESPACES, name, emptied)
  else if (!sameValue(emptied, namespace)) cluster.store.put(NAMESPACES, name, emptied)
}

function finishCrd(cluster: Cluster, crd: KubeObject): void {
  const { name } = crd.metadata
  if ((crd.metadata.finalizers ?? []).length > 0 || cluster.store.count(name) > 0) return
  cluster.store.remove(CRDS, name, crd)
}

/** Delete every object of a type below a key prefix; those with finalizers stay, marked. */
function removeAll(cluster: Cluster, type: ResourceType | undefined, prefix: string): void {
  if (type === undefined) return
  for (const object of cluster.store.snapshot(type.bucket, prefix)?.objects ?? []) {
    const { namespace = '', name } = object.metadata
    const key = storeKey(namespace, name)
    const left = markedForDeletion(cluster, object, { policy: 'Background', type })
    if (left === undefined) cluster.store.remove(type.bucket, key, object)
    else if (!sameValue(left, object)) cluster.store.put(type.bucket, key, left)
  }
}

/** The object as it stays after a DELETE, held by finalizers; undefined when nothing holds it. */
function markedForDeletion(
  cluster: Cluster,
  object: KubeObject,
  { policy, type }: { readonly policy?: DeletionPolicy | undefined; readonly type: ResourceType },
): KubeObject | undefined {
  const finalizers = finalizersForDeletion(
    object.metadata.finalizers ?? [],
    policy,
    type.defaultDeletionPolicy,
  )
  if (finalizers.length === 0) return undefined
  if (isDeleting(object)) {
    return { ...object, metadata: orderedMetadata({ ...object.metadata, finalizers }) }
  }
  return marked(cluster, object, { deletionGracePeriodSeconds: 0, finalizers })
}

/** A deletion changes how the object behaves, so that its generation counts it. */
function marked(cluster: Cluster, object: KubeObject, more: Readonly<Record<string, unknown>>): KubeObject {
  const { generation } = object.metadata
  return {
    ...object,
    metadata: orderedMetadata({
      ...object.metadata,
      generation: generation === undefined ? undefined : generation + 1,
      deletionTimestamp: timestamp(cluster.clock.nowMs()),
      ...more,
    }),
  }
}

function checkPreconditions(type: ResourceType, object: KubeObject, wanted: Preconditions | undefined): void {
  const { uid, resourceVersion } = object.metadata
  const named = { group: type.group, plural: type.kind }
  if (wanted?.uid !== undefined && wanted.uid !== uid) {
    throw conflict(
      named,
      object.metadata.name,
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    )
  }
  if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    throw conflict(
      named,
      object.metadata.name,
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    )
  }
}

function success(type: ResourceType, object: KubeObject): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
      ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
    },
  }
}
