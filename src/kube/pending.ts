import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import type { Projection, Sink } from './types.ts'

/** Changes of one chunk, compared with what the sink holds: equal facts vanish, the last of several counts. */
export class Pending<F> {
  readonly #sink: Sink<F>
  readonly #projection: Projection<F>
  readonly #cluster: ClusterIndex
  #upserts = new Map<ObjectKey, F>()
  #deletes = new Set<ObjectKey>()

  constructor(sink: Sink<F>, projection: Projection<F>, cluster: ClusterIndex) {
    this.#sink = sink
    this.#projection = projection
    this.#cluster = cluster
  }

  get isEmpty(): boolean {
    return this.#upserts.size === 0 && this.#deletes.size === 0
  }

  upsert(key: ObjectKey, facts: F): void {
    const projection = this.#projection
    const held = this.#deletes.has(key) ? undefined : this.#sink.held(this.#cluster, key)
    if (held !== undefined && projection.uid?.(held) !== projection.uid?.(facts)) this.#deletes.add(key)
    else if (held !== undefined && projection.same(held, facts)) {
      this.#upserts.delete(key) // changed and changed back
      return
    }
    this.#upserts.set(key, facts)
  }

  delete(key: ObjectKey): void {
    this.#upserts.delete(key)
    if (this.#sink.held(this.#cluster, key) !== undefined) this.#deletes.add(key)
  }

  /** All changes since the last time. */
  take(): { readonly upserts: readonly (readonly [ObjectKey, F])[]; readonly deletes: readonly ObjectKey[] } {
    const taken = { upserts: [...this.#upserts], deletes: [...this.#deletes] }
    this.#upserts = new Map()
    this.#deletes = new Set()
    return taken
  }
}
