import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import type { Delta, MemberState } from './types.ts'

/** Something about this key changed in this cluster. Called synchronously, after the store has changed. */
export type KeyListener = (key: ObjectKey, cluster: ClusterIndex) => void
export type StateListener = (cluster: ClusterIndex, state: MemberState) => void

/** Who wants to know about a store's changes. All are called, whatever one of them throws. */
export class StoreListeners {
  #key: readonly KeyListener[] = []
  #state: readonly StateListener[] = []

  /** @returns the function that takes the listener out again */
  onKey(listener: KeyListener): () => void {
    const own: KeyListener = (key, cluster) => listener(key, cluster) // the same function may be added twice
    this.#key = [...this.#key, own]
    return () => {
      this.#key = this.#key.filter((other) => other !== own)
    }
  }

  /** @returns the function that takes the listener out again */
  onState(listener: StateListener): () => void {
    const own: StateListener = (cluster, state) => listener(cluster, state)
    this.#state = [...this.#state, own]
    return () => {
      this.#state = this.#state.filter((other) => other !== own)
    }
  }

  /** Keys first, then the state. @throws the first error of a listener, when all have been called */
  tell(delta: Delta<unknown>, keys: Iterable<ObjectKey>, moved: boolean): void {
    const errors: unknown[] = []
    const attempt = (act: () => void): void => {
      try {
        act()
      } catch (error) {
        errors.push(error)
      }
    }
    for (const key of keys) for (const listener of this.#key) attempt(() => listener(key, delta.cluster))
    if (moved) for (const listener of this.#state) attempt(() => listener(delta.cluster, delta.state))
    if (errors.length > 0) throw errors[0]
  }
}
