import { setImmediate as turn } from 'node:timers/promises'

/** Far above what anything takes on a busy machine: it bounds failing tests. */
const LIMIT_MS = 8_000

/** Look until it is so, turn after turn: for counters that another thread writes. @throws when it never is */
export async function reached<T>(read: () => T, isSo: (value: T) => boolean): Promise<T> {
  const untilMs = performance.now() + LIMIT_MS
  for (;;) {
    const value = read()
    if (isSo(value)) return value
    if (performance.now() > untilMs) throw new Error(`never came to be: ${JSON.stringify(value)}`)
    await turn()
  }
}
