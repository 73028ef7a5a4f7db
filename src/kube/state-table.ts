import type { ClusterIndex } from '../api/keys.ts'
import type { Delta, MemberState } from './types.ts'

/** What a store knows about one cluster. */
export interface StoreState {
  readonly state: MemberState
  /** When it turned to this state. */
  readonly sinceMs: number
  /** Last event, bookmark or list. */
  readonly lastEventAtMs: number
}

/** The states of all clusters in one store. */
export class StateTable {
  readonly #states: (StoreState | undefined)[] = []

  /** One more than the highest ClusterIndex ever seen. */
  get width(): number {
    return this.#states.length
  }

  get(cluster: ClusterIndex): StoreState | undefined {
    return this.#states[cluster]
  }

  /** Take over a delta's state. @returns whether it is another than before */
  apply(delta: Delta<unknown>): boolean {
    const { cluster, state, atMs } = delta
    const before = this.#states[cluster]
    if (state === 'gone') {
      this.#states[cluster] = undefined
      return before !== undefined
    }
    const isSame = before?.state === state
    const content = delta.upserts.length > 0 || delta.deletes.length > 0
    // Turning stale is the one delta that does not come of having heard something.
    const lastEventAtMs = state === 'stale' && !content ? (before?.lastEventAtMs ?? atMs) : atMs
    this.#states[cluster] = { state, sinceMs: isSame ? before.sinceMs : atMs, lastEventAtMs }
    return !isSame
  }
}
