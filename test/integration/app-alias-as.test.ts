import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

/** What our own server answers for a region without a fit shard, and what a DNSEndpoint says of it: `aliasAs` (DESIGN 5.5). */

const { global, europe } = DEMO
const DOMAIN = `${PATH.domains}/myfederation`
const RECORD = `${PATH.records}/nginx`
const ENDPOINT = `${PATH.endpoints}/service-nginx`
const world = parseWorld({
  clusters: demoClusters(),
  services: [{ namespace: 'mynamespace', name: 'nginx' }],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})

let app: App
beforeAll(async () => {
  app = await startApp({ world })
  await app.untilSays(global, ALL)
  await outsideIs(own)
})
afterAll(() => app.close())

const scale = (cluster: string, replicas: number) =>
  app.member(cluster).merge(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

/** What the DNSEndpoint says of the region and the zone of europe: `<type> <targets>`. */
async function outside(): Promise<{
  readonly region: string | undefined
  readonly zone: string | undefined
}> {
  const { spec } = (await app.host.get(ENDPOINT)) as unknown as {
    spec: { endpoints: readonly { dnsName: string; recordType: string; targets: readonly string[] }[] }
  }
  const said = (name: string): string | undefined =>
    spec.endpoints
      .filter(({ dnsName }) => dnsName === name)
      .map(({ recordType, targets }) => [recordType, ...targets].join(' '))
      .join(', ') || undefined
  return { region: said(europe.region), zone: said(europe.zone) }
}

function outsideIs(want: Awaited<ReturnType<typeof outside>>): Promise<void> {
  return app.untilTime(async () => expect(await outside()).toEqual(want))
}

const own = { region: `A ${EUROPE}`, zone: `A ${EUROPE}` }
const others = { region: `A ${CENTRAL} ${EAST}`, zone: `A ${CENTRAL} ${EAST}` }
const aliases = { region: `CNAME ${global}`, zone: `CNAME ${europe.region}` }

/** End the controller and start another one; what it finds decided is written down by then. */
async function restart(): Promise<readonly string[]> {
  await app.pass(4)
  const from = app.writes.length
  await app.stopController()
  await app.startController()
  await app.instance.controlPlane.serving
  await app.pass(10)
  return app.writes.slice(from).filter((write) => write.includes('DNSEndpoint'))
}

describe('a region that loses its last fit shard', () => {
  it('is an alias in our own server, and keeps its type outside: the addresses of the others', async () => {
    await scale('europe-west1-b', 0)

    await app.untilSays(europe.zone, [`-> ${europe.region}`, `-> ${global}`, CENTRAL, EAST])
    await outsideIs(others)
    await app.untilTime(async () =>
      expect((await app.host.get(RECORD))['status']).toMatchObject({
        answers: expect.arrayContaining([
          { name: europe.region, type: 'CNAME', targets: [global], instead: [CENTRAL, EAST], carried: true },
          {
            name: europe.zone,
            type: 'CNAME',
            targets: [europe.region],
            instead: [CENTRAL, EAST],
            carried: true,
          },
        ]),
      }),
    )
  })

  it('is the same outside over a restart, without a write', async () => {
    expect(await restart()).toEqual([])
    expect(await outside()).toEqual(others)
  })

  it('follows the others outside', async () => {
    await scale('us-central1-a', 0)
    await outsideIs({ region: `A ${EAST}`, zone: `A ${EAST}` })

    await scale('us-central1-a', 1)
    await outsideIs(others)
    expect(await app.dns.short(europe.zone)).toEqual([`-> ${europe.region}`, `-> ${global}`, CENTRAL, EAST])
  })

  it('is a CNAME where the Domain asks for that, and has its addresses back where it does not, over restarts', async () => {
    await app.host.merge(DOMAIN, { aliasAs: 'CNAME' })
    await outsideIs(aliases)
    expect(await restart()).toEqual([])
    expect(await outside()).toEqual(aliases)

    await app.host.merge(DOMAIN, { aliasAs: null })
    await outsideIs(others)
    expect(await app.dns.short(europe.zone)).toEqual([`-> ${europe.region}`, `-> ${global}`, CENTRAL, EAST])
  })

  it('has its own address again, here and outside', async () => {
    await scale('europe-west1-b', 1)

    await app.untilSays(europe.zone, [EUROPE])
    await outsideIs(own)
    expect(await app.dns.short(europe.region)).toEqual([EUROPE])
  })
})
