import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import type { Clock } from '../runtime/clock.ts'
import { ListWatch } from './list-watch.ts'
import type { ListWatchReport, Streams } from './list-watch.ts'
import type { StateReason } from './list-watch-machine.ts'
import type { Turns } from './turns.ts'
import type { MemberState, Sink, WatchSpec } from './types.ts'

/** What all watches of one cluster share. */
export interface WatchContext {
  readonly cluster: ClusterIndex
  readonly transport: Streams
  readonly clock: Clock
  readonly random: () => number
  readonly turns: Turns
  readonly ready: (signal: AbortSignal) => Promise<void>
}

/** A list-watch, without the type of its facts. */
export interface RunningWatch {
  readonly member: MemberState
  start(): void
  stop(): void
  kick(): void
  relist(): void
}

/** A kind to watch and where its facts go, without their type: what a Connection takes. */
export interface Watched {
  readonly kind: string
  /** Whether a cluster's session depends on it. */
  readonly required: boolean
  open(context: WatchContext, report: ListWatchReport): RunningWatch
  /** Tell the sink that the cluster was removed. */
  gone(cluster: ClusterIndex, atMs: number): void
}

/** Bind a kind to its sink. */
export function watched<F>(spec: WatchSpec<F>, sink: Sink<F>): Watched {
  const { kind } = spec.projection
  return {
    kind,
    required: spec.required ?? true,
    open: (context, report) => new ListWatch({ spec, sink, report, ...context }),
    gone: (cluster, atMs) => sink.apply({ cluster, kind, state: 'gone', atMs, upserts: [], deletes: [] }),
  }
}

/** Which watch a report is about. */
export interface WatchPlace {
  readonly cluster: string
  readonly kind: string
}

/** What the watches of all clusters tell. The implementer logs and counts; it must not throw. */
export interface KubeReport {
  state(at: WatchPlace, state: MemberState, reason: StateReason): void
  failed(
    at: WatchPlace,
    failure: { readonly error: unknown; readonly failures: number; readonly delayMs: number },
  ): void
  malformed(at: WatchPlace, problem: string, key: ObjectKey | undefined): void
  listenerFailed(at: WatchPlace, error: unknown): void
  /** The API server refuses a right that it did not refuse before, such as `watch services`. */
  denied(at: Pick<WatchPlace, 'cluster'>, right: string, error: unknown): void
}

/** Says nothing. */
export const silentKubeReport: KubeReport = {
  state: () => {},
  failed: () => {},
  malformed: () => {},
  listenerFailed: () => {},
  denied: () => {},
}
