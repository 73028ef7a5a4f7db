import type { ClusterIndex, ObjectKey } from '../../src/api/keys.ts'
import { tokenCredentials } from '../../src/kube/access.ts'
import type { ClusterAccess } from '../../src/kube/access.ts'
import { FactStore } from '../../src/kube/fact-store.ts'
import { ListWatch } from '../../src/kube/list-watch.ts'
import type { ListWatchReport } from '../../src/kube/list-watch.ts'
import { Transport } from '../../src/kube/transport.ts'
import type { TransportOptions } from '../../src/kube/transport.ts'
import { Turns } from '../../src/kube/turns.ts'
import type { Delta, MemberState, Sink, WatchSpec } from '../../src/kube/types.ts'
import { ManualClock } from './manual-clock.ts'
import type { ScriptedApi } from './scripted-api.ts'

/** Things that happen, one at a time, for tests to wait for without sleeping. */
export class Happenings<T> {
  readonly all: T[] = []
  readonly #waiters: { readonly wants: (value: T) => boolean; readonly found: (value: T) => void }[] = []
  #taken = 0

  add(value: T): void {
    this.all.push(value)
    const index = this.#waiters.findIndex(({ wants }) => wants(value))
    const [waiter] = index === -1 ? [] : this.#waiters.splice(index, 1)
    if (waiter === undefined) return
    this.#taken = this.all.length
    waiter.found(value)
  }

  /** The next that fits and came after the last one that was waited for. */
  next(wants: (value: T) => boolean = () => true): Promise<T> {
    const index = this.all.findIndex((value, i) => i >= this.#taken && wants(value))
    const found = this.all[index]
    if (index !== -1 && found !== undefined) {
      this.#taken = index + 1
      return Promise.resolve(found)
    }
    return new Promise((resolve) => this.#waiters.push({ wants, found: resolve }))
  }
}

/** A FactStore that shows the deltas it took. */
export class RecordingStore<F> implements Sink<F> {
  readonly store = new FactStore<F>()
  readonly deltas = new Happenings<Delta<F>>()

  apply(delta: Delta<F>): void {
    this.store.apply(delta)
    this.deltas.add(delta)
  }

  held(cluster: ClusterIndex, key: ObjectKey): F | undefined {
    return this.store.held(cluster, key)
  }

  heldKeys(cluster: ClusterIndex): Iterable<ObjectKey> {
    return this.store.heldKeys(cluster)
  }

  /** What the store holds of a cluster, as a plain object. */
  content(cluster: ClusterIndex): Record<string, F> {
    return Object.fromEntries(this.store.entries(cluster))
  }
}

export type Reported =
  | { readonly kind: 'state'; readonly state: MemberState; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown; readonly failures: number; readonly delayMs: number }
  | { readonly kind: 'malformed'; readonly problem: string; readonly key: ObjectKey | undefined }
  | { readonly kind: 'listener'; readonly error: unknown }

/** A report that can be waited for. */
export class RecordingReport implements ListWatchReport {
  readonly happenings = new Happenings<Reported>()

  state(state: MemberState, reason: string): void {
    this.happenings.add({ kind: 'state', state, reason })
  }

  failed(failure: { readonly error: unknown; readonly failures: number; readonly delayMs: number }): void {
    this.happenings.add({ kind: 'failed', ...failure })
  }

  malformed(problem: string, key: ObjectKey | undefined): void {
    this.happenings.add({ kind: 'malformed', problem, key })
  }

  listenerFailed(error: unknown): void {
    this.happenings.add({ kind: 'listener', error })
  }

  async failure(): Promise<Extract<Reported, { kind: 'failed' }>> {
    const found = await this.happenings.next(({ kind }) => kind === 'failed')
    if (found.kind !== 'failed') throw new Error('found something else')
    return found
  }

  async stateIs(state: MemberState): Promise<Extract<Reported, { kind: 'state' }>> {
    const found = await this.happenings.next((one) => one.kind === 'state' && one.state === state)
    if (found.kind !== 'state') throw new Error('found something else')
    return found
  }

  count(kind: Reported['kind']): number {
    return this.happenings.all.filter((one) => one.kind === kind).length
  }
}

export interface WatchBench<F> {
  readonly clock: ManualClock
  readonly sink: RecordingStore<F>
  readonly report: RecordingReport
  readonly transport: Transport
  readonly watch: ListWatch<F>
  readonly turns: Turns
  /** Stops the watch and closes the transport. */
  close(): Promise<void>
}

/** The one cluster of a bench. */
export const CLUSTER = 0 as ClusterIndex

/** Access to a scripted server. */
export function accessTo(api: ScriptedApi, token = 'token-1'): ClusterAccess {
  return { server: api.url, caPem: api.caPem, skippedChecks: [], credentials: tokenCredentials(token) }
}

/** One list-watch against a server, on a clock that the test moves. Not started. */
export function watchBench<F>(
  access: ClusterAccess,
  spec: WatchSpec<F>,
  options: Partial<TransportOptions> & { readonly ready?: (signal: AbortSignal) => Promise<void> } = {},
): WatchBench<F> {
  const clock = new ManualClock()
  const sink = new RecordingStore<F>()
  const report = new RecordingReport()
  const { ready = () => Promise.resolve(), ...rest } = options
  const transport = new Transport({ cluster: 'member', access, clock, ...rest })
  const turns = new Turns({ clock, places: 2 })
  const watch = new ListWatch<F>({
    ...{ spec, sink, transport, clock, turns, ready, report },
    cluster: CLUSTER,
    random: () => 0,
  })
  return {
    ...{ clock, sink, report, transport, watch, turns },
    close: async () => {
      watch.stop()
      await transport.close()
    },
  }
}
