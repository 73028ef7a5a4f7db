import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, CENTRAL, DEMO, domain, EAST, EUROPE, PATH, serviceRecord } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

/** The demo, with a second service that nobody has given a record yet. */
const world = parseWorld({
  clusters: demoClusters(),
  services: [
    { namespace: 'mynamespace', name: 'nginx' },
    { namespace: 'mynamespace', name: 'tomcat', clusters: ['us-east1-b'] },
  ],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})
const TOMCAT = '198.51.100.2'
const tomcat = {
  global: 'tomcat.mynamespace.myfederation.svc.example.com',
  zone: 'tomcat.mynamespace.myfederation.svc.us-east1-b.us-east1.example.com',
  elsewhere: 'tomcat.mynamespace.myfederation.svc.europe-west1.example.com',
}

let app: App
beforeAll(async () => {
  app = await startApp({ world })
})
afterAll(() => app.close())

describe('a record that is applied', () => {
  it('answers a moment later, with the TTL of KubeFed', async () => {
    expect(await app.dns.short(tomcat.global)).toEqual(['NXDOMAIN'])

    const answer = await app.host.apply(PATH.records, serviceRecord('tomcat'))
    await app.untilSays(tomcat.global, [TOMCAT])

    expect(answer.status).toBe(201)
    expect((await app.dns.resolve(tomcat.zone)).answers).toEqual([`${tomcat.zone} 180 A ${TOMCAT}`])
    expect(await app.dns.short(tomcat.elsewhere)).toEqual([`-> ${tomcat.global}`, TOMCAT])
  })

  it('answers with another TTL when that is edited', async () => {
    await app.host.apply(PATH.records, serviceRecord('tomcat', { recordTTL: 7 }))

    await app.until(async () =>
      expect((await app.dns.resolve(tomcat.zone)).answers).toEqual([`${tomcat.zone} 7 A ${TOMCAT}`]),
    )
  })

  it('has a prefix name as long as it asks for one', async () => {
    await app.host.merge(`${PATH.records}/tomcat`, { spec: { dnsPrefix: 'www' } })
    await app.untilSays('www.example.com', [`-> ${tomcat.global}`, TOMCAT])

    await app.host.merge(`${PATH.records}/tomcat`, { spec: { dnsPrefix: 'web' } })
    await app.untilSays('web.example.com', [`-> ${tomcat.global}`, TOMCAT])
    expect(await app.dns.short('www.example.com')).toEqual(['NXDOMAIN'])

    await app.host.merge(`${PATH.records}/tomcat`, { spec: { dnsPrefix: null } })
    await app.untilSays('web.example.com', ['NXDOMAIN'])
    expect(await app.dns.short(tomcat.global)).toEqual([TOMCAT])
  })

  it('carries its external name in every name, and its own no more', async () => {
    await app.host.merge(`${PATH.records}/tomcat`, { spec: { externalName: 'shop' } })
    await app.untilSays('shop.mynamespace.myfederation.svc.example.com', [TOMCAT])

    expect(await app.dns.short('shop.mynamespace.myfederation')).toEqual([
      '-> shop.mynamespace.myfederation.svc.example.com',
      TOMCAT,
    ])
    for (const name of Object.values(tomcat)) expect(await app.dns.short(name)).toEqual(['NXDOMAIN'])
    expect(await app.dns.short('tomcat.mynamespace.myfederation')).toEqual(['NXDOMAIN'])
  })

  it('is gone with all its names and its DNSEndpoint when it is deleted, and nothing else is', async () => {
    await app.until(() => app.host.get(`${PATH.endpoints}/service-tomcat`))

    await app.host.remove(`${PATH.records}/tomcat`)
    await app.untilSays('shop.mynamespace.myfederation.svc.example.com', ['NXDOMAIN'])
    await app.until(async () =>
      expect((await app.host.list(PATH.endpoints)).map(({ metadata }) => metadata.name)).toEqual([
        'service-nginx',
      ]),
    )

    expect(await app.dns.short('shop.mynamespace.myfederation')).toEqual(['NXDOMAIN'])
    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
  })

  it('of a Service that no cluster has exists and says nothing; it answers when the Service comes', async () => {
    const name = 'later.mynamespace.myfederation.svc.example.com'
    await app.host.apply(PATH.records, serviceRecord('later', { allowServiceWithoutEndpoints: true }))
    await app.untilSays(name, ['NODATA'])

    await app.member('us-central1-a').create(PATH.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'later', namespace: 'mynamespace' },
      spec: { type: 'LoadBalancer', selector: { app: 'later' }, ports: [{ port: 80 }] },
    })
    await app.untilSays(name, ['192.0.2.2'])

    await app.member('us-central1-a').remove(`${PATH.services}/later`)
    await app.untilSays(name, ['NODATA'])
    await app.host.remove(`${PATH.records}/later`)
    await app.until(async () => expect(await app.dns.short(name)).toEqual(['NXDOMAIN']))
  })
})

