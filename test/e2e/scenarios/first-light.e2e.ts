import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../../support/demo.ts'
import { findComponent } from '../setup/components.ts'
import { FOREIGN } from '../support/dns/nsd.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'

describe('the demo world on real clusters', () => {
  const scene = useScene()

  const scale = (replicas: number) =>
    scene.member(MEMBER).api.patch(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

  it('answers every name', async () => {
    expect(await scene.settled(DEMO.global, ALL)).toEqual(ALL)
    expect(await scene.settled(DEMO.europe.region, [EUROPE])).toEqual([EUROPE])
    expect(await scene.settled(DEMO.central.zone, [CENTRAL])).toEqual([CENTRAL])
    expect(await scene.settled(DEMO.short, ALL)).toEqual(ALL)
  })

  it('answers a client that comes from a foreign alias through a strict resolver', async () => {
    const hold = scene.hold({ name: FOREIGN.name, allowed: [[EUROPE]] })
    await until(() => (hold.asked > 10 ? true : undefined))

    expect(await hold.end()).toEqual([])
  })

  it('has columns that kubectl prints', () => {
    const kubectl = (...args: string[]): string =>
      execFileSync(findComponent('kubectl'), ['--kubeconfig', scene.host.kubeconfigPath, ...args], {
        encoding: 'utf8',
        timeout: 30_000,
      })

    const records = kubectl('get', 'servicednsrecords', '-A')
    const clusters = kubectl('get', 'kubefedclusters', '-A')

    expect(records).toMatch(/^NAMESPACE +NAME +DOMAIN +.*$/m)
    expect(records).toMatch(/^mynamespace +nginx +myfederation /m)
    expect(clusters.match(/ True /g)).toHaveLength(3)
  })

  it('a shard that loses its endpoints is aliased to the wider name, and comes back', async () => {
    const hold = scene.hold({ name: FOREIGN.name, allowed: [[EUROPE], [CENTRAL, EAST], ALL] })

    await scale(0)
    expect(await scene.settled(DEMO.europe.zone, [CENTRAL, EAST])).toEqual([CENTRAL, EAST])
    await scale(2)
    expect(await scene.settled(DEMO.europe.zone, [EUROPE])).toEqual([EUROPE])

    expect(await hold.end()).toEqual([])
  })
})
