import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, ResourceId } from '../../src/api/object.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import type {
  ApiServer,
  ApiServerOptions,
  Fault,
  ObjectAccess,
  StoreEvent,
} from '../../src/sandbox/apiserver/types.ts'
import { ManualClock } from './manual-clock.ts'

/** A refusal with the HTTP code that a real server would have answered. */
export class FakeStatusError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * ObjectAccess in a few lines, for tests of what works over it: resourceVersion, uid, generation, finalizers, watches in
 * order and never nested. Of a kind's own rules it knows one: Services get ipFamilies and a ClusterIP.
 */
export class FakeObjectAccess implements ObjectAccess {
  readonly #clock: Clock
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  readonly #listeners = new Map<string, Set<(event: StoreEvent) => void>>()
  readonly #outbox: { readonly plural: string; readonly event: StoreEvent }[] = []
  #delivering = false
  #revision = 1
  /** Stored changes, one line each: `create pods ns/name`. */
  readonly writes: string[] = []

  constructor(clock: Clock = new ManualClock()) {
    this.#clock = clock
  }

  get(resource: ResourceId, namespace: string, name: string): KubeObject | undefined {
    return this.#bucket(resource).get(`${namespace}/${name}`)
  }

  list(resource: ResourceId, namespace?: string): readonly KubeObject[] {
    const all = [...this.#bucket(resource).values()]
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace)
  }

  create(resource: ResourceId, object: KubeObject): KubeObject {
    const key = keyOf(object)
    if (this.#bucket(resource).has(key))
      throw new FakeStatusError(409, `${resource.plural} "${key}" already exists`)
    const { resourceVersion: _, ...metadata } = object.metadata
    return this.#put('create', resource, {
      ...allocated(object, this.#revision),
      metadata: {
        ...metadata,
        uid: `uid-${this.#revision}`,
        generation: 1,
        creationTimestamp: this.#now(),
      },
    })
  }

  update(resource: ResourceId, object: KubeObject): KubeObject {
    const old = this.#current(resource, object)
    const specChanged = !isDeepStrictEqual(content(object), content(old))
    const next = {
      ...object,
      ...('status' in old ? { status: old['status'] } : {}),
      metadata: {
        ...object.metadata,
        uid: old.metadata.uid ?? '',
        creationTimestamp: old.metadata.creationTimestamp ?? '',
        generation: (old.metadata.generation ?? 0) + (specChanged ? 1 : 0),
        resourceVersion: old.metadata.resourceVersion ?? '',
        ...(old.metadata.deletionTimestamp === undefined
          ? {}
          : { deletionTimestamp: old.metadata.deletionTimestamp }),
      },
    }
    if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) {
      this.#remove(resource, next)
      return next
    }
    return isDeepStrictEqual(next, old) ? old : this.#put('update', resource, next)
  }

  updateStatus(resource: ResourceId, object: KubeObject): KubeObject {
    const old = this.#current(resource, object)
    const next = { ...old, status: object['status'] }
    return isDeepStrictEqual(next, old) ? old : this.#put('updateStatus', resource, next)
  }

  delete(resource: ResourceId, namespace: string, name: string): void {
    const old = this.get(resource, namespace, name)
    if (old === undefined) throw new FakeStatusError(404, `${resource.plural} "${name}" not found`)
    if ((old.metadata.finalizers ?? []).length === 0) return this.#remove(resource, old)
    if (old.metadata.deletionTimestamp !== undefined) return
    this.#put('delete', resource, { ...old, metadata: { ...old.metadata, deletionTimestamp: this.#now() } })
  }

  watch(resource: ResourceId, listener: (event: StoreEvent) => void): () => void {
    for (const object of this.list(resource)) listener({ type: 'ADDED', object })
    const listeners = this.#listeners.get(resource.plural) ?? new Set()
    this.#listeners.set(resource.plural, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  #current(resource: ResourceId, object: KubeObject): KubeObject {
    const old = this.#bucket(resource).get(keyOf(object))
    if (old === undefined) throw new FakeStatusError(404, `${resource.plural} "${keyOf(object)}" not found`)
    const { resourceVersion } = object.metadata
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      throw new FakeStatusError(409, `${resource.plural} "${keyOf(object)}" has been modified`)
    return old
  }

  #put(verb: string, resource: ResourceId, object: KubeObject): KubeObject {
    const key = keyOf(object)
    const old = this.#bucket(resource).get(key)
    this.#revision += 1
    const stored = frozen({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#revision) },
    })
    this.#bucket(resource).set(key, stored)
    this.writes.push(`${verb} ${resource.plural} ${key}`)
    this.#deliver(
      resource,
      old === undefined ? { type: 'ADDED', object: stored } : { type: 'MODIFIED', object: stored, old },
    )
    return stored
  }

  #remove(resource: ResourceId, object: KubeObject): void {
    this.#bucket(resource).delete(keyOf(object))
    this.writes.push(`delete ${resource.plural} ${keyOf(object)}`)
    this.#deliver(resource, { type: 'DELETED', object, old: object })
  }

  #deliver(resource: ResourceId, event: StoreEvent): void {
    this.#outbox.push({ plural: resource.plural, event })
    if (this.#delivering) return
    this.#delivering = true
    for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift())
      for (const listener of this.#listeners.get(next.plural) ?? []) listener(next.event)
    this.#delivering = false
  }

  #bucket(resource: ResourceId): Map<string, KubeObject> {
    const key = `${resource.plural}.${resource.group}`
    const found = this.#objects.get(key) ?? new Map<string, KubeObject>()
    this.#objects.set(key, found)
    return found
  }

  #now(): string {
    return `${new Date(this.#clock.nowMs()).toISOString().slice(0, 19)}Z`
  }
}

/** An ApiServer without sockets over FakeObjectAccess. */
export interface FakeApiServer extends ApiServer {
  readonly objects: FakeObjectAccess
  readonly options: ApiServerOptions
  readonly closed: boolean
}

/** Start one; it serves nobody, and remembers what it was told. */
export function startFakeApiServer(options: ApiServerOptions): FakeApiServer {
  let fault: Fault | undefined
  let closed = false
  return {
    name: options.name,
    options,
    url: `https://127.0.0.1/${options.name}`,
    token: `token of ${options.name}`,
    caPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    objects: new FakeObjectAccess(options.clock),
    faults: {
      set: (next) => (fault = next),
      clear: () => (fault = undefined),
      get current() {
        return fault
      },
    },
    get closed() {
      return closed
    },
    close: async () => {
      closed = true
    },
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

function content(object: KubeObject): unknown {
  const { metadata: _, status: __, ...rest } = object
  return rest
}

function allocated(object: KubeObject, revision: number): KubeObject {
  if (object.kind !== 'Service') return object
  const spec = object['spec'] as { readonly type?: string; readonly ipFamilies?: readonly string[] }
  if (spec.type === 'ExternalName') return object
  const clusterIP = `10.96.${revision >> 8}.${revision & 255}`
  return { ...object, spec: { clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ...spec } }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
