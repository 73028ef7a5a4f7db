import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Turns } from '../../../src/kube/turns.ts'
import type { Turn } from '../../../src/kube/turns.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const never = new AbortController().signal

function newTurns(places: number): {
  clock: ManualClock
  turns: Turns
  enter: (name: string, signal?: AbortSignal) => void
  entered: Map<string, Turn>
} {
  const clock = new ManualClock(0)
  const turns = new Turns({ clock, places })
  const entered = new Map<string, Turn>()
  const enter = (name: string, signal: AbortSignal = never): void => {
    void turns.enter(signal).then(
      (turn) => entered.set(name, turn),
      () => {},
    )
  }
  return { clock, turns, enter, entered }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await Promise.resolve()
}

describe('Turns', () => {
  test('so many may read at once; the others wait in order of coming', async () => {
    const { turns, enter, entered } = newTurns(2)
    for (const name of ['a', 'b', 'c', 'd']) enter(name)
    await settled()
    expect([[...entered.keys()], turns.inUse, turns.waiting]).toEqual([['a', 'b'], 2, 2])

    entered.get('b')?.leave()
    await settled()

    expect([[...entered.keys()], turns.inUse, turns.waiting]).toEqual([['a', 'b', 'c'], 2, 1])
  })

  test('who holds a place for a second while others wait loses it; nobody waits for who hangs', async () => {
    const { clock, turns, enter, entered } = newTurns(1)
    enter('hangs')
    enter('next')
    await settled()

    clock.advance(1000)
    await settled()

    expect([entered.get('hangs')?.held, entered.get('next')?.held, turns.inUse]).toEqual([false, true, 1])
  })

  test('who nobody waits for keeps it', async () => {
    const { clock, enter, entered } = newTurns(1)
    enter('alone')
    await settled()

    clock.advance(60_000)

    expect(entered.get('alone')?.held).toBe(true)
  })

  test('leaving twice frees one place', async () => {
    const { turns, enter, entered } = newTurns(2)
    for (const name of ['a', 'b', 'c', 'd']) enter(name)
    await settled()

    entered.get('a')?.leave()
    entered.get('a')?.leave()
    await settled()

    expect([turns.inUse, turns.waiting]).toEqual([2, 1])
  })

  test('who gives up while waiting takes no place', async () => {
    const { turns, enter, entered } = newTurns(1)
    const abort = new AbortController()
    enter('a')
    enter('b', abort.signal)
    enter('c')
    await settled()

    abort.abort(new Error('stopped'))
    entered.get('a')?.leave()
    await settled()

    expect([[...entered.keys()], turns.waiting]).toEqual([['a', 'c'], 0])
    await expect(turns.enter(abort.signal)).rejects.toThrow('stopped')
  })

  test('in any order of comings and goings: never more than the places, and everyone gets a turn', async () => {
    const places = fc.integer({ min: 1, max: 3 })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), places, fc.integer({ min: 1, max: 12 }), async (s, count, readers) => {
        const turns = new Turns({ clock: new ManualClock(0), places: count })
        let reading = 0
        let most = 0
        let done = 0
        const read = async (): Promise<void> => {
          const turn = await turns.enter(never)
          reading += 1
          most = Math.max(most, reading)
          await s.schedule(Promise.resolve())
          reading -= 1
          done += 1
          turn.leave()
        }
        const all = Promise.all(
          Array.from({ length: readers }, async (_, i) => {
            await s.schedule(Promise.resolve(), `reader ${i}`)
            await read()
          }),
        )
        await s.waitFor(all)

        expect([most <= count, done, turns.inUse, turns.waiting]).toEqual([true, readers, 0, 0])
      }),
    )
  })
})
