import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ingressRecord, PATH } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

/** An Ingress in two clusters over one backend Service; its record comes by hand. */
const world = parseWorld({
  clusters: demoClusters(),
  services: [{ namespace: 'mynamespace', name: 'backend', type: 'ClusterIP' }],
  ingresses: [
    {
      namespace: 'mynamespace',
      name: 'shop',
      hosts: ['shop.example.com'],
      service: 'backend',
      clusters: ['us-central1-a', 'europe-west1-b'],
      ipFamilies: ['IPv4', 'IPv6'],
    },
  ],
  records: [],
})
const HOST = 'shop.example.com'
const CENTRAL = { a: '192.0.2.1', aaaa: '2001:db8:1::1' }
const EUROPE = { a: '203.0.113.1', aaaa: '2001:db8:3::1' }

let app: App
beforeAll(async () => {
  app = await startApp({ world })
})
afterAll(() => app.close())

const scale = (cluster: string, replicas: number) =>
  app.member(cluster).merge(`${PATH.deployments}/backend/scale`, { spec: { replicas } })

describe('an IngressDNSRecord', () => {
  it('publishes its hosts with the addresses of the Ingress in all clusters that have it', async () => {
    await app.host.apply(PATH.ingressRecords, ingressRecord('shop', { hosts: [HOST], recordTTL: 20 }))
    await app.untilSays(HOST, [CENTRAL.a, EUROPE.a])

    expect(await app.dns.short(HOST, 'AAAA')).toEqual([CENTRAL.aaaa, EUROPE.aaaa])
    expect((await app.dns.resolve(HOST, 'A', 'tcp')).answers).toEqual([
      `${HOST} 20 A ${CENTRAL.a}`,
      `${HOST} 20 A ${EUROPE.a}`,
    ])
  })

  it('leaves out a cluster whose backend has no endpoint, until it has one again', async () => {
    await scale('europe-west1-b', 0)
    await app.untilSays(HOST, [CENTRAL.a])
    expect(await app.dns.short(HOST, 'AAAA')).toEqual([CENTRAL.aaaa])

    await scale('europe-west1-b', 1)
    await app.untilSays(HOST, [CENTRAL.a, EUROPE.a])
  })

  it('keeps the addresses of all when no backend has an endpoint, and says so', async () => {
    await Promise.all([scale('europe-west1-b', 0), scale('us-central1-a', 0)])

    const record = await app.untilTime(async () => {
      const found = await app.host.get(`${PATH.ingressRecords}/shop`)
      expect(found['status']).toMatchObject({
        healthy: '0/2',
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'Ready', status: 'False', reason: 'LastKnownGood' }),
          expect.objectContaining({ type: 'Degraded', status: 'True', reason: 'LastKnownGood' }),
        ]),
      })
      return found
    })
    expect(await app.dns.short(HOST)).toEqual([CENTRAL.a, EUROPE.a])
    expect(record['status']).toMatchObject({
      addresses: [CENTRAL.a, EUROPE.a, CENTRAL.aaaa, EUROPE.aaaa].sort(),
    })

    await Promise.all([scale('europe-west1-b', 1), scale('us-central1-a', 1)])
    await app.untilTime(async () =>
      expect((await app.host.get(`${PATH.ingressRecords}/shop`))['status']).toMatchObject({ healthy: '2/2' }),
    )
  })

  it('publishes a host at the apex of the zone, beside SOA and NS', async () => {
    await app.host.apply(PATH.ingressRecords, ingressRecord('shop', { hosts: [HOST, 'example.com'] }))
    await app.untilSays('example.com', [CENTRAL.a, EUROPE.a])

    expect((await app.dns.resolve('example.com', 'SOA')).answers).toHaveLength(1)
    expect((await app.dns.resolve('example.com', 'NS')).answers).toEqual([
      'example.com 3600 NS ns1.example.com',
    ])
    await app.until(async () => {
      const { spec } = await app.host.get(`${PATH.endpoints}/ingress-shop`)
      expect(spec).toEqual({
        endpoints: [
          { dnsName: 'example.com', recordTTL: 20, recordType: 'A', targets: [CENTRAL.a, EUROPE.a] },
          {
            dnsName: 'example.com',
            recordTTL: 20,
            recordType: 'AAAA',
            targets: [CENTRAL.aaaa, EUROPE.aaaa],
          },
          { dnsName: HOST, recordTTL: 20, recordType: 'A', targets: [CENTRAL.a, EUROPE.a] },
          { dnsName: HOST, recordTTL: 20, recordType: 'AAAA', targets: [CENTRAL.aaaa, EUROPE.aaaa] },
        ],
      })
    })
  })

  it('withdraws a host that is no longer its own', async () => {
    await app.host.merge(`${PATH.ingressRecords}/shop`, { spec: { hosts: ['other.example.com'] } })
    await app.untilSays('other.example.com', [CENTRAL.a, EUROPE.a])

    expect(await app.dns.short(HOST)).toEqual(['NXDOMAIN'])
    expect(await app.dns.short('example.com')).toEqual(['NODATA'])
    expect((await app.dns.resolve('example.com', 'SOA')).answers).toHaveLength(1)
  })

  it('loses a cluster whose Ingress is deleted', async () => {
    await app
      .member('us-central1-a')
      .remove('/apis/networking.k8s.io/v1/namespaces/mynamespace/ingresses/shop')

    await app.untilSays('other.example.com', [EUROPE.a])
    expect(await app.dns.short('other.example.com', 'AAAA')).toEqual([EUROPE.aaaa])
  })

  it('is gone with its hosts and its DNSEndpoint', async () => {
    await app.host.remove(`${PATH.ingressRecords}/shop`)
    await app.untilSays('other.example.com', ['NXDOMAIN'])

    await app.until(async () => expect(await app.host.find(`${PATH.endpoints}/ingress-shop`)).toBeUndefined())
  })
})
