import { rightOf, verbOf } from './right.ts'
import type { AskedFor, Verb } from './right.ts'

/** How often one verb was answered with one HTTP status. */
export interface AnswerCount {
  readonly verb: Verb
  readonly httpStatus: number
  readonly count: number
}

/** What one cluster's API server answered: how often, and which rights it refuses. */
export class AnswerBook {
  readonly #counts = new Map<string, { readonly verb: Verb; readonly httpStatus: number; count: number }>()
  readonly #denied = new Set<string>()

  /** @returns the right, when it is refused (403) and was not before */
  note(request: AskedFor, httpStatus: number): string | undefined {
    this.#count(verbOf(request), httpStatus)
    if (httpStatus !== 403 && httpStatus >= 400) return undefined // says nothing about rights
    const right = rightOf(request)
    if (httpStatus < 400) {
      this.#denied.delete(right)
      return undefined
    }
    if (this.#denied.has(right)) return undefined
    this.#denied.add(right)
    return right
  }

  counts(): Iterable<AnswerCount> {
    return this.#counts.values()
  }

  /** Rights that were refused when they were last asked for, sorted. */
  get denied(): readonly string[] {
    return [...this.#denied].sort()
  }

  /** Another server, or other credentials: what was refused may be granted. */
  forgetDenied(): void {
    this.#denied.clear()
  }

  #count(verb: Verb, httpStatus: number): void {
    const key = `${verb} ${httpStatus}`
    const found = this.#counts.get(key)
    if (found === undefined) this.#counts.set(key, { verb, httpStatus, count: 1 })
    else found.count += 1
  }
}
