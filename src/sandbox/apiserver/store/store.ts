import type { KubeObject } from '../../../api/object.ts'
import { failure } from '../model/status.ts'
import { frozen } from '../model/values.ts'
import type { StoreEvent } from '../types.ts'
import { isTooLarge } from './size.ts'

/** A stored change with the revision that made it. */
export interface StoredEvent extends StoreEvent {
  readonly revision: number
}

/** Objects of a bucket as they were at one revision, in key order. */
export interface Snapshot {
  readonly revision: number
  readonly objects: readonly KubeObject[]
}

interface Bucket {
  readonly objects: Map<string, KubeObject>
  /** Keys in byte order; undefined after a key came or went. */
  sorted: readonly string[] | undefined
  history: StoredEvent[]
  /** Revision of the newest change that is no longer in `history`. */
  floor: number
  readonly listeners: Set<(event: StoredEvent) => void>
}

/** Key of an object in its bucket: `<namespace>/<name>`, or the name alone. In byte order, as etcd keeps them. */
export function storeKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

/**
 * All objects of one cluster, in memory: one revision counter over all buckets, a bounded history per bucket. Everything is
 * synchronous, so that each request sees and makes one consistent state. Listeners are called in the order of revisions, never
 * within each other's calls.
 */
export class Store {
  readonly #buckets = new Map<string, Bucket>()
  readonly #historySize: number
  readonly #awaited = new Set<{ readonly revision: number; readonly reached: () => void }>()
  readonly #outbox: { readonly bucket: Bucket; readonly event: StoredEvent }[] = []
  #delivering = false
  #revision = 1
  /** Revision of the last compaction: also buckets made later begin there. */
  #compacted = 0

  constructor(historySize: number) {
    this.#historySize = historySize
  }

  /** The revision of the newest change. */
  get revision(): number {
    return this.#revision
  }

  /** Revisions at and above this one can be resumed from. */
  floor(bucket: string): number {
    return this.#bucket(bucket).floor
  }

  get(bucket: string, key: string): KubeObject | undefined {
    return this.#bucket(bucket).objects.get(key)
  }

  /** How many objects a bucket holds. */
  count(bucket: string): number {
    return this.#bucket(bucket).objects.size
  }

