import type { BenchResult } from './result.ts'

const SPREAD = /_(p25|p75)$/

/** A result for people: one line each, quartiles on the line of their median. */
export function tableOf({ name, machine, figures, ratios }: BenchResult): string {
  const rows = [
    ...Object.entries(machine).map(([key, value]) => [key, String(value)] as const),
    ...rowsOf(figures, (key) => [`${key}_p50`, key]),
    ...rowsOf(ratios, (key) => [key, `ratio ${key}`]),
  ]
  const width = Math.max(...rows.map(([key]) => key.length))
  return [name, ...rows.map(([key, value]) => `  ${key.padEnd(width)}  ${value}`)].join('\n')
}

/** @param middleOf - from a key without its quartile: that of its median, and how the line is called */
function rowsOf(
  values: Readonly<Record<string, number>>,
  middleOf: (key: string) => readonly [middle: string, title: string],
): readonly (readonly [string, string])[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (SPREAD.test(key)) return []
    const base = `${key}_p25` in values ? key : key.replace(/_p50$/, '')
    const [, title] = middleOf(base)
    const [low, high] = [values[`${base}_p25`], values[`${base}_p75`]]
    if (low === undefined || high === undefined) return [[middleOf(key)[1], round(value)]]
    return [[title, `${round(value).padEnd(8)} quartiles ${round(low)} to ${round(high)}`]]
  })
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
