import { describe, expect, it } from 'vitest'
import { drain } from '../../../src/app/drain.ts'
import { silentLogger } from '../../../src/telemetry/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** What was done in so many seconds after the signal. */
async function after(seconds: number, drainSeconds: number): Promise<string> {
  const clock = new ManualClock()
  const done: string[] = []
  const nameserver = { leave: () => done.push('leave') }
  void drain(nameserver, { seconds: drainSeconds, clock, logger: silentLogger }).then(() => done.push('over'))
  clock.advance(seconds * 1000)
  await Promise.resolve().then(() => Promise.resolve())
  return done.join(' ')
}

describe('drain', () => {
  it.each([
    { name: 'asks clients to go at once', at: 0, seconds: 5, want: 'leave' },
    { name: 'is not over before its time', at: 4.9, seconds: 5, want: 'leave' },
    { name: 'is over then', at: 5, seconds: 5, want: 'leave over' },
    { name: 'is over at once without time', at: 0, seconds: 0, want: 'over' },
  ])('$name', async ({ at, seconds, want }) => {
    expect(await after(at, seconds)).toBe(want)
  })
})
