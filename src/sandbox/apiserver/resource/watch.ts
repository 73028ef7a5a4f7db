import { randomInt } from 'node:crypto'
import type { KubeObject } from '../../../api/object.ts'
import type { Timer } from '../../../runtime/clock.ts'
import { expired } from '../model/status.ts'
import type { Status } from '../model/status.ts'
import type { StoredEvent } from '../store/store.ts'
import type { Cluster } from './cluster.ts'
import type { ListOptions } from './list-options.ts'
import { versionTooLarge } from './read.ts'
import { apiVersionOfTarget, presented } from './resource.ts'
import type { Target } from './resource.ts'
import { selectionOf } from './select.ts'
import type { Selection } from './select.ts'

const BOOKMARK_EVERY_MS = 60_000
const SHORTEST_SECONDS = 1_800
/** The real server sends a last bookmark this long before it ends a watch. */
const LAST_BOOKMARK_BEFORE_MS = 2_000

/** What a watch says. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly status: Status }

/** Where the events of one watch go. */
export interface WatchSink {
  event(event: WatchEvent): void
  end(): void
}

/** An open watch. */
export interface Watch {
  stop(): void
  /** End it with an ERROR event of code 410. */
  expire(): void
}

/** A watch that was accepted; events flow once it is opened. */
export interface AcceptedWatch {
  open(sink: WatchSink): Watch
}

/**
 * Check the request of a watch.
 * @throws StatusError 400 for bad selectors
 */
export function acceptWatch(
  cluster: Cluster,
  target: Target,
  request: { readonly namespace: string; readonly options: ListOptions },
): AcceptedWatch {
  const { options } = request
  const selection = selectionOf(target.type, { ...options, namespace: request.namespace })
  return { open: (sink) => new OpenWatch({ cluster, target, selection, options, sink }) }
}

interface WatchParts {
  readonly cluster: Cluster
  readonly target: Target
  readonly selection: Selection
  readonly options: ListOptions
  readonly sink: WatchSink
}

class OpenWatch implements Watch {
  readonly #parts: WatchParts
  readonly #stops: (() => void)[] = []
  #open = true
  /** Events up to this revision are known to the client. */
  #revision: number

  constructor(parts: WatchParts) {
    this.#parts = parts
    const { cluster, options } = parts
    this.#revision = options.resourceVersion ?? 0
    if (this.#revision > 0 && options.sendInitialEvents !== true) this.#replay()
    else this.#initial()
    if (!this.#open) return
    this.#stops.push(cluster.store.subscribe(parts.target.type.bucket, (event) => this.#change(event)))
    this.#startTimers()
  }

  stop(): void {
    this.#open = false
    for (const stop of this.#stops.splice(0)) stop()
  }

  expire(): void {
    if (!this.#open) return
    const { store } = this.#parts.cluster
    this.#fail(expired(`too old resource version: ${this.#revision} (${store.revision})`).status)
  }

  #fail(status: Status): void {
    this.stop()
    this.#parts.sink.event({ type: 'ERROR', status })
    this.#parts.sink.end()
  }

  #initial(): void {
    const { cluster, target, selection, options, sink } = this.#parts
    if (this.#revision > cluster.store.revision) {
      this.#fail(versionTooLarge(this.#revision, cluster.store.revision).status)
      return
    }
    this.#revision = cluster.store.revision
    if (options.sendInitialEvents === false) return
    const snapshot = cluster.store.snapshot(target.type.bucket, selection.prefix)
    for (const object of snapshot?.objects ?? []) {
      if (selection.matches(object)) sink.event({ type: 'ADDED', object: presented(target, object) })
    }
    if (options.sendInitialEvents === true && options.bookmarks) {
      this.#bookmark({ 'k8s.io/initial-events-end': 'true' })
    }
  }

  #replay(): void {
    const { cluster, target } = this.#parts
    const { bucket } = target.type
    const missed = cluster.store.since(bucket, this.#revision)
    if (missed !== undefined) {
      for (const event of missed) this.#change(event)
      return
    }
    const words = `too old resource version: ${this.#revision} (${cluster.store.floor(bucket)})`
    this.#fail(expired(words).status)
  }

  /** An object that enters or leaves the selection is added or deleted, for this client. */
  #change(event: StoredEvent): void {
    if (event.revision <= this.#revision) return
    this.#revision = event.revision
    const { target, selection, sink } = this.#parts
    const is = event.type !== 'DELETED' && this.#selects(event.object)
    const was = event.old !== undefined && this.#selects(event.old)
    if (is) sink.event({ type: was ? 'MODIFIED' : 'ADDED', object: presented(target, event.object) })
    else if (was) {
      const { resourceVersion } = event.object.metadata
      const last = event.type === 'DELETED' ? event.object : event.old
      const object =
        selection.everything || event.type === 'DELETED'
          ? last
          : {
              ...last,
              metadata: { ...last.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
            }
      sink.event({ type: 'DELETED', object: presented(target, object) })
    }
  }

  #selects(object: KubeObject): boolean {
    const { prefix } = this.#parts.selection
    const inside = prefix === '' || `${object.metadata.namespace ?? ''}/` === prefix
    return inside && this.#parts.selection.matches(object)
  }

  #bookmark(annotations?: Readonly<Record<string, string>>): void {
    const { cluster, target, sink } = this.#parts
    // Resumed from a version not reached yet (a server restored from older data): silent until its end, as the real one.
    if (this.#revision > cluster.store.revision) return
    this.#revision = cluster.store.revision
    const object = {
      kind: target.type.kind,
      apiVersion: apiVersionOfTarget(target),
      metadata: {
        resourceVersion: String(this.#revision),
        ...(annotations === undefined ? {} : { annotations }),
      },
    }
    sink.event({ type: 'BOOKMARK', object: object as unknown as KubeObject }) // a bookmark has no name
  }

  #startTimers(): void {
    const { cluster, options, sink } = this.#parts
    const seconds =
      options.timeoutSeconds > 0 ? options.timeoutSeconds : SHORTEST_SECONDS + randomInt(SHORTEST_SECONDS)
    const end = cluster.clock.after(seconds * 1_000, () => {
      this.stop()
      sink.end()
    })
    this.#stops.push(() => end.cancel())
    if (!options.bookmarks) return
    if (seconds * 1_000 > LAST_BOOKMARK_BEFORE_MS) {
      const last = cluster.clock.after(seconds * 1_000 - LAST_BOOKMARK_BEFORE_MS, () => this.#bookmark())
      this.#stops.push(() => last.cancel())
    }
    this.#repeatBookmarks()
  }

  #repeatBookmarks(): void {
    const { clock } = this.#parts.cluster
    const again = (): Timer =>
      clock.after(BOOKMARK_EVERY_MS, () => {
        this.#bookmark()
        timer = again()
      })
    let timer = again()
    this.#stops.push(() => timer.cancel())
  }
}
