import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import { Intake } from './intake.ts'
import { isRecord, KubeError, statusError } from './kube-error.ts'
import type { RequestPlace } from './kube-error.ts'
import { LineSplitter } from './line-splitter.ts'
import { failureOf, reachedRequestOf, requestOf, retryAfterOf } from './list-requests.ts'
import { initialState, step } from './list-watch-machine.ts'
import type { Effect, Input, MachineState, Mode, StateReason } from './list-watch-machine.ts'
import { recordField } from './projections/raw-object.ts'
import { collect, parseJson } from './response-body.ts'
import type { KubeRequest, KubeStream } from './transport.ts'
import type { Turn, Turns } from './turns.ts'
import type { MemberState, Sink, WatchSpec } from './types.ts'
import { readWatchEvent } from './watch-event.ts'
import { Watchdog } from './watchdog.ts'

/** The part of a Transport that a list-watch needs. */
export interface Streams {
  readonly cluster: string
  stream(request: KubeRequest): Promise<KubeStream>
  requestJson(request: KubeRequest): Promise<unknown>
  renew(): void
}

/** What a list-watch tells about itself. Must not throw. */
export interface ListWatchReport {
  state(state: MemberState, reason: StateReason): void
  /** A request failed; the next one follows after `delayMs`. */
  failed(failure: { readonly error: unknown; readonly failures: number; readonly delayMs: number }): void
  /** One object could not be read; all others go on. */
  malformed(problem: string, key: ObjectKey | undefined): void
  /** A listener of the sink threw; the watch goes on. */
  listenerFailed(error: unknown): void
}

export interface ListWatchOptions<F> {
  readonly spec: WatchSpec<F>
  readonly sink: Sink<F>
  readonly cluster: ClusterIndex
  readonly transport: Streams
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly turns: Turns
  /** Awaited before each request: rejects while another cluster answers at the address. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  readonly report: ListWatchReport
}

/** What is held is not believed any longer when nothing was heard for this long (DESIGN 5.2). Servers send a bookmark a minute. */
export const UNHEARD_MS = 90_000
/** A watch from which nothing was heard for this long is looked after, so that one without news is not taken for a dead one. */
export const QUIET_MS = 75_000
/** A list that does not move for this long is begun anew. */
export const STUCK_MS = 30_000
/** An object may have 3 MiB at an API server's default limits; an event repeats it in JSON. */
const MAX_LINE_BYTES = 16 * 1024 * 1024
const MAX_PAGE_BYTES = 256 * 1024 * 1024
/** Chunks without news tell the sink at most this often that the cluster was heard of. */
const HEARTBEAT_MS = 1000

/** One request and whether its results still count. */
interface Run {
  readonly mode: Mode
  readonly controller: AbortController
  live: boolean
}

/**
 * Keeps a sink equal to one kind in one cluster, through everything a network and an API server can do
 * (list-watch-machine decides; this reads, counts time and emits). Each error is reported; only `stop` ends it.
 */
export class ListWatch<F> {
  readonly #options: ListWatchOptions<F>
  readonly #intake: Intake<F>
  readonly #unheard: Watchdog
  readonly #quiet: Watchdog
  readonly #stuck: Watchdog
  readonly #inputs: Input[] = []
  #stepping = false
  #state: MachineState = initialState
  #run: Run | undefined
  #wait: Timer | undefined
  #delayMs = 0
  #emittedAtMs = 0

