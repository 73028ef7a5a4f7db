import type { ClusterIndex } from '../api/keys.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterAccess } from './access.ts'
import { Identity } from './identity.ts'
import { Transport } from './transport.ts'
import type { TransportOptions } from './transport.ts'
import type { Turns } from './turns.ts'
import type { MemberState } from './types.ts'
import type { KubeReport, RunningWatch, Watched } from './watched.ts'

/**
 * Whether what is held of a cluster is what is there: up while every required kind has listed and was heard of within
 * 90 s (DESIGN 5.2).
 */
export interface Session {
  readonly up: boolean
  /** When it turned. */
  readonly sinceMs: number
  /** Required kinds that are not synced, with the state each is in; empty when up. */
  readonly missing: readonly { readonly kind: string; readonly state: MemberState }[]
}

export interface ConnectionOptions {
  readonly name: string
  readonly cluster: ClusterIndex
  readonly access: ClusterAccess
  readonly watches: readonly Watched[]
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  /** Shared by all clusters of a process. */
  readonly turns: Turns
  readonly report: KubeReport
  /** The session turned up or down. */
  readonly onSession?: (session: Session) => void
  readonly transport?: Pick<
    TransportOptions,
    'allowH2' | 'connectTimeoutMs' | 'timeoutMs' | 'maxBodyBytes' | 'userAgent'
  >
  /** Uid of `kube-system` as known from an earlier life. */
  readonly expectedUid?: string
}

/** One cluster: its transport and its watches. */
export class Connection {
  readonly name: string
  readonly cluster: ClusterIndex
  readonly transport: Transport
  readonly #options: ConnectionOptions
  readonly #identity: Identity
  readonly #watches: readonly { readonly of: Watched; readonly run: RunningWatch }[]
  #session: Session

  constructor(options: ConnectionOptions) {
    const { name, cluster, access, clock, random, turns } = options
    this.name = name
    this.cluster = cluster
    this.#options = options
    this.transport = new Transport({
      ...{ ...options.transport, cluster: name, access, clock },
      onDenied: (right, error) => options.report.denied({ cluster: name }, right, error),
    })
    this.#identity = new Identity(this.transport, clock, options.expectedUid)
    const ready = (signal: AbortSignal): Promise<void> => this.#identity.check(signal)
    const context = { cluster, transport: this.transport, clock, random, turns, ready }
    this.#watches = options.watches.map((of) => ({ of, run: of.open(context, this.#reportOf(of.kind)) }))
    this.#session = { up: false, sinceMs: clock.nowMs(), missing: this.#missing() }
  }

  get session(): Session {
    return this.#session
  }

  /** Uid of the cluster's `kube-system`, once seen. */
  get uid(): string | undefined {
    return this.#identity.uid
  }

  start(): void {
    for (const { run } of this.#watches) run.start()
  }

  /**
   * Other credentials: used from the next request on, watches that wait try at once, stores keep what they hold.
   * Another address: lists begin anew, and another cluster may answer there.
   */
  replace(access: ClusterAccess): void {
    const moved = access.server !== this.transport.access.server
    this.transport.setAccess(access)
    if (moved) this.#identity.forget()
    for (const { run } of this.#watches) {
      if (moved) run.relist()
      else run.kick()
    }
  }

  /** The cluster answering at this address is another one, and is meant to be. */
  acceptIdentity(): void {
    this.#identity.forget()
    for (const { run } of this.#watches) run.relist()
  }

  /** Nothing is emitted afterwards; stores keep what they hold. */
  async stop(): Promise<void> {
    for (const { run } of this.#watches) run.stop()
    await this.transport.close()
  }

  /** Tell the stores that the cluster was removed. After stop. */
  forget(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const { of } of this.#watches) this.#guarded(of.kind, () => of.gone(this.cluster, nowMs))
  }

  #reportOf(kind: string): Parameters<Watched['open']>[1] {
    const { report, name } = this.#options
    const at = { cluster: name, kind }
    return {
      state: (state, reason) => {
        report.state(at, state, reason)
        this.#review()
      },
      failed: (failure) => report.failed(at, failure),
      malformed: (problem, key) => report.malformed(at, problem, key),
      listenerFailed: (error) => report.listenerFailed(at, error),
    }
  }

  #missing(): Session['missing'] {
    return this.#watches
      .filter(({ of, run }) => of.required && run.member !== 'synced')
      .map(({ of, run }) => ({ kind: of.kind, state: run.member }))
  }

  #review(): void {
    const missing = this.#missing()
    const up = missing.length === 0
    const turned = up !== this.#session.up
    const sinceMs = turned ? this.#options.clock.nowMs() : this.#session.sinceMs
    this.#session = { up, sinceMs, missing }
    if (turned) this.#guarded('Session', () => this.#options.onSession?.(this.#session))
  }

  /** A listener that throws must not end a watch, nor keep others from hearing. */
  #guarded(kind: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.report.listenerFailed({ cluster: this.name, kind }, error)
    }
  }
}
