/** What a bench prints, and what `--json` gives. Budgets are held against `ratios`: they mean the same on any machine. */
export interface BenchResult {
  readonly name: string
  /** Where and how it was measured: processor, versions, generator, sizes; what was left out, and why. */
  readonly machine: Record<string, string | number>
  /** Absolute values; the unit ends the key, before `_p25`, `_p50` and `_p75` where it was measured several times. */
  readonly figures: Record<string, number>
  /** `_p25` and `_p75` beside a median. */
  readonly ratios: Record<string, number>
}

export interface RunOptions {
  /** A second or two, without anything that has to be installed; the figures promise nothing. */
  readonly smoke: boolean
  /** Parts of the bench, by name; none: all. */
  readonly only: readonly string[]
}
