import type { ClusterIndex, ObjectKey } from '../api/keys.ts'

/**
 * One row per key, one column per cluster: a service's shards lie side by side and its key is held once.
 * Rows are made as wide as there are clusters; rows that grow by steps would waste half of their memory.
 */
export class Columns<V> {
  readonly #rows = new Map<ObjectKey, (V | undefined)[]>()
  #width = 0

  /** Keys with a value in any column. */
  get size(): number {
    return this.#rows.size
  }

  /** Rows made from now on have at least this many columns. */
  widen(cluster: ClusterIndex): void {
    this.#width = Math.max(this.#width, cluster + 1)
  }

  get(key: ObjectKey, cluster: ClusterIndex): V | undefined {
    return this.#rows.get(key)?.[cluster]
  }

  row(key: ObjectKey): readonly (V | undefined)[] | undefined {
    return this.#rows.get(key)
  }

  keys(): IterableIterator<ObjectKey> {
    return this.#rows.keys()
  }

  /** What one column holds. */
  *column(cluster: ClusterIndex): IterableIterator<readonly [ObjectKey, V]> {
    for (const [key, row] of this.#rows) {
      const value = row[cluster]
      if (value !== undefined) yield [key, value]
    }
  }

  set(key: ObjectKey, cluster: ClusterIndex, value: V): void {
    const row = this.#rows.get(key)
    if (row !== undefined && row.length > cluster) {
      row[cluster] = value
      return
    }
    this.widen(cluster)
    const wide = Array.from<undefined, V | undefined>({ length: this.#width }, () => undefined)
    for (const [i, kept] of (row ?? []).entries()) wide[i] = kept
    wide[cluster] = value
    this.#rows.set(key, wide)
  }

  /** @returns whether there was a value */
  clear(key: ObjectKey, cluster: ClusterIndex): boolean {
    const row = this.#rows.get(key)
    if (row?.[cluster] === undefined) return false
    row[cluster] = undefined
    if (row.every((value) => value === undefined)) this.#rows.delete(key)
    return true
  }

  /** Empty one column. @returns the keys that had a value in it */
  free(cluster: ClusterIndex): readonly ObjectKey[] {
    const keys = [...this.column(cluster)].map(([key]) => key)
    for (const key of keys) this.clear(key, cluster)
    return keys
  }
}
