import { describe, expect, it } from 'vitest'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../../support/demo.ts'
import { FOREIGN } from '../support/dns/nsd.ts'
import { useScene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'
const OTHERS = [CENTRAL, EAST]
const { zone } = DEMO.europe
/** A resumed watch of a restored server stays silent for ever; so long may it take until that is noticed. */
const NOTICED_WITHIN_MS = 90_000

describe('a member restored from an older state', () => {
  const scene = useScene({ apart: [MEMBER] })

  const scale = (replicas: number) =>
    scene.member(MEMBER).api.patch(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

  it('is noticed, and its older objects are the truth again', async () => {
    expect(await scene.settled(zone, [EUROPE])).toEqual([EUROPE])
    const store = scene.fleet.etcdOf(MEMBER)
    const older = await store.snapshot()
    await scale(0)
    expect(await scene.settled(zone, OTHERS)).toEqual(OTHERS)
    const hold = scene.hold({ name: FOREIGN.name, allowed: [OTHERS, ALL, [EUROPE]] })

    await store.restore(older)

    expect(await scene.settled(zone, [EUROPE], NOTICED_WITHIN_MS)).toEqual([EUROPE])
    expect(await hold.end()).toEqual([])
  })

  it('is followed from there', async () => {
    await scale(0)
    expect(await scene.settled(zone, OTHERS)).toEqual(OTHERS)
    await scale(2)
    expect(await scene.settled(zone, [EUROPE])).toEqual([EUROPE])
  })
})
