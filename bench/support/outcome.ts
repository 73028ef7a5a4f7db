import { cpus } from 'node:os'
import { quantile } from './quantile.ts'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'

/** What the parts of a bench put together. */
export class Outcome {
  readonly #machine: Record<string, string | number> = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    node: process.versions.node,
  }
  readonly #figures: Record<string, number> = {}
  readonly #ratios: Record<string, number> = {}

  /** Where and how it was measured. */
  machine(key: string, value: string | number): void {
    this.#machine[key] = value
  }

  /** What was not measured: `left_out_KEY` under `machine`. */
  leftOut(key: string, why: string): void {
    this.machine(`left_out_${key}`, why)
  }

  figure(key: string, value: number): void {
    this.#figures[key] = value
  }

  /** `KEY_p25`, `KEY_p50` and `KEY_p75` of repeated measurements. */
  figures(key: string, values: readonly number[]): void {
    for (const [end, value] of spreadOf(values)) this.#figures[key + end] = value
  }

  ratio(key: string, value: number): void {
    this.#ratios[key] = value
  }

  /** `KEY` is the median of the ratios of each round, with `KEY_p25` and `KEY_p75` beside it. */
  ratios(key: string, values: readonly number[]): void {
    this.#ratios[key] = median(values)
    for (const [end, value] of spreadOf(values)) if (end !== '_p50') this.#ratios[key + end] = value
  }

  result(name: string): BenchResult {
    return { name, machine: this.#machine, figures: this.#figures, ratios: this.#ratios }
  }
}

function spreadOf(values: readonly number[]): readonly (readonly [string, number])[] {
  return [
    ['_p25', quantile(values, 0.25)],
    ['_p50', median(values)],
    ['_p75', quantile(values, 0.75)],
  ]
}
