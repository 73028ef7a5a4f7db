import type { KubeObject } from '../../../api/object.ts'
import { metadataProblems, metadataUpdateProblems, orderedMetadata } from '../model/metadata.ts'
import { badRequest, conflict, invalid, notFound } from '../model/status.ts'
import { fieldsOf, listOf, sameValue, textOf } from '../model/values.ts'
import type { ManagedFieldsEntry } from '../ownership/owners.ts'
import { storeKey } from '../store/store.ts'
import { isDeleting } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { checkNamespace, createObject, objectProblems, warningsOf, withMergeProblems } from './create.ts'
import type { Apportioned, WriteOptions, Written } from './create.ts'
import { finishContainer, removeObject } from './delete.ts'
import { decodeBody } from './intake.ts'
import type { RawBody } from './intake.ts'
import { presented } from './resource.ts'
import type { ResourceType, Target } from './resource.ts'
import { bare, entriesAfterUpdate } from './tracking.ts'

/** An update, a patch, or either of `/status`. */
export interface UpdateRequest extends WriteOptions, Apportioned {
  readonly namespace: string
  readonly name: string
  readonly part: 'main' | 'status'
  /** The new state, made from the present one as clients of the target see it (undefined: there is none). */
  readonly change: (current: KubeObject | undefined) => RawBody
  /** A PUT: it may create, and needs a resourceVersion where the kind demands one. */
  readonly replace: boolean
}

/**
 * Change an object. Equal content writes nothing; the last finalizer of an object under deletion removes it.
 * @throws StatusError as the HTTP side answers: 400, 404, 409, 422
 */
export function updateObject(cluster: Cluster, target: Target, request: UpdateRequest): Written {
  const { type } = target
  const key = storeKey(request.namespace, request.name)
  const old = cluster.store.get(type.bucket, key)
  if (old === undefined && !request.replace) throw notFound(type, request.name)
  const raw = request.change(old === undefined ? undefined : presented(target, old))
  const given = fieldsOf(fieldsOf(raw.value)['metadata'])['managedFields']
  // Entries that were taken over from the present object need no second look.
  const body = given !== undefined && Object.isFrozen(given) ? { ...raw, value: bare(raw.value) } : raw
  const intake = decodeBody({ target, ...request, patched: !request.replace }, body)
  checkIdentity(type, request, intake.object)
  if (old === undefined) return createByUpdate(cluster, target, request, raw)
  checkPreconditions(cluster, type, request, intake.object.metadata, old)
  const entries =
    request.entries === undefined
      ? entriesAfterUpdate(cluster, target, {
          manager: request.manager ?? '',
          part: request.part,
          old,
          next: intake.versioned,
          given,
        })
      : request.entries()
  const object = assembled(cluster, target, request, { given: withEntries(intake.object, entries), old })
  const problems = [
    ...metadataProblems(object, type),
    ...metadataUpdateProblems(object, old),
    ...withMergeProblems(request, objectProblems(cluster, target, object, { old, part: request.part })),
  ]
  if (problems.length > 0) throw invalid(type, request.name, problems)
  const stored = write(cluster, type, key, object, old, request.dryRun)
  return {
    object: presented(target, stored),
    created: false,
    warnings: [...intake.warnings, ...warningsOf(target, stored, old)],
  }
}

function write(
  cluster: Cluster,
  type: ResourceType,
  key: string,
  object: KubeObject,
  old: KubeObject,
  dryRun: boolean,
): KubeObject {
  if (isDeleting(object) && (object.metadata.finalizers ?? []).length === 0 && !hasOwnFinalizers(object)) {
    // The answer shows the last state as it was stored; the removal has a version of its own, seen by watches.
    if (!dryRun) removeObject(cluster, type, object)
    return object
  }
  if (isSame(object, old)) return old
  if (dryRun) return object
  const stored = cluster.store.put(type.bucket, key, object)
  finishContainer(cluster, type, stored)
  return stored
}

/** Equal content by equal owners; when they wrote is no content. */
function isSame(object: KubeObject, old: KubeObject): boolean {
  if (!sameValue(bare(object), bare(old))) return false
  const [entries, before] = [listOf(object.metadata['managedFields']), listOf(old.metadata['managedFields'])]
  if (entries === before) return true
  const timeless = (entry: unknown): unknown => ({ ...fieldsOf(entry), time: undefined })
  return entries.length === before.length && sameValue(entries.map(timeless), before.map(timeless))
}

/** Namespaces carry finalizers of their own in spec; the removal of their content looks after those. */
function hasOwnFinalizers(object: KubeObject): boolean {
  return object.kind === 'Namespace' || object.kind === 'CustomResourceDefinition'
}

/**
 * The name and namespace in an object are those of the request's path.
 * @throws StatusError 400
 */
