import { expect, it } from 'vitest'
import { createStartGate } from '../../../../src/app/control-plane/start-gate.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function setUp() {
  const clock = new ManualClock()
  const state = { host: false, waiting: ['a', 'b'] as readonly string[], told: [] as readonly string[] }
  const events: string[] = []
  const gate = createStartGate({
    clock,
    firstListTimeoutMs: 5_000,
    hostComplete: () => state.host,
    waitingFor: () => state.waiting,
    untold: (members) => members.filter((name) => !state.told.includes(name)),
    open: (missing) => events.push(`open without ${missing.join() || 'nobody'}`),
    settle: () => events.push('settle'),
  })
  return { clock, state, events, gate }
}

it('opens when the host is complete and every member has listed', () => {
  const { state, events, gate } = setUp()
  state.waiting = []
  gate.review()
  expect(events).toEqual([])

  state.host = true
  gate.review()
  gate.review()

  expect(events).toEqual(['open without nobody', 'settle'])
})

it('gives members their time, counted from when the host is complete, then goes on without them', () => {
  const { clock, state, events, gate } = setUp()
  gate.review()
  clock.advance(60_000)
  expect(events).toEqual([])

  state.host = true
  gate.review()
  state.waiting = ['b']
  clock.advance(4_999)
  gate.review()
  expect(events).toEqual([])
  clock.advance(1)

  expect(events).toEqual(['open without b', 'settle'])
})

it('opens at once without members that the records tell of, and settles when they have listed', () => {
  const { state, events, gate } = setUp()
  state.host = true
  state.told = ['a', 'b']
  gate.review()
  expect(events).toEqual(['open without a,b'])

  state.waiting = ['b']
  gate.review()
  expect(events).toHaveLength(1)
  state.waiting = []
  gate.review()

  expect(events).toEqual(['open without a,b', 'settle'])
})

it('waits for a host that was lost when the time was over', () => {
  const { clock, state, events, gate } = setUp()
  state.host = true
  gate.review()
  state.host = false
  clock.advance(5_000)
  expect(events).toEqual([])

  state.host = true
  gate.review()

  expect(events).toEqual(['open without a,b', 'settle'])
})

it('does nothing after close', () => {
  const { clock, state, events, gate } = setUp()
  state.host = true
  gate.review()
  gate.close()
  clock.advance(5_000)
  gate.review()

  expect(events).toEqual([])
  expect(clock.pending).toBe(0)
})
