import { KubeError } from '../../src/kube/kube-error.ts'
import type { KubeErrorCode } from '../../src/kube/kube-error.ts'
import type { Streams } from '../../src/kube/list-watch.ts'
import type { KubeRequest, KubeStream } from '../../src/kube/transport.ts'
import type { ManualClock } from './manual-clock.ts'
import type { Raw } from './raw-objects.ts'

interface Change {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Raw
}

/** Objects of one kind with a history of changes, without sockets: what a list-watch sees of an API server, and its faults. */
export class SimulatedApi implements Streams {
  readonly cluster = 'simulated'
  readonly objects = new Map<string, Raw>()
  /** Whether lists may be streamed. */
  streams = true
  /** Every new request fails like this. */
  refusal: KubeErrorCode | 'hang' | undefined
  renewals = 0
  readonly #clock: ManualClock
  readonly #open = new Set<OpenStream>()
  #history: Change[] = []
  #version = 100
  #oldest = 0

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  /** Create or change an object. @param make - gives it, for its version */
  put(name: string, make: (version: string) => Raw): void {
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED'
    this.#version += 1
    const object = make(String(this.#version))
    this.objects.set(name, object)
    this.#change({ version: this.#version, type, object })
  }

  remove(name: string): void {
    const object = this.objects.get(name)
    if (object === undefined) return
    this.#version += 1
    this.objects.delete(name)
    const metadata = { ...(object['metadata'] as Raw), resourceVersion: String(this.#version) }
    this.#change({ version: this.#version, type: 'DELETED', object: { ...object, metadata } })
  }

  /** Forget the history: whoever resumes from before gets 410. */
  compact(): void {
    this.#history = []
    this.#oldest = this.#version
  }

  bookmark(): void {
    for (const stream of this.#watching())
      stream.event('BOOKMARK', { metadata: { resourceVersion: String(this.#version) } })
  }

  /** A line that is no event, on every watch. */
  garble(): void {
    for (const stream of this.#watching()) stream.push('{"type":"MODI\n')
  }

  /** End every answer that is open: as it should be, or in the middle. */
  end(how: 'cleanly' | 'broken'): void {
    for (const stream of this.#open) stream.end(how === 'broken' ? new Error('broken') : undefined)
  }

  renew(): void {
    this.renewals += 1
  }

  /** Whether a version has been reached: always. */
  async requestJson(request: KubeRequest): Promise<unknown> {
    await this.#refuse(request)
    return {}
  }

  async stream(request: KubeRequest): Promise<KubeStream> {
    const { query = {}, signal } = request
    const place = await this.#refuse(request)
    if (query['sendInitialEvents'] === true && !this.streams) throw new KubeError('KUBE_INVALID', place)
    const stream = new OpenStream((error) => new KubeError('KUBE_CUT', { ...place, cause: error }))
    this.#open.add(stream)
    signal?.addEventListener('abort', () => stream.end(new Error('aborted')))
    if (signal?.aborted === true) stream.end(new Error('aborted'))
    this.#answer(stream, query, place)
    return { httpStatus: 200, chunks: stream.chunks(() => this.#open.delete(stream)) }
  }

  async #refuse({ path, signal }: KubeRequest) {
    const place = { cluster: this.cluster, method: 'GET', path }
    if (this.refusal === 'hang') await this.#hang(signal, place)
    else if (this.refusal !== undefined) throw new KubeError(this.refusal, place)
    return place
  }

  #answer(
    stream: OpenStream,
    query: NonNullable<KubeRequest['query']>,
    place: { readonly cluster: string; readonly method: string; readonly path: string },
  ): void {
    if (query['sendInitialEvents'] === true) {
      for (const object of this.objects.values()) stream.event('ADDED', object)
      const annotations = { 'k8s.io/initial-events-end': 'true' }
      stream.event('BOOKMARK', { metadata: { resourceVersion: String(this.#version), annotations } })
      stream.isWatch = true
    } else if (query['watch'] === true) {
      const from = Number(query['resourceVersion'])
      if (from < this.#oldest) stream.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })
      else
        for (const { version, type, object } of this.#history) if (version > from) stream.event(type, object)
      stream.isWatch = true
    } else {
      const [version = this.#version, from = 0] = String(query['continue'] ?? '')
        .split('/')
        .flatMap((part) => (part === '' ? [] : [Number(part)]))
      if (version < this.#oldest && from > 0) throw new KubeError('KUBE_EXPIRED', place)
      stream.push(JSON.stringify(this.#page(version, from)))
      stream.end()
    }
  }

  /** Two objects a page. Later pages show what is there now, under the version of the first: worse than real servers. */
  #page(version: number, from: number): Raw {
    const all = [...this.objects.values()]
    const next = from + 2 < all.length ? { continue: `${version}/${from + 2}` } : {}
    return {
      kind: 'ServiceList',
      metadata: { resourceVersion: String(version), ...next },
      items: all.slice(from, from + 2),
    }
  }

  #change(change: Change): void {
    this.#history.push(change)
    for (const stream of this.#watching()) stream.event(change.type, change.object)
  }

  #watching(): readonly OpenStream[] {
    return [...this.#open].filter(({ isWatch }) => isWatch)
  }

  #hang(
    signal: AbortSignal | undefined,
    place: { readonly cluster: string; readonly method: string; readonly path: string },
  ): Promise<never> {
    return new Promise((_, reject) => {
      const timer = this.#clock.after(30_000, () => reject(new KubeError('KUBE_TIMEOUT', place)))
      signal?.addEventListener('abort', () => {
        timer.cancel()
        reject(new KubeError('KUBE_ABORTED', place))
      })
    })
  }
}

/** Chunks that wait for their reader. */
class OpenStream {
  isWatch = false
  readonly #fault: (error: Error) => Error
  readonly #chunks: Buffer[] = []
  #ended = false
  #error: Error | undefined
  #wake: () => void = () => {}

  constructor(fault: (error: Error) => Error) {
    this.#fault = fault
  }

  event(type: string, object: unknown): void {
    this.push(`${JSON.stringify({ type, object })}\n`)
  }

  push(text: string): void {
    if (this.#ended) return
    this.#chunks.push(Buffer.from(text))
    this.#wake()
  }

  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    if (error !== undefined) {
      this.#error = this.#fault(error)
      this.#chunks.length = 0
    }
    this.#wake()
  }

  async *chunks(left: () => void): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift()
        if (chunk !== undefined) yield chunk
        else if (this.#error !== undefined) throw this.#error
        else if (this.#ended) return
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      left()
    }
  }
}