  /** Store an object under the next revision, which becomes its resourceVersion. @throws StatusError 500 when it is too large */
  put(bucket: string, key: string, object: KubeObject): KubeObject {
    if (isTooLarge(object)) throw failure(500, '', 'etcdserver: request is too large')
    const place = this.#bucket(bucket)
    const old = place.objects.get(key)
    const stored = this.#stamped(object)
    place.objects.set(key, stored)
    if (old === undefined) place.sorted = undefined
    this.#record(
      place,
      old === undefined ? { type: 'ADDED', object: stored } : { type: 'MODIFIED', object: stored, old },
    )
    return stored
  }

  /** Remove an object; `last` is its final state and gets the revision of the removal. */
  remove(bucket: string, key: string, last: KubeObject): KubeObject {
    const place = this.#bucket(bucket)
    const old = place.objects.get(key)
    if (old === undefined) return last
    const stored = this.#stamped(last)
    place.objects.delete(key)
    place.sorted = undefined
    this.#record(place, { type: 'DELETED', object: stored, old })
    return stored
  }

  /**
   * The objects of a bucket whose key begins with `prefix`, as they were at `revision` (now when absent).
   * @returns undefined when that revision is no longer kept
   */
  snapshot(bucket: string, prefix: string, revision = this.#revision): Snapshot | undefined {
    const place = this.#bucket(bucket)
    if (revision < place.floor) return undefined
    const later = place.history.slice(firstAfter(place.history, revision))
    if (later.length === 0) return { revision, objects: current(place, prefix) }
    const before = new Map(place.objects)
    for (const event of later.toReversed()) {
      const key = storeKey(event.object.metadata.namespace ?? '', event.object.metadata.name)
      if (event.old === undefined) before.delete(key)
      else before.set(key, event.old)
    }
    const keys = [...before.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes)
    return { revision, objects: keys.map((key) => before.get(key)!) } // keys are its own
  }

  /**
   * Changes of a bucket after `revision`.
   * @returns undefined when some of them are no longer kept
   */
  since(bucket: string, revision: number): readonly StoredEvent[] | undefined {
    const place = this.#bucket(bucket)
    if (revision < place.floor) return undefined
    return place.history.slice(firstAfter(place.history, revision))
  }

  /** Be told of every later change of a bucket. Returns the stop function. */
  subscribe(bucket: string, listener: (event: StoredEvent) => void): () => void {
    const place = this.#bucket(bucket)
    const from = this.#revision
    // A change may be stored and still wait for delivery while somebody subscribes: it is not a later one.
    const guarded = (event: StoredEvent) => {
      if (event.revision > from) listener(event)
    }
    place.listeners.add(guarded)
    return () => {
      place.listeners.delete(guarded)
    }
  }

  /** Be told once when `revision` is reached: after the change that makes it. Returns the stop function. */
  onceReached(revision: number, reached: () => void): () => void {
    const entry = { revision, reached }
    this.#awaited.add(entry)
    return () => {
      this.#awaited.delete(entry)
    }
  }

  /** Forget all history: nothing before now can be resumed. */
  compact(): void {
    this.#compacted = this.#revision
    for (const place of this.#buckets.values()) {
      place.history = []
      place.floor = this.#revision
    }
  }

  #bucket(name: string): Bucket {
    const found = this.#buckets.get(name)
    if (found !== undefined) return found
    const made: Bucket = {
      objects: new Map(),
      sorted: [],
      history: [],
      floor: this.#compacted,
      listeners: new Set(),
    }
    this.#buckets.set(name, made)
    return made
  }

  #stamped(object: KubeObject): KubeObject {
    this.#revision += 1
    return frozen({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#revision) },
    })
  }

  #record(bucket: Bucket, event: StoreEvent): void {
    const stored: StoredEvent = { ...event, revision: this.#revision }
    bucket.history.push(stored)
    // Trimmed by halves, so that the cost of forgetting is spread over many writes.
    if (bucket.history.length > this.#historySize * 2) {
      const dropped = bucket.history.length - this.#historySize
      bucket.floor = bucket.history[dropped - 1]!.revision // dropped is at least 1 and within the list
      bucket.history = bucket.history.slice(dropped)
    }
    this.#outbox.push({ bucket, event: stored })
    this.#deliver()
    for (const entry of [...this.#awaited]) if (entry.revision <= this.#revision) entry.reached()
  }

  /** A listener that writes makes events of its own: they wait until the present one has reached everybody. */
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    try {
      for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift()) {
        for (const listener of [...next.bucket.listeners]) listener(next.event)
      }
    } finally {
      this.#delivering = false
    }
  }
}

function current(bucket: Bucket, prefix: string): readonly KubeObject[] {
  bucket.sorted ??= [...bucket.objects.keys()].sort(byBytes)
  const objects: KubeObject[] = []
  for (let at = firstKey(bucket.sorted, prefix); at < bucket.sorted.length; at += 1) {
    const key = bucket.sorted[at]!
    if (!key.startsWith(prefix)) break
    objects.push(bucket.objects.get(key)!) // sorted holds the map's keys
  }
  return objects
}

/** Names are ASCII, so that code units order like bytes. */
function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function firstKey(keys: readonly string[], prefix: string): number {
  return bisect(keys.length, (at) => keys[at]! >= prefix)
}

function firstAfter(history: readonly StoredEvent[], revision: number): number {
  return bisect(history.length, (at) => history[at]!.revision > revision)
}

/** The first index for which `holds`, given that it holds for all behind it. */
function bisect(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
