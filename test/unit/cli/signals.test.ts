import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { abortOnSignals } from '../../../src/cli/signals.ts'

class Source extends EventEmitter {
  readonly exits: number[] = []
  exit(code: number): void {
    this.exits.push(code)
  }
}

describe('abortOnSignals', () => {
  it.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
  ])('%s aborts, then %s exits with 130', (first, second) => {
    const source = new Source()
    const signal = abortOnSignals(source)
    expect(signal.aborted).toBe(false)

    source.emit(first)
    expect(signal.aborted).toBe(true)
    expect(source.exits).toEqual([])

    source.emit(second)
    expect(source.exits).toEqual([130])
  })
})
