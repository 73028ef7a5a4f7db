import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tryAddress } from '../../src/dns/address.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, CENTRAL, EAST, EUROPE, PATH } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

const service = (name: string, fields: object = {}) => ({ namespace: 'mynamespace', name, ...fields })
/** One service of each family of load balancers; the names are in the order in which addresses are given. */
const world = parseWorld({
  clusters: demoClusters(),
  services: [
    service('dual', { ipFamilies: ['IPv4', 'IPv6'] }),
    service('hosted', { loadBalancer: 'hostname', ipFamilies: ['IPv4', 'IPv6'] }),
    service('six', { ipFamilies: ['IPv6'], clusters: ['us-east1-b', 'europe-west1-b'] }),
  ],
})
const nameOf = (name: string, place = '') => `${name}.mynamespace.myfederation.svc.${place}example.com`
const CENTRAL6 = '2001:db8:1::1'
const EAST6 = '2001:db8:2::1'
const EUROPE6 = '2001:db8:3::1'

let app: App
beforeAll(async () => {
  app = await startApp({ world })
})
afterAll(() => app.close())

describe('a dual-stack service', () => {
  it('gives A for IPv4 and AAAA for IPv6, in every scope', async () => {
    expect(await app.dns.short(nameOf('dual'))).toEqual(ALL)
    expect(await app.dns.short(nameOf('dual'), 'AAAA')).toEqual([CENTRAL6, EAST6, EUROPE6])
    expect(await app.dns.short(nameOf('dual', 'us-east1-b.us-east1.'))).toEqual([EAST])
    expect(await app.dns.short(nameOf('dual', 'us-east1-b.us-east1.'), 'AAAA')).toEqual([EAST6])
    expect((await app.dns.resolve(nameOf('dual', 'us-east1.'), 'AAAA', 'tcp')).answers).toEqual([
      `${nameOf('dual', 'us-east1.')} 180 AAAA ${EAST6}`,
    ])
  })

  it('aliases upward per name, never per family: both families follow', async () => {
    const zone = nameOf('dual', 'us-east1-b.us-east1.')
    const up = [`-> ${nameOf('dual', 'us-east1.')}`, `-> ${nameOf('dual')}`]
    const scale = (replicas: number) =>
      app.member('us-east1-b').merge(`${PATH.deployments}/dual/scale`, { spec: { replicas } })

    await scale(0)
    await app.untilSays(zone, [...up, CENTRAL, EUROPE])
    expect(await app.dns.short(zone, 'AAAA')).toEqual([...up, CENTRAL6, EUROPE6])

    await scale(1)
    await app.untilSays(zone, [EAST])
    expect(await app.dns.short(zone, 'AAAA')).toEqual([EAST6])
  })

  it('has one endpoint for each family in its DNSEndpoint', async () => {
    const { spec } = await app.until(() => app.host.get(`${PATH.endpoints}/service-dual`))

    expect(spec).toMatchObject({
      endpoints: expect.arrayContaining([
        { dnsName: nameOf('dual'), recordTTL: 180, recordType: 'A', targets: ALL },
        { dnsName: nameOf('dual'), recordTTL: 180, recordType: 'AAAA', targets: [CENTRAL6, EAST6, EUROPE6] },
      ]),
    })
  })
})

describe('a service with addresses of one family', () => {
  it('is NODATA for the other, with its own addresses in place', async () => {
    const [first, second] = ['2001:db8:2::3', '2001:db8:3::3']

    expect(await app.dns.short(nameOf('six'), 'AAAA')).toEqual([first, second])
    expect(await app.dns.short(nameOf('six'), 'A')).toEqual(['NODATA'])
    expect(await app.dns.short(nameOf('six', 'us-east1-b.us-east1.'), 'A')).toEqual(['NODATA'])
  })

  it('is NODATA behind its aliases, too', async () => {
    const chain = [`-> ${nameOf('six', 'us-central1.')}`, `-> ${nameOf('six')}`]

    expect(await app.dns.short(nameOf('six', 'us-central1-a.us-central1.'), 'A')).toEqual(chain)
  })
})

describe('a load balancer with a host name', () => {
  it('is published by the addresses behind it, in both families', async () => {
    const shown = await app.member('us-central1-a').get(`${PATH.services}/hosted`)
    expect(shown['status']).toEqual({
      loadBalancer: {
        ingress: [expect.objectContaining({ hostname: 'hosted.mynamespace.us-central1-a.lb.example.net' })],
      },
    })

    await app.untilSays(nameOf('hosted', 'us-central1-a.us-central1.'), ['192.0.2.2'])
    expect(await app.dns.short(nameOf('hosted'))).toEqual(['192.0.2.2', '198.51.100.2', '203.0.113.2'])
    expect(await app.dns.short(nameOf('hosted'), 'AAAA')).toEqual([
      '2001:db8:1::2',
      '2001:db8:2::2',
      '2001:db8:3::2',
    ])
  })

  it('is followed when its addresses change', async () => {
    app.sandbox.balancers.put({
      ...[...app.sandbox.balancers.all()].find(
        ({ name, cluster }) => name === 'hosted' && cluster === 'us-east1-b',
      )!,
      addresses: [tryAddress('198.51.100.77')!], // it is one
    })

    await app.pass(31)
    await app.untilSays(nameOf('hosted', 'us-east1-b.us-east1.'), ['198.51.100.77'])

    expect(await app.dns.short(nameOf('hosted', 'us-east1-b.us-east1.'), 'AAAA')).toEqual(['NODATA'])
    expect(await app.dns.short(nameOf('hosted'))).toEqual(['192.0.2.2', '198.51.100.77', '203.0.113.2'])
  })

  it('is told in the status by its host name, and by the addresses that this stands for', async () => {
    await app.untilTime(async () => {
      const { status } = await app.host.get(`${PATH.records}/hosted`)
      const { dns } = status as { dns: readonly { cluster: string; loadBalancer: unknown }[] }
      expect(dns.find(({ cluster }) => cluster === 'us-central1-a')?.loadBalancer).toEqual({
        ingress: [
          { ip: '192.0.2.2' },
          { ip: '2001:db8:1::2' },
          { hostname: 'hosted.mynamespace.us-central1-a.lb.example.net' },
        ],
      })
    })
  })
})
