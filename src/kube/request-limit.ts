import type { Clock } from '../runtime/clock.ts'
import { KubeError } from './kube-error.ts'
import type { RequestPlace } from './kube-error.ts'
import { transportError } from './transport-error.ts'

/** Time limit and outer signal of one request, as one signal. */
export class RequestLimit {
  readonly #place: RequestPlace
  readonly #outer: AbortSignal | undefined
  readonly #own = new AbortController()
  readonly #follow: () => void
  readonly #timer: { cancel(): void }
  #timedOut = false

  constructor(
    place: RequestPlace,
    outer: AbortSignal | undefined,
    time: { readonly clock: Clock; readonly timeoutMs: number; expired(): void },
  ) {
    this.#place = place
    this.#outer = outer
    this.#follow = () => this.#own.abort()
    if (outer?.aborted === true) this.#own.abort()
    outer?.addEventListener('abort', this.#follow, { once: true })
    this.#timer = time.clock.after(time.timeoutMs, () => {
      this.#timedOut = true
      time.expired()
      this.#own.abort()
    })
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  /** What the request failed with, as its caller sees it. */
  blame(error: unknown): KubeError {
    if (this.#timedOut) return new KubeError('KUBE_TIMEOUT', { ...this.#place, cause: error })
    if (this.#own.signal.aborted) return new KubeError('KUBE_ABORTED', { ...this.#place, retry: 'never' })
    return transportError(this.#place, error)
  }

  stopTimer(): void {
    this.#timer.cancel()
  }

  unlink(): void {
    this.#outer?.removeEventListener('abort', this.#follow)
  }

  release(): void {
    this.stopTimer()
    this.unlink()
  }
}
