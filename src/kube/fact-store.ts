import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import { Columns } from './columns.ts'
import { StoreListeners } from './store-listeners.ts'
import type { KeyListener, StateListener } from './store-listeners.ts'
import { StateTable } from './state-table.ts'
import type { StoreState } from './state-table.ts'
import type { Delta, Sink } from './types.ts'

/**
 * The facts of one kind, of all clusters. Listeners are called after a delta is in, and all of them are, whatever one
 * throws; the first error is thrown when all is done.
 */
export class FactStore<F> implements Sink<F> {
  readonly #columns = new Columns<F>()
  readonly #states = new StateTable()
  readonly #listeners = new StoreListeners()

  /** Keys known in any cluster. */
  get size(): number {
    return this.#columns.size
  }

  /** Undefined: not there, or not known (which of the two, `state` says). */
  get(key: ObjectKey, cluster: ClusterIndex): F | undefined {
    return this.#columns.get(key, cluster)
  }

  /** By ClusterIndex; may be shorter than the highest index. */
  row(key: ObjectKey): readonly (F | undefined)[] | undefined {
    return this.#columns.row(key)
  }

  keys(): IterableIterator<ObjectKey> {
    return this.#columns.keys()
  }

  /** Keys and facts of one cluster: the host's kinds have one column. */
  entries(cluster: ClusterIndex): IterableIterator<readonly [ObjectKey, F]> {
    return this.#columns.column(cluster)
  }

  /** What the store knows about one cluster; undefined before its first delta and after it is gone. */
  state(cluster: ClusterIndex): StoreState | undefined {
    return this.#states.get(cluster)
  }

  /** True while absence here means absence there. */
  isSynced(cluster: ClusterIndex): boolean {
    return this.#states.get(cluster)?.state === 'synced'
  }

  /** Called for each key of a delta, in its order. @returns the function that ends the subscription */
  onKey(listener: KeyListener): () => void {
    return this.#listeners.onKey(listener)
  }

  /** Called when a cluster's state changed. @returns the function that ends the subscription */
  onState(listener: StateListener): () => void {
    return this.#listeners.onState(listener)
  }

  apply(delta: Delta<F>): void {
    const changed = delta.state === 'gone' ? this.#columns.free(delta.cluster) : this.#change(delta)
    this.#listeners.tell(delta, changed, this.#states.apply(delta))
  }

  held(cluster: ClusterIndex, key: ObjectKey): F | undefined {
    return this.#columns.get(key, cluster)
  }

  *heldKeys(cluster: ClusterIndex): IterableIterator<ObjectKey> {
    for (const [key] of this.#columns.column(cluster)) yield key
  }

  #change({ cluster, deletes, upserts }: Delta<F>): ReadonlySet<ObjectKey> {
    this.#columns.widen(cluster)
    const changed = new Set<ObjectKey>()
    for (const key of deletes) {
      if (this.#columns.clear(key, cluster)) changed.add(key)
    }
    for (const [key, facts] of upserts) {
      this.#columns.set(key, cluster, facts)
      changed.add(key)
    }
    return changed
  }
}
