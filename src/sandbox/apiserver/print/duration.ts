const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/**
 * A duration as kubectl shows ages: two units at most, the smaller one only while it matters (`3m25s`, `5h3m`, `2d4h`, `3y40d`).
 */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1_000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * MINUTE) return `${seconds}s`
  if (seconds < 10 * MINUTE) return units(seconds, MINUTE, 'm', 1, 's')
  if (seconds < 3 * HOUR) return `${Math.trunc(seconds / MINUTE)}m`
  if (seconds < 8 * HOUR) return units(seconds, HOUR, 'h', MINUTE, 'm')
  if (seconds < 2 * DAY) return `${Math.trunc(seconds / HOUR)}h`
  if (seconds < 8 * DAY) return units(seconds, DAY, 'd', HOUR, 'h')
  if (seconds < 2 * YEAR) return `${Math.trunc(seconds / DAY)}d`
  if (seconds < 8 * YEAR) return units(seconds, YEAR, 'y', DAY, 'd')
  return `${Math.trunc(seconds / YEAR)}y`
}

function units(seconds: number, large: number, largeSign: string, small: number, smallSign: string): string {
  const rest = Math.trunc((seconds % large) / small)
  const head = `${Math.trunc(seconds / large)}${largeSign}`
  return rest === 0 ? head : `${head}${rest}${smallSign}`
}

/** The age of a timestamp; `<unknown>` when there is none. */
export function ageOf(timestamp: unknown, nowMs: number): string {
  const atMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(atMs) ? '<unknown>' : humanDuration(nowMs - atMs)
}
