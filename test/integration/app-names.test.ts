import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../support/demo.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'

const { global, short, europe, central, east } = DEMO
const DENIAL = 'example.com 15 SOA ns1.example.com hostmaster.example.com 60 15 1209600 15'

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

/** `kubectl scale`: a write to the scale subresource. */
async function scale(cluster: string, replicas: number): Promise<void> {
  await app.member(cluster).merge(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })
}

describe('the names of the demo (DESIGN 1)', () => {
  const address = (name: string, ip: string) => `${name} 30 A ${ip}`
  const promised = [
    { name: global, answers: ALL.map((ip) => address(global, ip)) },
    { name: europe.region, answers: [address(europe.region, EUROPE)] },
    { name: europe.zone, answers: [address(europe.zone, EUROPE)] },
    { name: central.region, answers: [address(central.region, CENTRAL)] },
    { name: central.zone, answers: [address(central.zone, CENTRAL)] },
    { name: east.region, answers: [address(east.region, EAST)] },
    { name: east.zone, answers: [address(east.zone, EAST)] },
    { name: short, answers: [`${short} 5 CNAME ${global}`, ...ALL.map((ip) => address(global, ip))] },
  ]

  for (const over of ['udp', 'tcp'] as const) {
    it.each(promised)(`$name resolves over ${over}`, async ({ name, answers }) => {
      const reply = await app.dns.resolve(name, 'A', over)

      expect(reply).toMatchObject({
        rcode: 'NOERROR',
        flags: 'qr aa rd',
        question: `${name} A`,
        answers,
        authority: [],
      })
    })
  }

  it('an upper-case question gets the same answer, with its case kept', async () => {
    const reply = await app.dns.resolve(global.toUpperCase())

    expect(reply.question).toBe(`${global.toUpperCase()} A`)
    expect(reply.answers.map((line) => line.toLowerCase())).toEqual(
      ALL.map((ip) => address(global, ip).toLowerCase()),
    )
  })
})

describe('neighbours of these names', () => {
  const denied = [
    { name: `nope.${global}`, rcode: 'NXDOMAIN', why: 'below a name that exists' },
    {
      name: 'apache.mynamespace.myfederation.svc.example.com',
      rcode: 'NXDOMAIN',
      why: 'a service without a record',
    },
    {
      name: 'nginx.mynamespace.myfederation.svc.asia-east1.example.com',
      rcode: 'NXDOMAIN',
      why: 'a region that never was',
    },
    { name: 'mynamespace.myfederation.svc.example.com', rcode: 'NOERROR', why: 'an empty non-terminal' },
    { name: 'svc.example.com', rcode: 'NOERROR', why: 'an empty non-terminal' },
    {
      name: 'myfederation.svc.us-central1-a.us-central1.example.com',
      rcode: 'NOERROR',
      why: 'an empty non-terminal',
    },
    { name: 'us-central1.example.com', rcode: 'NOERROR', why: 'an empty non-terminal' },
    { name: 'example.com', rcode: 'NOERROR', why: 'the zone itself, without addresses' },
  ]

  it.each(denied)('$name is $rcode without answers: $why', async ({ name, rcode }) => {
    expect(await app.dns.resolve(name)).toMatchObject({
      rcode,
      flags: 'qr aa rd',
      answers: [],
      authority: [DENIAL],
    })
  })

  it('a type that a name does not have is NODATA', async () => {
    expect(await app.dns.resolve(global, 'AAAA')).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      authority: [DENIAL],
    })
  })

  it('a short name that is not claimed is denied for 5 s', async () => {
    const reply = await app.dns.resolve('apache.mynamespace.myfederation')

    expect(reply.rcode).toBe('NXDOMAIN')
    expect(reply.authority).toEqual([expect.stringMatching(/^myfederation 5 SOA .* 5$/)])
  })

  it.each(['other.org', 'com', 'example.org', 'wexample.com'])(
    '%s is refused: no zone of ours',
    async (name) => {
      expect(await app.dns.resolve(name)).toMatchObject({ rcode: 'REFUSED', flags: 'qr rd', answers: [] })
    },
  )

  it('the zone has SOA and NS with glue', async () => {
    const soa = await app.dns.resolve('example.com', 'SOA')
    const ns = await app.dns.resolve('example.com', 'NS')

    expect(soa.answers).toEqual([DENIAL])
    expect(ns.answers).toEqual(['example.com 3600 NS ns1.example.com'])
    expect(ns.additional).toEqual(['ns1.example.com 3600 A 127.0.0.1'])
  })
})

describe('a shard without ready endpoints', () => {
  it('its zone and region alias upward and the global name goes on without it, until it is back', async () => {
    const before = (await app.dns.resolve('example.com', 'SOA')).serial ?? 0

    await scale('europe-west1-b', 0)
    await app.untilSays(global, [CENTRAL, EAST])
    const zone = await app.dns.resolve(europe.zone, 'A', 'tcp')

    expect(zone.answers).toEqual([
      `${europe.zone} 30 CNAME ${europe.region}`,
      `${europe.region} 30 CNAME ${global}`,
      `${global} 30 A ${CENTRAL}`,
      `${global} 30 A ${EAST}`,
    ])
    expect(await app.dns.short(europe.region)).toEqual([`-> ${global}`, CENTRAL, EAST])
    expect(await app.dns.short(central.zone)).toEqual([CENTRAL])
    expect(await app.dns.short(short)).toEqual([`-> ${global}`, CENTRAL, EAST])
    expect((await app.dns.resolve('example.com', 'SOA')).serial).toBeGreaterThan(before)

    await scale('europe-west1-b', 2)
    await app.untilSays(global, ALL)

    expect(await app.dns.short(europe.zone)).toEqual([EUROPE])
    expect(await app.dns.short(europe.region)).toEqual([EUROPE])
  })

  it('is never an alias without an end while it goes and comes: names change one by one, targets first', async () => {
    const viaGlobal = [[CENTRAL, EAST], ALL].map((addresses) => [`-> ${global}`, ...addresses])
    const hold = app.hold({
      [europe.zone]: [[EUROPE], ...[[EUROPE], ...viaGlobal].map((rest) => [`-> ${europe.region}`, ...rest])],
      [europe.region]: [[EUROPE], ...viaGlobal],
    })

    for (let turn = 0; turn < 5; turn += 1) {
      await scale('europe-west1-b', 0)
      await app.untilSays(global, [CENTRAL, EAST])
      await scale('europe-west1-b', 1)
      await app.untilSays(global, ALL)
    }

    expect(await hold.end()).toBeGreaterThan(10)
  })

  it('the load balancer that goes takes its address with it', async () => {
    await app.member('us-east1-b').merge(`${PATH.services}/nginx`, { spec: { type: 'ClusterIP' } })
    await app.untilSays(global, [CENTRAL, EUROPE])
    expect(await app.dns.short(east.zone)).toEqual([`-> ${east.region}`, `-> ${global}`, CENTRAL, EUROPE])

    await app.member('us-east1-b').merge(`${PATH.services}/nginx`, { spec: { type: 'LoadBalancer' } })
    await app.until(async () => expect(await app.dns.short(global)).toHaveLength(3))
  })
})