describe('a Domain', () => {
  const inOrg = (name: string) => name.replace(/example\.com$/, 'example.org')

  it('that is edited takes all its names to the other zone', async () => {
    await app.host.merge(`${PATH.domains}/myfederation`, { domain: 'example.org' })
    await app.untilSays(inOrg(DEMO.global), ALL)

    expect(await app.dns.short(inOrg(DEMO.europe.zone))).toEqual([EUROPE])
    expect(await app.dns.short(DEMO.short)).toEqual([`-> ${inOrg(DEMO.global)}`, ...ALL])
    expect(await app.dns.short(DEMO.global)).toEqual(['REFUSED'])
    await app.until(async () => {
      const { spec } = await app.host.get(`${PATH.endpoints}/service-nginx`)
      const names = (spec as { endpoints: { dnsName: string }[] }).endpoints.map(({ dnsName }) => dnsName)
      expect(names).toContain(inOrg(DEMO.global))
      expect(names.filter((name) => name.endsWith('example.com'))).toEqual([])
    })
  })

  it('edited back, its names are back', async () => {
    await app.host.merge(`${PATH.domains}/myfederation`, { domain: 'example.com' })
    await app.untilSays(DEMO.global, ALL)

    expect(await app.dns.short(inOrg(DEMO.global))).toEqual(['REFUSED'])
  })

  it('gives the TTL of records that say none, and of denials', async () => {
    await app.host.merge(`${PATH.records}/nginx`, { spec: { recordTTL: null } })
    await app.host.merge(`${PATH.domains}/myfederation`, { defaultTTL: 77, negativeTTL: 3 })

    await app.until(async () => {
      expect((await app.dns.resolve(DEMO.central.zone)).answers).toEqual([
        `${DEMO.central.zone} 77 A ${CENTRAL}`,
      ])
      expect((await app.dns.resolve('nope.example.com')).authority).toEqual([
        'example.com 3 SOA ns1.example.com hostmaster.example.com 60 15 1209600 3',
      ])
    })
  })

  it('names its servers: NS, glue and SOA', async () => {
    await app.host.merge(`${PATH.domains}/myfederation`, {
      nameServers: [
        { name: 'a.example.com', addresses: ['192.0.2.53', '2001:db8::53'] },
        { name: 'b.example.net' },
      ],
    })

    await app.until(async () => {
      const ns = await app.dns.resolve('example.com', 'NS')
      expect(ns.answers).toEqual(['example.com 3600 NS a.example.com', 'example.com 3600 NS b.example.net'])
      expect(ns.additional).toEqual([
        'a.example.com 3600 A 192.0.2.53',
        'a.example.com 3600 AAAA 2001:db8::53',
      ])
    })
    expect((await app.dns.resolve('example.com', 'SOA')).answers).toEqual([
      'example.com 3 SOA a.example.com hostmaster.example.com 60 15 1209600 3',
    ])
    expect(await app.dns.short('ns1.example.com')).toEqual(['NXDOMAIN'])
  })

  it('that is deleted takes its zone along; created again, everything is back', async () => {
    await app.host.remove(`${PATH.domains}/myfederation`)
    await app.untilSays(DEMO.global, ['REFUSED'])
    expect(await app.dns.short(DEMO.short)).toEqual(['REFUSED'])
    await app.until(async () => {
      const { status } = await app.host.get(`${PATH.records}/nginx`)
      expect(status).toMatchObject({
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'Ready', status: 'False', reason: 'DomainNotFound' }),
        ]),
      })
    })

    await app.host.create(PATH.domains, domain('myfederation', 'example.com'))
    await app.untilSays(DEMO.global, ALL)

    expect(await app.dns.short(DEMO.east.zone)).toEqual([EAST])
    expect(await app.dns.short(DEMO.short)).toEqual([`-> ${DEMO.global}`, ...ALL])
  })

  it('beside another one of the same zone shares it, and the zone lives as long as either', async () => {
    const other = 'nginx.mynamespace.second.svc.example.com'
    await app.host.create(PATH.domains, domain('second', 'example.com'))
    await app.host.merge(`${PATH.records}/nginx`, { spec: { domainRef: 'second' } })
    await app.untilSays(other, ALL)
    expect(await app.dns.short(DEMO.global)).toEqual(['NXDOMAIN'])

    await app.host.remove(`${PATH.domains}/myfederation`)
    await app.untilSays(DEMO.short, ['REFUSED'])

    expect(await app.dns.short(other)).toEqual(ALL)
    expect((await app.dns.resolve('example.com', 'SOA')).answers).toHaveLength(1)
  })
})
