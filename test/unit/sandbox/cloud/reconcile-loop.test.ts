import { describe, expect, it } from 'vitest'
import { ReconcileLoop } from '../../../../src/sandbox/cloud/reconcile-loop.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function newLoop(reconcile: (key: string) => void) {
  const clock = new ManualClock()
  const warnings: string[] = []
  const logger = {
    ...silentLogger,
    warn: (fields: Readonly<Record<string, unknown>>, message: string) =>
      void warnings.push(`${message}: ${String(fields['key'])}`),
  }
  return { clock, warnings, loop: new ReconcileLoop({ clock, logger, reconcile }) }
}

describe('ReconcileLoop', () => {
  it('runs a key once however often it was marked, first marked first', async () => {
    const ran: string[] = []
    const { loop } = newLoop((key) => ran.push(key))

    for (const key of ['b', 'a', 'b', 'b', 'a']) loop.mark(key)
    await loop.settled()

    expect(ran).toEqual(['b', 'a'])
    expect(loop.idle).toBe(true)
  })

  it('runs a key again that was marked while it ran', async () => {
    const ran: string[] = []
    const { loop } = newLoop((key) => {
      ran.push(key)
      if (ran.length < 3) loop.mark(key)
    })

    loop.mark('a')
    await loop.settled()

    expect(ran).toEqual(['a', 'a', 'a'])
  })

  it('runs keys of a smaller rank first, also those marked on the way', async () => {
    const ran: string[] = []
    const loop: ReconcileLoop = new ReconcileLoop({
      clock: new ManualClock(),
      logger: silentLogger,
      ranks: 3,
      rankOf: (key) => Number(key[0]),
      reconcile: (key) => {
        ran.push(key)
        if (key === '1a') loop.mark('0b')
      },
    })

    for (const key of ['2a', '1a', '1b', '0a']) loop.mark(key)
    await loop.settled()

    expect(ran).toEqual(['0a', '1a', '0b', '1b', '2a'])
  })

  it('lets others have a turn of the event loop in a burst', async () => {
    let ran = 0
    const { loop } = newLoop(() => (ran += 1))
    for (let key = 0; key < 1000; key += 1) loop.mark(`${key}`)

    const seen: number[] = []
    const look = () => {
      seen.push(ran)
      if (ran < 1000) setImmediate(look)
    }
    setImmediate(look)
    await loop.settled()

    expect(seen.some((count) => count > 0 && count < 1000)).toBe(true)
  })

  it('waits for the clock, until the earliest of several times', async () => {
    const ran: string[] = []
    const { loop, clock } = newLoop((key) => ran.push(key))
    loop.markAfter('a', 100)
    loop.markAfter('a', 50)
    loop.markAfter('a', 200)

    clock.advance(49)
    await loop.settled()
    const early = [...ran]
    clock.advance(151)
    await loop.settled()

    expect(early).toEqual([])
    expect(ran).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  it('tries a key again that threw, later each time, and gives up with one warning', async () => {
    let tries = 0
    const { loop, clock, warnings } = newLoop(() => {
      tries += 1
      throw new Error('refused')
    })

    loop.mark('a')
    await loop.settled()
    const atOnce = tries
    clock.advance(99)
    await loop.settled()
    const early = tries
    for (let round = 0; round < 20; round += 1) {
      clock.advance(5000)
      await loop.settled()
    }

    expect([atOnce, early, tries]).toEqual([1, 1, 7])
    expect(warnings).toEqual(['simulated cloud gave up on an object: a'])
  })

  it('one key that throws does not hold up the others', async () => {
    const ran: string[] = []
    const { loop } = newLoop((key) => {
      if (key === 'bad') throw new Error('refused')
      ran.push(key)
    })

    for (const key of ['a', 'bad', 'b']) loop.mark(key)
    await loop.settled()

    expect(ran).toEqual(['a', 'b'])
  })

  it('runs nothing after close, and lets nobody wait', async () => {
    const ran: string[] = []
    const { loop, clock } = newLoop((key) => ran.push(key))
    loop.mark('a')
    loop.markAfter('b', 10)

    loop.close()
    loop.mark('c')
    clock.advance(10)
    await loop.settled()

    expect(ran).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
