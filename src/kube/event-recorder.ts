import type { KubeObject, ResourceId } from '../api/object.ts'
import { runAsyncWorker } from '../runtime/async-worker.ts'
import type { AsyncWorker } from '../runtime/async-worker.ts'
import { RateGate } from '../runtime/backoff.ts'
import type { Clock } from '../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../runtime/queue.ts'
import { KubeError } from './kube-error.ts'
import type { ObjectClient } from './objects.ts'

/** The object that an event is about. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  /** Absent for cluster-scoped objects: their events live in `default`. */
  readonly namespace?: string
  readonly name: string
  readonly uid?: string
}

export interface NewEvent {
  readonly about: ObjectReference
  readonly type: 'Normal' | 'Warning'
  /** One CamelCase word of a closed set. */
  readonly reason: string
  readonly message: string
}

export interface EventRecorderOptions {
  readonly objects: Pick<ObjectClient, 'create' | 'patch'>
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  /** `source.component` and `reportingComponent`. */
  readonly component: string
  /** An event was given up: too many at once, or the server does not take it. */
  readonly dropped?: (event: NewEvent, error: unknown) => void
}

const EVENTS: ResourceId = { group: '', version: 'v1', plural: 'events' }
/** Events that are the same again change the count of the one that is there, at most this often. */
const COUNT_EVERY_MS = 60_000
/** Distinct events remembered; the one not seen for longest is forgotten first. */
const MAX_EVENTS = 1_000
/** Distinct events of one object: whoever tells a new story every second is cut short. */
const PER_OBJECT = { perSecond: 1 / 60, burst: 20 }
const MAX_MESSAGE = 1_024
const MAX_FAILURES = 5

interface Entry {
  readonly event: NewEvent
  readonly firstMs: number
  lastMs: number
  count: number
  /** Name of the object in the cluster, once it is there. */
  name: string | undefined
  writtenAtMs: number
}

/**
 * Events (core/v1) about our objects, for `kubectl describe`. `record` never waits and never throws; what is said again
 * is counted, not repeated; too much is dropped, and nothing ever waits for an event.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #entries = new Map<string, Entry>()
  readonly #gates = new Map<string, RateGate>()
  readonly #queue: WorkQueue<string>
  readonly #worker: AsyncWorker
  #sequence = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
    const { clock, random } = options
    this.#queue = new WorkQueue({ ...defaultQueueOptions, clock, random })
    this.#worker = runAsyncWorker(this.#queue, (key, _, signal) => this.#write(key, signal), {
      clock,
      concurrency: 2,
      timeoutMs: 30_000,
      report: {
        succeeded: () => {},
        failed: (key, failure) => this.#failed(key, failure.error, failure.failures),
      },
    })
  }

  record(event: NewEvent): void {
    const nowMs = this.#options.clock.nowMs()
    const key = keyOf(event)
    const known = this.#entries.get(key)
    if (known === undefined && !this.#gate(event).tryTake(nowMs)) {
      this.#options.dropped?.(event, undefined)
      return
    }
    const entry = known ?? { event, firstMs: nowMs, lastMs: nowMs, count: 0, name: undefined, writtenAtMs: 0 }
    entry.count += 1
    entry.lastMs = nowMs
    this.#entries.delete(key)
    this.#entries.set(key, entry) // newest last
    this.#forgetOldest(this.#entries, MAX_EVENTS)
    if (entry.name === undefined) this.#queue.add(key, 'all')
    else this.#queue.addAt(key, entry.writtenAtMs + COUNT_EVERY_MS)
  }

  /** Writes nothing more. */
  async stop(): Promise<void> {
    this.#queue.close()
    await this.#worker.stop()
  }

  #gate(event: NewEvent): RateGate {
    const { kind, namespace, name } = event.about
    const key = [kind, namespace, name].join('/')
    const gate = this.#gates.get(key) ?? new RateGate(PER_OBJECT)
    this.#gates.delete(key)
    this.#gates.set(key, gate)
    this.#forgetOldest(this.#gates, MAX_EVENTS)
    return gate
  }

  #forgetOldest(map: Map<string, unknown>, max: number): void {
    const [oldest] = map.size > max ? map.keys() : []
    if (oldest !== undefined) map.delete(oldest)
  }

  async #write(key: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    const { clock } = this.#options
    if (entry.name !== undefined && (await this.#recount(entry, entry.name, signal))) {
      entry.writtenAtMs = clock.nowMs()
      return
    }
    const object = this.#objectOf(entry)
    await this.#options.objects.create(EVENTS, object, signal)
    entry.name = object.metadata.name
    entry.writtenAtMs = clock.nowMs()
  }

  /** @returns false when the event is no longer there: servers keep them for an hour */
  async #recount(entry: Entry, name: string, signal: AbortSignal): Promise<boolean> {
    const body = { count: entry.count, lastTimestamp: timestamp(entry.lastMs) }
    const place = { namespace: namespaceOf(entry.event), name }
    try {
      await this.#options.objects.patch(EVENTS, place, { kind: 'merge', body }, signal)
      return true
    } catch (error) {
      if (error instanceof KubeError && error.code === 'KUBE_NOT_FOUND') return false
      throw error
    }
  }

  #objectOf(entry: Entry): KubeObject {
    const { about, type, reason, message } = entry.event
    const { clock, component } = this.#options
    const unique = `${clock.nowMs().toString(16)}${(this.#sequence += 1).toString(16).padStart(4, '0')}`
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${about.name.slice(0, 200)}.${unique}`, namespace: namespaceOf(entry.event) },
      involvedObject: about,
      type,
      reason,
      message: message.slice(0, MAX_MESSAGE),
      source: { component },
      reportingComponent: component,
      reportingInstance: component,
      firstTimestamp: timestamp(entry.firstMs),
      lastTimestamp: timestamp(entry.lastMs),
      count: entry.count,
    }
  }

  #failed(key: string, error: unknown, failures: number): void {
    const entry = this.#entries.get(key)
    const isRefused =
      error instanceof KubeError && (error.retry === 'never' || error.code === 'KUBE_NOT_FOUND')
    if (entry === undefined || (!isRefused && failures < MAX_FAILURES)) return
    this.#entries.delete(key) // what is still queued of it then finds nothing to do
    this.#queue.forget(key)
    this.#options.dropped?.(entry.event, error)
  }
}

function keyOf({ about, type, reason, message }: NewEvent): string {
  return [about.kind, about.namespace, about.name, about.uid, type, reason, message].join('\u0000')
}

function namespaceOf(event: NewEvent): string {
  return event.about.namespace ?? 'default'
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z` // Kubernetes' metav1.Time has whole seconds
}
