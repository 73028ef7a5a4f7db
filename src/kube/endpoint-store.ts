import type { EndpointFacts } from '../api/facts.ts'
import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import { Columns } from './columns.ts'
import { NOTHING, tallied } from './endpoint-tally.ts'
import type { Tally } from './endpoint-tally.ts'
import type { SliceFacts } from './projections/endpoint-slice.ts'
import { StateTable } from './state-table.ts'
import type { StoreState } from './state-table.ts'
import { StoreListeners } from './store-listeners.ts'
import type { KeyListener, StateListener } from './store-listeners.ts'
import type { Delta, Sink } from './types.ts'

/**
 * EndpointSlices of all clusters, summed per Service. Slices have names of their own in each cluster, so they are held
 * by cluster; sums are held by Service, in columns, one instance for all that are equal.
 * A slice that changes without changing the sum notifies nobody.
 */
export class EndpointStore implements Sink<SliceFacts> {
  readonly #slices: (Map<ObjectKey, SliceFacts> | undefined)[] = []
  readonly #sums = new Columns<Tally>()
  readonly #states = new StateTable()
  readonly #listeners = new StoreListeners()

  /** Services with a slice in any cluster. */
  get size(): number {
    return this.#sums.size
  }

  /** Ready, serving and terminating endpoints of a Service in one cluster; all 0 where it has no slice. */
  get(service: ObjectKey, cluster: ClusterIndex): EndpointFacts {
    return (this.#sums.get(service, cluster) ?? NOTHING).facts
  }

  /** Services that have slices. */
  keys(): IterableIterator<ObjectKey> {
    return this.#sums.keys()
  }

  state(cluster: ClusterIndex): StoreState | undefined {
    return this.#states.get(cluster)
  }

  isSynced(cluster: ClusterIndex): boolean {
    return this.#states.get(cluster)?.state === 'synced'
  }

  /** Called with a Service's key when its sum changed. @returns the function that ends the subscription */
  onKey(listener: KeyListener): () => void {
    return this.#listeners.onKey(listener)
  }

  /** @returns the function that ends the subscription */
  onState(listener: StateListener): () => void {
    return this.#listeners.onState(listener)
  }

  apply(delta: Delta<SliceFacts>): void {
    const changed = delta.state === 'gone' ? this.#free(delta.cluster) : this.#change(delta)
    this.#listeners.tell(delta, changed, this.#states.apply(delta))
  }

  held(cluster: ClusterIndex, key: ObjectKey): SliceFacts | undefined {
    return this.#slices[cluster]?.get(key)
  }

  heldKeys(cluster: ClusterIndex): Iterable<ObjectKey> {
    return this.#slices[cluster]?.keys() ?? []
  }

  /** @returns the Services whose sum is another than before the delta */
  #change(delta: Delta<SliceFacts>): readonly ObjectKey[] {
    const { cluster } = delta
    this.#sums.widen(cluster)
    const after = this.#recount(delta)
    const changed: ObjectKey[] = []
    for (const [service, tally] of after) {
      if (!sameSum(this.get(service, cluster), tally.facts)) changed.push(service)
      if (tally.slices === 0) this.#sums.clear(service, cluster)
      else this.#sums.set(service, cluster, tally)
    }
    return changed
  }

  /** Take slices out and put slices in; the tallies of all Services touched. */
  #recount({ cluster, deletes, upserts }: Delta<SliceFacts>): ReadonlyMap<ObjectKey, Tally> {
    const slices = (this.#slices[cluster] ??= new Map<ObjectKey, SliceFacts>())
    const after = new Map<ObjectKey, Tally>()
    const move = (slice: SliceFacts | undefined, sign: 1 | -1): void => {
      if (slice?.service === undefined) return
      const now = after.get(slice.service) ?? this.#sums.get(slice.service, cluster) ?? NOTHING
      after.set(slice.service, tallied(now, slice, sign))
    }
    for (const key of deletes) {
      move(slices.get(key), -1)
      slices.delete(key)
    }
    for (const [key, slice] of upserts) {
      move(slices.get(key), -1)
      slices.set(key, slice)
      move(slice, 1)
    }
    return after
  }

  #free(cluster: ClusterIndex): readonly ObjectKey[] {
    this.#slices[cluster] = undefined
    return this.#sums.free(cluster)
  }
}

function sameSum(left: EndpointFacts, right: EndpointFacts): boolean {
  return (
    left === right ||
    (left.ready === right.ready && left.serving === right.serving && left.terminating === right.terminating)
  )
}
