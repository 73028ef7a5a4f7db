import { EXIT } from './io.ts'

/** The part of `process` that is needed here. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', act: () => void): unknown
  exit(code: number): unknown
}

/** A signal that is aborted by the first SIGINT or SIGTERM; the second one ends the process at once. */
export function abortOnSignals(source: SignalSource): AbortSignal {
  const stop = new AbortController()
  const act = (): void => {
    if (stop.signal.aborted) source.exit(EXIT.interruptedTwice)
    else stop.abort()
  }
  source.on('SIGINT', act)
  source.on('SIGTERM', act)
  return stop.signal
}
