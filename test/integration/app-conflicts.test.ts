import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ingressRecord, PATH, serviceRecord } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

const service = (name: string, cluster: string) => ({ namespace: 'mynamespace', name, clusters: [cluster] })
const world = parseWorld({
  clusters: demoClusters(),
  services: [
    service('apache', 'us-central1-a'),
    service('nginx', 'us-east1-b'),
    service('tomcat', 'europe-west1-b'),
  ],
  ingresses: [{ ...service('shop', 'us-central1-a'), hosts: ['www.example.com'], service: 'apache' }],
  records: [],
})
const APACHE = '192.0.2.1'
const NGINX = '198.51.100.1'
const globalOf = (name: string) => `${name}.mynamespace.myfederation.svc.example.com`

let app: App
beforeAll(async () => {
  app = await startApp({ world })
})
afterAll(() => app.close())

type Condition = Readonly<Record<'type' | 'status' | 'reason' | 'message', string>>

async function conditionOf(path: string, type: string): Promise<Condition | undefined> {
  const { conditions = [] } = ((await app.host.get(path))['status'] ?? {}) as {
    conditions?: readonly Condition[]
  }
  return conditions.find((condition) => condition.type === type)
}

async function warningsAbout(name: string): Promise<readonly string[]> {
  const events = (await app.host.list(PATH.events)) as readonly (KubeObject & {
    readonly involvedObject: { readonly name: string }
    readonly type: string
    readonly reason: string
    readonly message: string
  })[]
  return events
    .filter((event) => event.involvedObject.name === name && event.type === 'Warning')
    .map(({ reason, message }) => `${reason}: ${message}`)
}

function endpointNames(record: string): Promise<readonly string[]> {
  return app.host
    .get(`${PATH.endpoints}/${record}`)
    .then(({ spec }) =>
      (spec as { endpoints: { dnsName: string }[] }).endpoints.map(({ dnsName }) => dnsName),
    )
}

describe('two records that claim one name', () => {
  it('the first keeps it; the second says who has it, and publishes all else', async () => {
    await app.host.create(PATH.records, serviceRecord('nginx', { dnsPrefix: 'www' }))
    await app.untilSays('www.example.com', [`-> ${globalOf('nginx')}`, NGINX])
    const hold = app.hold({ 'www.example.com': [[`-> ${globalOf('nginx')}`, NGINX]] })

    await app.host.create(PATH.records, serviceRecord('apache', { dnsPrefix: 'www' }))
    await app.untilSays(globalOf('apache'), [APACHE])
    await app.untilTime(async () => {
      expect(await conditionOf(`${PATH.records}/apache`, 'Conflict')).toMatchObject({
        status: 'True',
        reason: 'NameTaken',
        message: expect.stringContaining('www.example.com belongs to ServiceDNSRecord/mynamespace/nginx'),
      })
      expect(await conditionOf(`${PATH.records}/nginx`, 'Conflict')).toMatchObject({ status: 'False' })
      expect(await warningsAbout('apache')).toEqual([
        expect.stringMatching(
          /^NameTaken: www\.example\.com belongs to ServiceDNSRecord\/mynamespace\/nginx/,
        ),
      ])
      expect(await endpointNames('service-nginx')).toContain('www.example.com')
      expect(await endpointNames('service-apache')).not.toContain('www.example.com')
    })

    expect(await hold.end()).toBeGreaterThan(0)
  })

  it('an Ingress host waits behind them', async () => {
    await app.host.create(PATH.ingressRecords, ingressRecord('shop', { hosts: ['www.example.com'] }))

    await app.untilTime(async () => {
      expect(await conditionOf(`${PATH.ingressRecords}/shop`, 'Ready')).toMatchObject({
        status: 'False',
        reason: 'Conflict',
      })
      expect(await conditionOf(`${PATH.ingressRecords}/shop`, 'Conflict')).toMatchObject({
        status: 'True',
        message: expect.stringContaining('ServiceDNSRecord/mynamespace/nginx'),
      })
    })
    expect(await app.dns.short('www.example.com')).toEqual([`-> ${globalOf('nginx')}`, NGINX])
  })

  it('the next in line takes it over when the winner goes, and says so no more', async () => {
    const hold = app.hold({
      'www.example.com': [
        [`-> ${globalOf('nginx')}`, NGINX],
        [`-> ${globalOf('apache')}`, APACHE],
      ],
    })

    await app.host.remove(`${PATH.records}/nginx`)
    await app.untilSays('www.example.com', [`-> ${globalOf('apache')}`, APACHE])
    expect(await hold.end()).toBeGreaterThan(0)
    await app.untilTime(async () => {
      expect(await conditionOf(`${PATH.records}/apache`, 'Conflict')).toMatchObject({
        status: 'False',
        reason: 'NoConflict',
      })
      expect(await endpointNames('service-apache')).toContain('www.example.com')
      expect(await conditionOf(`${PATH.ingressRecords}/shop`, 'Conflict')).toMatchObject({
        message: expect.stringContaining('ServiceDNSRecord/mynamespace/apache'),
      })
    })
  })

  it('and the next, by an edit as well', async () => {
    await app.host.merge(`${PATH.records}/apache`, { spec: { dnsPrefix: null } })
    await app.untilSays('www.example.com', ['192.0.2.2'])

    await app.untilTime(async () =>
      expect(await conditionOf(`${PATH.ingressRecords}/shop`, 'Ready')).toMatchObject({ status: 'True' }),
    )
    expect(await endpointNames('ingress-shop')).toEqual(['www.example.com'])
  })

  it('a canonical name is its own record’s, whoever had it before', async () => {
    await app.host.create(PATH.records, serviceRecord('tomcat', { externalName: 'nginx' }))
    await app.untilSays(globalOf('nginx'), ['203.0.113.1'])

    await app.host.create(PATH.records, serviceRecord('nginx'))
    await app.untilSays(globalOf('nginx'), [NGINX])

    await app.untilTime(async () =>
      expect(await conditionOf(`${PATH.records}/tomcat`, 'Conflict')).toMatchObject({
        status: 'True',
        message: expect.stringContaining('ServiceDNSRecord/mynamespace/nginx'),
      }),
    )
  })
})
