/** What a bench prints, and what `--json` gives. Budgets are held against `ratios`: they mean the same on any machine. */
export interface BenchResult {
  readonly name: string
  /** Where and how it was measured: processor, versions, generator, sizes. */
  readonly machine: Record<string, string | number>
  /** Absolute values; the unit ends the key. */
  readonly figures: Record<string, number>
  readonly ratios: Record<string, number>
}
