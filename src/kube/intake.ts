import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import { isRecord } from './kube-error.ts'
import { apiVersionOf } from './paths.ts'
import { Pending } from './pending.ts'
import { readObject } from './projections/raw-object.ts'
import type { Sink, WatchSpec } from './types.ts'

export interface IntakeOptions<F> {
  readonly spec: WatchSpec<F>
  readonly sink: Sink<F>
  readonly cluster: ClusterIndex
  /** An object that cannot be read. Without a key nobody knows which it is: absence is no longer proved. */
  malformed(problem: string, key: ObjectKey | undefined): void
}

/** Raw objects in, pending changes out. Knows which keys a list has shown. */
export class Intake<F> {
  readonly pending: Pending<F>
  readonly #options: IntakeOptions<F>
  #seen = new Set<ObjectKey>()

  constructor(options: IntakeOptions<F>) {
    this.#options = options
    this.pending = new Pending(options.sink, options.spec.projection, options.cluster)
  }

  /** A list begins. */
  begin(): void {
    this.#seen = new Set()
  }

  /** An object of a list or an initial event. One that cannot be read, but has a name, is there: what was known of it stays. */
  listed(raw: unknown): void {
    const key = this.changed(raw)
    if (key !== undefined) this.#seen.add(key)
  }

  /** An object that was added or modified. @returns its key, when it has one */
  changed(raw: unknown): ObjectKey | undefined {
    const projected = this.#options.spec.projection.project(raw)
    if ('error' in projected) this.#options.malformed(projected.error, projected.key)
    else this.pending.upsert(projected.key, projected.facts)
    return projected.key
  }

  /** An object that was deleted. */
  deleted(raw: unknown): void {
    const read = readObject(raw)
    if ('error' in read) this.#options.malformed(read.error, undefined)
    else this.pending.delete(read.key)
  }

  /** Delete what a complete list has not shown. */
  deleteUnseen(): void {
    const { sink, cluster } = this.#options
    for (const key of sink.heldKeys(cluster)) {
      if (!this.#seen.has(key)) this.pending.delete(key)
    }
    this.#seen = new Set()
  }

  /** Items of lists lack kind and apiVersion (node-stack 2.2, fault 6). */
  completed(item: unknown): unknown {
    if (!isRecord(item) || item['kind'] !== undefined) return item
    const { resource, projection } = this.#options.spec
    return { apiVersion: apiVersionOf(resource), kind: projection.kind, ...item }
  }
}
