import { describe, expect, it, beforeAll } from 'vitest'
import { ALL, DEMO, EUROPE } from '../../support/demo.ts'
import { ask, describeTold } from '../support/dns/ask.ts'
import { startCoreDns } from '../support/dns/coredns.ts'
import { hold } from '../support/dns/hold.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'

describe('pods ask CoreDNS, which forwards to us as documented', () => {
  const scene = useScene({ resolvers: false })
  const told = async (name: string, type: 'A' | 'AAAA' = 'A'): Promise<string> =>
    describeTold(await ask({ server: scene.addresses.coredns, name, type }))

  beforeAll(async () => {
    const { folder, addresses } = scene
    const coredns = await startCoreDns({ folder, address: addresses.coredns, waypost: addresses.waypost })
    scene.own(() => coredns.end())
    await scene.settled(DEMO.global, ALL)
  })

  it.each([
    { name: 'the short name', ask: DEMO.short, want: ['NOERROR', ...ALL] },
    { name: 'the global name', ask: DEMO.global, want: ['NOERROR', ...ALL] },
    { name: "a region's name", ask: DEMO.europe.region, want: ['NOERROR', EUROPE] },
    { name: "a zone's name", ask: DEMO.europe.zone, want: ['NOERROR', EUROPE] },
    { name: 'a name that is not there', ask: 'nope.mynamespace.myfederation', want: ['NXDOMAIN'] },
    { name: 'a name of the domain that is not there', ask: 'nope.example.com', want: ['NXDOMAIN'] },
    {
      name: 'a name along the search path',
      ask: `${DEMO.short}.mynamespace.svc.cluster.local`,
      want: ['NXDOMAIN'],
    },
  ])('$name', async ({ ask: name, want }) => {
    expect(await told(name)).toBe(want.join(' '))
  })

  it('a family that is not there is no data, so that the other one is asked', async () => {
    expect(await told(DEMO.global, 'AAAA')).toBe('NOERROR')
  })

  it('our refusal of its health checks does not mark us down; started again, we are found again', async () => {
    await scene.controller.stop()
    const uncached = `x.${DEMO.global}`
    await until(async () => (['SERVFAIL', 'TIMEOUT'].includes(await told(uncached)) ? true : undefined))

    await scene.controller.start()
    await until(async () => ((await told(uncached)) === 'NXDOMAIN' ? true : undefined))

    const steady = hold({ server: scene.addresses.coredns, name: DEMO.global, allowed: [ALL] })
    await until(() => (steady.asked > 40 ? true : undefined))
    expect(await steady.end()).toEqual([])
  })
})
