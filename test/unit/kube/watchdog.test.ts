import { describe, expect, test } from 'vitest'
import { Watchdog } from '../../../src/kube/watchdog.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function newDog(): { clock: ManualClock; dog: Watchdog; barks: number[] } {
  const clock = new ManualClock(0)
  const barks: number[] = []
  const dog = new Watchdog(clock, 100, () => barks.push(clock.nowMs()))
  return { clock, dog, barks }
}

describe('Watchdog', () => {
  test('barks once, when it has not been fed for its limit', () => {
    const { clock, dog, barks } = newDog()

    dog.start()
    clock.advance(60)
    dog.feed()
    clock.advance(1000)

    expect(barks).toEqual([160])
    expect(dog.isAwake).toBe(false)
  })

  test('a fed one never barks, and has one timer however often it is fed', () => {
    const { clock, dog, barks } = newDog()

    dog.start()
    for (let i = 0; i < 100; i += 1) {
      clock.advance(99)
      dog.feed()
    }

    expect([barks, clock.pending]).toEqual([[], 1])
  })

  test('a stopped one is silent, and can be started again', () => {
    const { clock, dog, barks } = newDog()

    dog.start()
    clock.advance(50)
    dog.stop()
    clock.advance(1000)
    dog.start()
    clock.advance(100)

    expect(barks).toEqual([1150])
  })

  test('starting one that is awake feeds it', () => {
    const { clock, dog, barks } = newDog()

    dog.start()
    clock.advance(90)
    dog.start()
    clock.advance(99)

    expect(barks).toEqual([])
  })
})