export function checkIdentity(
  type: ResourceType,
  request: { readonly namespace: string; readonly name: string },
  object: KubeObject,
): void {
  const name = textOf(object.metadata.name)
  if (name === '') {
    throw badRequest(
      `the name of the object (${request.name} based on URL) was undeterminable: name must be provided`,
    )
  }
  if (name !== request.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`)
  }
  checkNamespace(type, request.namespace, object.metadata)
}

function createByUpdate(cluster: Cluster, target: Target, request: UpdateRequest, raw: RawBody): Written {
  const { metadata } = raw.value as KubeObject // decoded and identified by now
  if (!target.type.createOnUpdate || request.part !== 'main') throw notFound(target.type, request.name)
  if (textOf(metadata.resourceVersion) !== '' || textOf(metadata.uid) !== '') {
    throw conflict(target.type, request.name)
  }
  return createObject(cluster, target, { ...request, body: raw })
}

function checkPreconditions(
  cluster: Cluster,
  type: ResourceType,
  request: UpdateRequest,
  given: KubeObject['metadata'],
  old: KubeObject,
): void {
  const uid = textOf(given.uid)
  // A patch that changes the uid is told so by validation.
  if (request.replace && uid !== '' && uid !== old.metadata.uid) {
    throw conflict(
      type,
      request.name,
      `StorageError: invalid object, Code: 4, Key: /${cluster.name}/${type.plural}/${storeKey(request.namespace, request.name)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    )
  }
  const version = textOf(given.resourceVersion)
  if (version === '' && request.replace && !type.unconditionalUpdate) {
    const detail = 'must be specified for an update'
    const named = type.builtin ? type : { group: type.group, kind: type.plural }
    throw invalid(named, request.name, [
      { field: 'metadata.resourceVersion', kind: 'invalid', detail, value: 0 },
    ])
  }
  if (version !== '' && version !== old.metadata.resourceVersion) throw conflict(type, request.name)
}

/** The new state: the asked part from the request, everything the server owns from the old state. */
function assembled(
  cluster: Cluster,
  target: Target,
  request: UpdateRequest,
  { given, old }: { readonly given: KubeObject; readonly old: KubeObject },
): KubeObject {
  const { type, version } = target
  if (request.part === 'status') return withStatusOf(target, given, old)
  const { status: givenStatus, ...rest } = given
  const status = version.status ? old['status'] : givenStatus
  const object: KubeObject = {
    ...rest,
    metadata: carriedMetadata(given.metadata, old.metadata),
    ...(status === undefined ? {} : { status }),
  }
  const context = { nowMs: cluster.clock.nowMs(), clusterIps: cluster.clusterIps, dryRun: request.dryRun }
  const ruled = type.rules.onUpdate?.(object, old, context) ?? object
  if (type.generation === 'none' || sameSpec(target, ruled, old)) return ruled
  return {
    ...ruled,
    metadata: orderedMetadata({ ...ruled.metadata, generation: (old.metadata.generation ?? 0) + 1 }),
  }
}

/** A write of `/status`: built-in kinds take most of the metadata along, custom resources do not. */
function withStatusOf({ type, version }: Target, given: KubeObject, old: KubeObject): KubeObject {
  const { status: _, ...rest } = old
  const keeps = type.statusKeeps.filter(([place]) => place === 'metadata').map(([, field]) => field)
  const managedFields = given.metadata['managedFields']
  const metadata = keeps.includes(undefined)
    ? orderedMetadata({ ...old.metadata, managedFields })
    : carriedMetadata(
        {
          ...given.metadata,
          ...Object.fromEntries(keeps.map((field = '') => [field, old.metadata[field]])),
          managedFields,
        },
        old.metadata,
      )
  const after = given['status'] ?? version.empty?.['status']
  return { ...rest, metadata, ...(after === undefined ? {} : { status: after }) }
}

function withEntries(object: KubeObject, entries: readonly ManagedFieldsEntry[] | undefined): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields: entries } }
}

function carriedMetadata(given: KubeObject['metadata'], old: KubeObject['metadata']): KubeObject['metadata'] {
  return orderedMetadata({
    ...given,
    namespace: old.namespace,
    uid: given.uid ?? old.uid,
    resourceVersion: old.resourceVersion,
    generation: old.generation,
    creationTimestamp: given.creationTimestamp ?? old.creationTimestamp,
    deletionTimestamp: given.deletionTimestamp ?? old.deletionTimestamp,
    deletionGracePeriodSeconds: given['deletionGracePeriodSeconds'] ?? old['deletionGracePeriodSeconds'],
    generateName: given['generateName'],
  })
}

/** Everything outside metadata, and outside status where that has its own endpoint. */
function sameSpec(target: Target, object: KubeObject, old: KubeObject): boolean {
  const ignored = target.version.status ? { metadata: undefined, status: undefined } : { metadata: undefined }
  const counted = target.type.generationCounts ?? []
  return (
    sameValue({ ...object, ...ignored }, { ...old, ...ignored }) &&
    counted.every((field) => sameValue(object.metadata[field], old.metadata[field]))
  )
}
