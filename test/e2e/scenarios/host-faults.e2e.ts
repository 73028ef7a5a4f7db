import { describe, expect, it } from 'vitest'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../../support/demo.ts'
import { quickHealthChecks, readiness } from '../support/conditions.ts'
import { FOREIGN } from '../support/dns/nsd.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'
const OTHERS = [CENTRAL, EAST]
const { zone } = DEMO.europe

describe('without the host', () => {
  const scene = useScene({ prepare: quickHealthChecks })

  const scale = (replicas: number) =>
    scene.member(MEMBER).api.patch(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

  it.each([
    {
      name: 'killed',
      bend: () => scene.host.stop('SIGKILL'),
      mend: () => scene.host.start(),
    },
    {
      name: 'hanging',
      bend: () => Promise.resolve(scene.host.apiServer.pause()),
      mend: () => Promise.resolve(scene.host.apiServer.resume()),
    },
  ])('its API server $name: answers stay, and failover goes on', async ({ bend, mend }) => {
    expect(await scene.settled(zone, [EUROPE])).toEqual([EUROPE])
    const watched = scene.hold({ name: FOREIGN.name, allowed: [[EUROPE], OTHERS, ALL] })

    await bend()
    await scale(0)
    expect(await scene.settled(zone, OTHERS)).toEqual(OTHERS)
    await scale(2)
    expect(await scene.settled(zone, [EUROPE])).toEqual([EUROPE])
    await mend()

    await readiness(scene, MEMBER, true)
    expect(await watched.end()).toEqual([])
    await until(async () => {
      const { body } = await scene.host.api.get(`${PATH.records}/nginx`)
      return JSON.stringify(body['status'] ?? '').includes(EUROPE) ? true : undefined
    })
  })
})
