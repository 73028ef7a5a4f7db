import type { KubeObject, ResourceId } from '../api/object.ts'
import type { WriteLimiter } from '../runtime/write-limiter.ts'
import { isRecord, KubeError } from './kube-error.ts'
import { resourcePath } from './paths.ts'
import type { ResourcePlace } from './paths.ts'
import type { ContentType, KubeRequest, Transport } from './transport.ts'

/** Names one object. */
export type ObjectPlace = ResourcePlace & { readonly name: string }

export type Patch =
  /** RFC 7386. With `resourceVersion` only that version is changed. */
  | { readonly kind: 'merge'; readonly body: unknown; readonly resourceVersion?: string }
  /** RFC 6902. */
  | { readonly kind: 'json'; readonly body: readonly unknown[] }
  /** Server-side apply: `body` is all that this manager wants; `force` takes fields from other managers. */
  | { readonly kind: 'apply'; readonly body: unknown; readonly fieldManager: string; readonly force: boolean }

/** What must hold for an object to be deleted; what is left out does not matter. */
export interface DeletePreconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

const CONTENT_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const satisfies Record<Patch['kind'], ContentType>

const PAGE_SIZE = 500

/**
 * Objects of one cluster as raw JSON, so that no field is lost whichever version wrote it (node-stack 2.2, fault 5).
 * Writes pass the limiter under the cluster's name. Every failure is a KubeError: KUBE_CONFLICT when a precondition does
 * not hold, KUBE_ALREADY_EXISTS, KUBE_INVALID and so on.
 */
export class ObjectClient {
  readonly #transport: Pick<Transport, 'requestJson' | 'cluster'>
  readonly #limiter: WriteLimiter | undefined

  constructor(transport: Pick<Transport, 'requestJson' | 'cluster'>, limiter?: WriteLimiter) {
    this.#transport = transport
    this.#limiter = limiter
  }

  /** Undefined when there is none of that name; a missing API is an error. */
  async get(resource: ResourceId, place: ObjectPlace, signal?: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#object({ path: resourcePath(resource, place), ...withSignal(signal) })
    } catch (error) {
      if (isMissingObject(error)) return undefined
      throw error
    }
  }

  /** All objects, page by page. */
  async list(
    resource: ResourceId,
    options: {
      readonly namespace?: string
      readonly labelSelector?: string
      readonly signal?: AbortSignal
    } = {},
  ): Promise<readonly KubeObject[]> {
    const { namespace, labelSelector, signal } = options
    const objects: KubeObject[] = []
    let next: string | undefined
    do {
      const page = await this.#transport.requestJson({
        path: resourcePath(resource, namespace === undefined ? {} : { namespace }),
        query: { limit: PAGE_SIZE, labelSelector, continue: next },
        ...withSignal(signal),
      })
      const { items, continue: following } = readPage(page, this.#transport.cluster)
      for (const item of items) objects.push(item)
      next = following
    } while (next !== undefined)
    return objects
  }

  create(resource: ResourceId, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    const { namespace } = object.metadata
    const path = resourcePath(resource, namespace === undefined ? {} : { namespace })
    return this.#write({ method: 'POST', path, body: object, ...withSignal(signal) })
  }

  /** Replace the object whose `metadata.resourceVersion` this is; without one, whatever is there. */
  update(resource: ResourceId, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    const path = resourcePath(resource, placeOf(object))
    return this.#write({ method: 'PUT', path, body: object, ...withSignal(signal) })
  }

  patch(resource: ResourceId, place: ObjectPlace, patch: Patch, signal?: AbortSignal): Promise<KubeObject> {
    return this.#write({
      method: 'PATCH',
      path: resourcePath(resource, place),
      ...(patch.kind === 'apply' ? { query: { fieldManager: patch.fieldManager, force: patch.force } } : {}),
      contentType: CONTENT_TYPES[patch.kind],
      body: bodyOf(patch),
      ...withSignal(signal),
    })
  }

  /** Merge into `status` by its subresource: nothing else of the object can change, and fields not named stay. */
  patchStatus(
    resource: ResourceId,
    place: ObjectPlace,
    change: { readonly status: unknown; readonly resourceVersion?: string; readonly signal?: AbortSignal },
  ): Promise<KubeObject> {
    const { status, resourceVersion, signal } = change
    const patch: Patch = {
      kind: 'merge',
      body: { status },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    }
    return this.patch(resource, { ...place, subresource: 'status' }, patch, signal)
  }

  /** @returns false when it was gone already. Without foreground or orphan policy: dependants go in the background */
  async delete(
    resource: ResourceId,
    place: ObjectPlace,
    preconditions: DeletePreconditions = {},
    signal?: AbortSignal,
  ): Promise<boolean> {
    const isBound = preconditions.uid !== undefined || preconditions.resourceVersion !== undefined
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(isBound ? { preconditions } : {}),
    }
    const request: KubeRequest = {
      method: 'DELETE',
      path: resourcePath(resource, place),
      body,
      ...withSignal(signal),
    }
    try {
      await this.#limited(() => this.#transport.requestJson(request), signal)
      return true
    } catch (error) {
      if (isMissingObject(error)) return false
      throw error
    }
  }

  #write(request: KubeRequest): Promise<KubeObject> {
    return this.#limited(() => this.#object(request), request.signal)
  }

  async #limited<T>(act: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.#limiter === undefined ? act() : this.#limiter.run(this.#transport.cluster, act, signal)
  }

  async #object(request: KubeRequest): Promise<KubeObject> {
    const raw = await this.#transport.requestJson(request)
    if (isObject(raw)) return raw
    throw badAnswer(this.#transport.cluster, request.method ?? 'GET', request.path)
  }
}

/** What a server that knows the API says about a name it does not have; an unknown path has no Status. */
function isMissingObject(error: unknown): boolean {
  return error instanceof KubeError && error.code === 'KUBE_NOT_FOUND' && error.reason === 'NotFound'
}

function isObject(raw: unknown): raw is KubeObject {
  return isRecord(raw) && typeof raw['kind'] === 'string' && isRecord(raw['metadata'])
}

function readPage(
  page: unknown,
  cluster: string,
): { readonly items: readonly KubeObject[]; readonly continue: string | undefined } {
  const items = isRecord(page) ? page['items'] : undefined
  if (!isRecord(page) || !Array.isArray(items)) throw badAnswer(cluster, 'GET', '')
  const { apiVersion, kind } = page
  const itemKind = typeof kind === 'string' ? kind.replace(/List$/, '') : ''
  const objects = items
    .filter((item) => isRecord(item) && isRecord(item['metadata']))
    .map((item): KubeObject => ({ apiVersion, kind: itemKind, ...item })) // items of lists lack both
  const metadata = isRecord(page['metadata']) ? page['metadata'] : {}
  const next = metadata['continue']
  return { items: objects, continue: typeof next === 'string' && next !== '' ? next : undefined }
}

function bodyOf(patch: Patch): unknown {
  if (patch.kind !== 'merge' || patch.resourceVersion === undefined) return patch.body
  const body = isRecord(patch.body) ? patch.body : {}
  const metadata = isRecord(body['metadata']) ? body['metadata'] : {}
  return { ...body, metadata: { ...metadata, resourceVersion: patch.resourceVersion } }
}

function placeOf(object: KubeObject): ObjectPlace {
  const { namespace, name } = object.metadata
  return namespace === undefined ? { name } : { namespace, name }
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function badAnswer(cluster: string, method: string, path: string): KubeError {
  return new KubeError('KUBE_BAD_ANSWER', { cluster, method, path, detail: 'is no object' })
}
