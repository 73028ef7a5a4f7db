import type { KubeObject } from '../../../api/object.ts'
import { badRequest, expired, failure, notFound } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import { decodeContinue, encodeContinue } from '../store/continue.ts'
import { storeKey } from '../store/store.ts'
import type { Snapshot } from '../store/store.ts'
import type { Cluster } from './cluster.ts'
import { parseVersion } from './list-options.ts'
import type { ListOptions } from './list-options.ts'
import { presented } from './resource.ts'
import type { Target } from './resource.ts'
import { selectionOf } from './select.ts'

const INCONSISTENT_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** One page of a list. */
export interface Page {
  readonly resourceVersion: string
  readonly items: readonly KubeObject[]
  readonly continueToken?: string
  readonly remaining?: number
}

/**
 * @param version - not older than which; empty or 0: any
 * @throws StatusError 404, 500 (version that is none), 504 (version not reached yet)
 */
export function getObject(
  cluster: Cluster,
  target: Target,
  {
    namespace,
    name,
    version = '',
  }: { readonly namespace: string; readonly name: string; readonly version?: string },
): KubeObject {
  const wanted = parseVersion(version) ?? 0
  if (wanted > cluster.store.revision) throw versionTooLarge(wanted, cluster.store.revision)
  const found = cluster.store.get(target.type.bucket, storeKey(namespace, name))
  if (found === undefined) throw notFound(target.type, name)
  return presented(target, found)
}

/**
 * One page of a list, in key order.
 * @throws StatusError 400 (selectors, token), 410 (version no longer kept), 504 (version not reached yet)
 */
export function listObjects(
  cluster: Cluster,
  target: Target,
  request: { readonly namespace: string; readonly options: ListOptions },
): Page {
  const { options } = request
  const selection = selectionOf(target.type, { ...options, namespace: request.namespace })
  const { snapshot, startKey } = snapshotFor(cluster, target, selection.prefix, options)
  // From the cache, as version 0 asks, a list comes whole.
  const isWhole = options.limit === 0 || (options.resourceVersion === 0 && options.continueToken === '')
  const wanted = isWhole ? Number.POSITIVE_INFINITY : options.limit
  const items: KubeObject[] = []
  let lastKey = ''
  let at = startKey === '' ? 0 : snapshot.objects.findIndex((object) => keyOf(object) >= startKey)
  if (at === -1) at = snapshot.objects.length
  for (; at < snapshot.objects.length && items.length < wanted; at += 1) {
    const object = snapshot.objects[at]! // at < length
    if (!selection.matches(object)) continue
    items.push(presented(target, object))
    lastKey = keyOf(object)
  }
  const resourceVersion = String(snapshot.revision)
  const rest = snapshot.objects.length - at
  const more = selection.everything
    ? rest > 0
    : snapshot.objects.slice(at).some((object) => selection.matches(object))
  if (!more) return { resourceVersion, items }
  return {
    resourceVersion,
    items,
    continueToken: encodeContinue({ revision: snapshot.revision, startKey: `${lastKey}\0` }),
    ...(selection.everything ? { remaining: rest } : {}),
  }
}

/** 504: a version that this server has not reached. */
export function versionTooLarge(wanted: number, current: number): StatusError {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}

function keyOf(object: KubeObject): string {
  return storeKey(object.metadata.namespace ?? '', object.metadata.name)
}

function snapshotFor(
  cluster: Cluster,
  target: Target,
  prefix: string,
  options: ListOptions,
): { readonly snapshot: Snapshot; readonly startKey: string } {
  const { bucket } = target.type
  if (options.continueToken !== '') {
    if (options.resourceVersion !== undefined && options.resourceVersion !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    const at = decodeContinue(options.continueToken)
    const revision = at.revision < 0 ? cluster.store.revision : at.revision
    const snapshot = cluster.store.snapshot(bucket, prefix, revision)
    if (snapshot !== undefined) return { snapshot, startKey: at.startKey }
    const token = encodeContinue({ revision: -1, startKey: at.startKey })
    throw expired(INCONSISTENT_CONTINUE, { continue: token })
  }
  const wanted = options.resourceVersion ?? 0
  if (wanted > cluster.store.revision) throw versionTooLarge(wanted, cluster.store.revision)
  const exact = options.match === 'Exact' || (options.match === '' && options.limit > 0 && wanted > 0)
  const snapshot = cluster.store.snapshot(bucket, prefix, exact ? wanted : cluster.store.revision)
  if (snapshot === undefined) throw expired('The resourceVersion for the provided list is too old.')
  return { snapshot, startKey: '' }
}
