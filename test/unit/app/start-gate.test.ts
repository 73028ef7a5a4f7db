import { expect, it } from 'vitest'
import { createStartGate } from '../../../src/app/start-gate.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function setUp() {
  const clock = new ManualClock()
  const state = { host: false, waiting: ['a', 'b'] as readonly string[] }
  const opened: (readonly string[])[] = []
  const gate = createStartGate({
    clock,
    firstListTimeoutMs: 5_000,
    hostComplete: () => state.host,
    waitingFor: () => state.waiting,
    open: (missing) => opened.push(missing),
  })
  return { clock, state, opened, gate }
}

it('opens when the host is complete and every member has listed', () => {
  const { state, opened, gate } = setUp()
  state.waiting = []
  gate.review()
  expect(opened).toEqual([])

  state.host = true
  gate.review()
  gate.review()

  expect(opened).toEqual([[]])
})

it('gives members their time, counted from when the host is complete, then goes on without them', () => {
  const { clock, state, opened, gate } = setUp()
  gate.review()
  clock.advance(60_000)
  expect(opened).toEqual([])

  state.host = true
  gate.review()
  state.waiting = ['b']
  clock.advance(4_999)
  gate.review()
  expect(opened).toEqual([])
  clock.advance(1)

  expect(opened).toEqual([['b']])
})

it('does not open after close, nor for a host that was lost when the time was over', () => {
  const first = setUp()
  first.state.host = true
  first.gate.review()
  first.state.host = false
  first.clock.advance(5_000)
  expect(first.opened).toEqual([])
  first.state.host = true
  first.gate.review()
  first.clock.advance(5_000)
  expect(first.opened).toEqual([['a', 'b']])

  const second = setUp()
  second.state.host = true
  second.gate.review()
  second.gate.close()
  second.clock.advance(5_000)

  expect(second.opened).toEqual([])
})