  constructor(options: ListWatchOptions<F>) {
    this.#options = options
    const { spec, sink, cluster, clock } = options
    this.#intake = new Intake({
      spec,
      sink,
      cluster,
      malformed: (problem, key) => this.#malformed(problem, key),
    })
    this.#unheard = new Watchdog(clock, UNHEARD_MS, () => this.#silence({ kind: 'unheard' }))
    this.#quiet = new Watchdog(clock, QUIET_MS, () => this.#input({ kind: 'quiet' }))
    this.#stuck = new Watchdog(clock, STUCK_MS, () => this.#silence({ kind: 'stuck' }))
  }

  get member(): MemberState {
    return this.#state.member
  }

  start(): void {
    this.#input({ kind: 'start' })
  }

  /** Holds in every state: nothing is emitted, reported or opened afterwards. Idempotent. */
  stop(): void {
    this.#input({ kind: 'stop' })
    this.#wait?.cancel()
    this.#unheard.stop()
    this.#quiet.stop()
  }

  /** Credentials were replaced: whoever waits tries at once. */
  kick(): void {
    this.#input({ kind: 'kick' })
  }

  /** The address was replaced: begin anew. */
  relist(): void {
    this.#input({ kind: 'relist' })
  }

  /** Inputs that come of an effect (a listener that stops us) wait until its step is done. */
  #input(input: Input): void {
    this.#inputs.push(input)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next)
    } finally {
      this.#stepping = false
    }
  }

  #step(input: Input): void {
    const { clock, random } = this.#options
    const { state, effects } = step(this.#state, input, { nowMs: clock.nowMs(), random: random() })
    this.#state = state
    for (const effect of effects) this.#execute(effect)
  }

  #execute(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.#open(effect.mode)
      case 'abort':
        return this.#abandon()
      case 'wait':
        this.#abandon()
        this.#delayMs = effect.delayMs
        this.#wait = this.#options.clock.after(effect.delayMs, () => this.#input({ kind: 'again' }))
        return undefined
      case 'begin-list':
        return this.#intake.begin()
      case 'delete-unseen':
        return this.#intake.deleteUnseen()
      case 'member':
        if (effect.state === 'synced') {
          this.#unheard.start()
          this.#quiet.start()
        }
        this.#emit(effect.state)
        return this.#options.report.state(effect.state, effect.reason)
    }
  }

  #abandon(): void {
    this.#wait?.cancel()
    this.#stuck.stop()
    if (this.#run === undefined) return
    this.#run.live = false
    this.#run.controller.abort()
    this.#run = undefined
  }

  #open(mode: Mode): void {
    this.#abandon()
    const run: Run = { mode, controller: new AbortController(), live: true }
    this.#run = run
    void this.#request(run) // never rejects: its catch turns every error into an input
  }

  async #request(run: Run): Promise<void> {
    const { transport, spec, random, ready } = this.#options
    const { signal } = run.controller
    try {
      await ready(signal)
      if (!run.live) return
      // After a failure another server may answer, or the same one with an older state.
      if (run.mode.kind === 'watch' && (run.mode.verify === true || this.#state.failures > 0)) {
        await transport.requestJson({ ...reachedRequestOf(spec, run.mode.version), signal })
        if (!run.live) return
        this.#heard(undefined)
      }
      const stream = await transport.stream({ ...requestOf(spec, run.mode, random()), signal })
      if (!run.live) return
      if (run.mode.kind !== 'watch') this.#stuck.start()
      await (run.mode.kind === 'page' ? this.#readPage(run, stream) : this.#readEvents(run, stream))
    } catch (error) {
      if (run.live) this.#failed(run, error)
    }
  }

  #failed(run: Run, error: unknown): void {
    const retryAfterMs = retryAfterOf(error)
    const failure = failureOf(error, run.mode)
    this.#delayMs = 0
    this.#input({ kind: 'failed', failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    if (failure !== 'unsupported') this.#reportFailure(error) // that is how one finds out what a server can do
  }

  async #readPage(run: Run, stream: KubeStream): Promise<void> {
    const place = this.#place()
    const bytes = await collect(place, this.#inTurn(run, stream.chunks), MAX_PAGE_BYTES)
    if (!run.live) return
    const page = parseJson(place, bytes)
    const metadata = isRecord(page) ? recordField(page, 'metadata') : undefined
    const version = metadata?.['resourceVersion']
    const items = isRecord(page) ? (page['items'] ?? []) : undefined
    if (typeof version !== 'string' || !Array.isArray(items)) {
      throw new KubeError('KUBE_BAD_ANSWER', { ...place, detail: 'is no list' })
    }
    for (const item of items) this.#intake.listed(this.#intake.completed(item))
    this.#heard(undefined)
    const next = metadata?.['continue']
    const isLast = typeof next !== 'string' || next === ''
    if (run.live) this.#input(isLast ? { kind: 'page', version } : { kind: 'page', version, next })
  }

  async #readEvents(run: Run, stream: KubeStream): Promise<void> {
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    let version: string | undefined
    const line = (text: string): void => {
      if (run.live) version = this.#event(text) ?? version
    }
    for await (const chunk of this.#inTurn(run, stream.chunks)) {
      if (!run.live) return
      try {
        splitter.push(chunk, line, () => this.#malformed('an event exceeds the limit of a line', undefined))
      } finally {
        if (run.live) this.#heard(version) // events before one that ends the watch count
      }
      if (!run.live) return
    }
    if (!run.live) return
    this.#input({ kind: 'ended' })
    if (this.#state.phase === 'waiting') this.#reportFailure(this.#endedAtOnce())
  }

  #reportFailure(error: unknown): void {
    this.#options.report.failed({ error, failures: this.#state.failures, delayMs: this.#delayMs })
  }

  #endedAtOnce(): KubeError {
    return new KubeError('KUBE_CUT', { ...this.#place(), detail: 'the watch was ended at once' })
  }

  /** One event. @returns the version to resume from after it. @throws KubeError for an ERROR event */
  #event(text: string): string | undefined {
    const event = readWatchEvent(text)
    switch (event.kind) {
      case 'changed':
        if (this.#state.mode.kind === 'watch') this.#intake.changed(event.object)
        else this.#intake.listed(event.object)
        return event.version
      case 'deleted':
        this.#intake.deleted(event.object)
        return event.version
      case 'bookmark':
        if (event.initialEnd && event.version !== undefined) this.#listed(event.version)
        return event.version
      case 'error':
        throw statusError(this.#place(), event.status.code ?? 500, event.status)
      case 'malformed':
        this.#malformed(event.problem, undefined)
        return undefined
    }
  }

  /** The initial events are complete: what they brought goes out before that is said. */
  #listed(version: string): void {
    if (this.#state.mode.kind === 'watch') return
    this.#stuck.stop()
    if (!this.#intake.pending.isEmpty) this.#emit(this.#state.member)
    this.#input({ kind: 'initial-end', version })
  }

  /** A chunk has been read: what it changed goes out. */
  #heard(version: string | undefined): void {
    const { clock } = this.#options
    if (this.#unheard.isAwake) {
      this.#unheard.feed()
      this.#quiet.start()
    }
    const isQuiet = this.#intake.pending.isEmpty && clock.nowMs() - this.#emittedAtMs < HEARTBEAT_MS
    if (!isQuiet) this.#emit(this.#state.member)
    this.#input(version === undefined ? { kind: 'heard' } : { kind: 'heard', version })
  }

  #emit(state: MemberState): void {
    const { sink, cluster, spec, clock, report } = this.#options
    const atMs = clock.nowMs()
    this.#emittedAtMs = atMs
    try {
      sink.apply({ cluster, kind: spec.projection.kind, state, atMs, ...this.#intake.pending.take() })
    } catch (error) {
      report.listenerFailed(error)
    }
  }

  /** Chunks, each when this list may be read; those of a watch at once. */
  async *#inTurn(run: Run, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    let turn: Turn | undefined
    try {
      for await (const chunk of chunks) {
        if (this.#isListing(run) && turn?.held !== true) {
          this.#stuck.stop() // waiting in line is not the server's fault
          turn = await this.#options.turns.enter(run.controller.signal)
          if (run.live) this.#stuck.start()
        }
        this.#stuck.feed()
        yield chunk
        if (!this.#isListing(run)) turn?.leave()
      }
    } finally {
      turn?.leave()
    }
  }

  #isListing(run: Run): boolean {
    return run.live && this.#state.mode.kind !== 'watch'
  }

  #silence(input: Input): void {
    this.#options.transport.renew() // the connection may be dead without a sign
    this.#input(input)
  }

  #malformed(problem: string, key: ObjectKey | undefined): void {
    if (key === undefined) this.#input({ kind: 'doubt' })
    this.#options.report.malformed(problem, key)
  }

  #place(): RequestPlace {
    const { spec, transport } = this.#options
    return { cluster: transport.cluster, method: 'GET', path: requestOf(spec, { kind: 'page' }, 0).path }
  }
}
