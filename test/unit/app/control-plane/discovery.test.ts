import { describe, expect, it } from 'vitest'
import { objectKey, ownerKey } from '../../../../src/api/keys.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { at, ingress, ips, NAMESPACE, service, serviceOfHosts } from '../../controllers/fakes.ts'
import { turns, WiredDiscovery } from './wired-discovery.ts'

const web = objectKey('shop', 'web')
const other = objectKey('shop', 'other')
const elsewhere = objectKey('shop', 'elsewhere')
const edge = objectKey('shop', 'edge')
const webOwner = ownerKey('ServiceDNSRecord', web)
const otherOwner = ownerKey('ServiceDNSRecord', other)
const edgeOwner = ownerKey('IngressDNSRecord', edge)
const global = 'web.shop.fed.svc.example.com'
const lb = parseDomainName('lb.example.net')

/** Two members; records web and other in a Domain, edge in front of web; all decided. */
async function setUp(): Promise<WiredDiscovery> {
  const wired = new WiredDiscovery()
  wired.domain('fed', { domain: 'example.com' })
  for (const index of [0, 1]) {
    wired.member(index)
    wired.service(web, index, service(`192.0.2.${index + 1}`))
    wired.slice(web, index, 1)
    wired.ingress(edge, index, ingress(['web'], `198.51.100.${index + 1}`))
  }
  wired.serviceRecord(web)
  wired.serviceRecord(other)
  wired.ingressRecord(edge, ['www.example.com'])
  wired.discovery.start()
  await turns()
  wired.federations.splice(0)
  return wired
}

describe('the start', () => {
  it('decides nothing before, and then each record once', async () => {
    const wired = new WiredDiscovery()
    wired.domain('fed', { domain: 'example.com' })
    wired.member(0)
    wired.service(web, 0, service('192.0.2.1'))
    wired.slice(web, 0, 1)
    wired.serviceRecord(web)
    wired.ingressRecord(edge, ['www.example.com'])
    await turns()
    expect([wired.decided, wired.discovery.idle]).toEqual([[], false])

    wired.discovery.start()
    await turns()

    expect([...wired.decided].sort()).toEqual([edgeOwner, webOwner].sort())
    expect([wired.discovery.idle, wired.says(global)]).toEqual([true, '192.0.2.1'])
  })
})

describe('the start with objects that can no longer be used', () => {
  const domainInForce = { domain: 'example.com', defaultTTL: 60, negativeTTL: 15, nameServers: [] } as const
  const inForce = {
    ...{ domainRef: 'fed', dnsPrefix: 'go' },
    ...{ allowServiceWithoutEndpoints: false, whenAllUnhealthy: 'LastKnownGood' },
  } as const

  it('publishes what their status says they were in force with: a Domain, a record, both', async () => {
    const wired = new WiredDiscovery()
    const { domains, serviceRecords } = wired.host
    wired.reject(domains as never, objectKey(NAMESPACE, 'fed'), 'aliasAs: "X"', { inForce: domainInForce })
    wired.reject(serviceRecords as never, web, 'spec: is missing', { inForce })
    wired.serviceRecord(other)
    wired.member(0)
    for (const key of [web, other]) {
      wired.service(key, 0, service('192.0.2.1'))
      wired.slice(key, 0, 1)
    }

    wired.discovery.start()
    await turns()

    expect([...new Set(wired.federations)]).toEqual(['fed example.com.'])
    expect([wired.says(global), wired.says('other.shop.fed.svc.example.com')]).toEqual([
      '192.0.2.1',
      '192.0.2.1',
    ])
    expect(wired.says('go.example.com')).toBe(`alias ${global}.`)
    expect(wired.discovery.services.get(web)).toMatchObject({ complaint: { reason: 'Invalid' } })
    wired.service(web, 0, service('192.0.2.9'))
    await turns()
    expect(wired.says(global)).toBe('192.0.2.9')
  })
})

interface EventRow {
  readonly name: string
  readonly in: (wired: WiredDiscovery) => void
  readonly want: readonly string[]
}

describe('an event marks whom it concerns', () => {
  const rows: readonly EventRow[] = [
    {
      name: 'an address: the record, and those that have it as a backend',
      in: (w) => w.service(web, 0, service('192.0.2.9')),
      want: [edgeOwner, webOwner],
    },
    { name: 'endpoints: the same', in: (w) => w.slice(web, 0, 0), want: [edgeOwner, webOwner] },
    { name: 'a slice that changes no sum: nobody', in: (w) => w.slice(web, 0, 1), want: [] },
    {
      name: 'a Service without record: nobody',
      in: (w) => w.service(objectKey('shop', 'lonely'), 0, service('192.0.2.9')),
      want: [],
    },
    {
      name: 'an Ingress: its record',
      in: (w) => w.ingress(edge, 0, ingress(['web'], '198.51.100.9')),
      want: [edgeOwner],
    },
    {
      name: 'an Ingress without record: nobody',
      in: (w) => w.ingress(web, 0, ingress([], '198.51.100.9')),
      want: [],
    },
    { name: 'a record: itself', in: (w) => w.serviceRecord(other, { recordTTL: 30 }), want: [otherOwner] },
    {
      name: 'a status of ours that comes back, the spec as it was: nobody',
      in: (w) => w.serviceRecord(web, {}, { metadata: { generation: 1 } }),
      want: [],
    },
    {
      name: 'another record of the same name, no status between them: itself',
      in: (w) => w.serviceRecord(web, {}, { metadata: { generation: 1, uid: 'another' } }),
      want: [webOwner],
    },
    {
      name: 'a record that goes: itself',
      in: (w) => w.removeFrom(w.host.serviceRecords, other),
      want: [otherOwner],
    },
    {
      name: 'an Ingress record: itself',
      in: (w) => w.ingressRecord(edge, ['shop.example.com']),
      want: [edgeOwner],
    },
    {
      name: 'a session that turned: all records',
      in: (w) => w.discovery.sessionTurned(at(0)),
      want: [edgeOwner, otherOwner, webOwner],
    },
    {
      name: 'a Domain of other settings: all records',
      in: (w) => w.domain('fed', { domain: 'example.com', defaultTTL: 7 }),
      want: [edgeOwner, otherOwner, webOwner],
    },
    {
      name: 'a Domain that says the same: nobody',
      in: (w) => w.domain('fed', { domain: 'example.com' }),
      want: [],
    },
    {
      name: 'a member that comes: all records',
      in: (w) => w.member(2),
      want: [edgeOwner, otherOwner, webOwner],
    },
    {
      name: 'a member that leaves: all records',
      in: (w) => w.leave('c1'),
      want: [edgeOwner, otherOwner, webOwner],
    },
  ]
  for (const row of rows) {
    it(row.name, async () => {
      const wired = await setUp()

      expect(await wired.decidedBy(() => row.in(wired))).toEqual([...row.want].sort())
      expect([wired.discovery.idle, wired.failures]).toEqual([true, []])
    })
  }

  it('a Domain of another federation: Ingress records, whose TTL it may set, and those that ask for it', async () => {
    const wired = await setUp()
    wired.serviceRecord(other, { domainRef: 'late' })

    const decided = await wired.decidedBy(() => wired.domain('late', { domain: 'example.org' }))

    expect(decided).toEqual([edgeOwner, otherOwner].sort())
    expect(wired.federations).toEqual(['late example.org.'])
  })

  it("static data of a record's Domain: no record, it is published by itself", async () => {
    const wired = await setUp()

    const decided = await wired.decidedBy(() =>
      wired.domain('fed', { domain: 'example.com', zoneFile: 'www A 192.0.2.1' }),
    )

    expect([decided, wired.federations]).toEqual([[], ['fed example.com.']])
  })
})

describe('what is published follows', () => {
  it('the backends of an Ingress as they are now', async () => {
    const wired = await setUp()
    wired.service(other, 0, service())
    wired.ingress(edge, 0, ingress(['other'], '198.51.100.1'))
    wired.ingress(edge, 1, ingress(['other'], '198.51.100.2'))
    await turns()

    expect(await wired.decidedBy(() => wired.slice(web, 0, 0))).toEqual([webOwner])
    expect(await wired.decidedBy(() => wired.slice(other, 0, 1))).toEqual([edgeOwner, otherOwner].sort())
  })

  it('host names as they are looked up: only the shard that has them is decided again', async () => {
    const wired = await setUp()
    wired.lookups.set(lb, { addresses: ips('203.0.113.5'), ttlSeconds: 60 })
    wired.service(web, 1, serviceOfHosts(lb))
    await turns()
    expect([wired.asked, wired.says(global)]).toEqual([[lb], '192.0.2.1 203.0.113.5'])
    wired.lookups.set(lb, { addresses: ips('203.0.113.6'), ttlSeconds: 60 })

    const decided = await wired.decidedBy(() => wired.clock.advance(60_000))

    expect([decided, wired.says(global)]).toEqual([[webOwner], '192.0.2.1 203.0.113.6'])
  })

  it('a member that leaves and comes back under its index', async () => {
    const wired = await setUp()
    wired.leave('c1')
    await turns()
    expect(wired.says(global)).toBe('192.0.2.1')

    wired.member(1)
    wired.service(web, 1, service('192.0.2.2'))
    wired.slice(web, 1, 1)
    await turns()

    expect(wired.says(global)).toBe('192.0.2.1 192.0.2.2')
  })

  it('a cluster that is lost stays, one that is seen empty goes', async () => {
    const wired = await setUp()
    wired.sessions.lost.set(1, 0)
    wired.discovery.sessionTurned(at(1))
    wired.service(web, 1, undefined)
    await turns()
    expect(wired.says(global)).toBe('192.0.2.1 192.0.2.2')

    wired.sessions.lost.delete(1)
    wired.discovery.sessionTurned(at(1))
    await turns()

    expect(wired.says(global)).toBe('192.0.2.1')
  })
})

describe('a Domain', () => {
  it('that cannot be used stays in force; its records go on', async () => {
    const wired = await setUp()
    const key = objectKey(NAMESPACE, 'fed')

    expect(
      await wired.decidedBy(() =>
        wired.reject(wired.host.domains as never, key, 'domain: "!" is not a DNS name'),
      ),
    ).toEqual([])
    wired.service(web, 0, service('192.0.2.9'))
    await turns()

    expect(wired.says(global)).toBe('192.0.2.2 192.0.2.9')
  })

  it('that says another aliasAs: each of its records is decided once, and says it; what Ingress records say stays', async () => {
    const wired = await setUp()
    wired.serviceRecord(elsewhere, { domainRef: 'far' })
    wired.domain('far', { domain: 'far.example' })
    wired.service(web, 0, undefined)
    wired.ingress(edge, 0, undefined)
    await turns()
    const r0 = 'web.shop.fed.svc.r0.example.com'
    expect([wired.says(r0), wired.says('www.example.com')]).toEqual([
      `alias ${global}. [192.0.2.2]`,
      '198.51.100.2',
    ])
    wired.decided.splice(0)

    wired.domain('fed', { domain: 'example.com', aliasAs: 'CNAME' })
    await turns()

    expect(wired.decided.filter((owner) => owner !== edgeOwner).sort()).toEqual([otherOwner, webOwner].sort())
    expect([wired.says(r0), wired.says('www.example.com')]).toEqual([`alias ${global}.`, '198.51.100.2'])
  })

  it("in another namespace is nobody's", async () => {
    const wired = await setUp()

    expect(await wired.decidedBy(() => wired.domain('fed', { domain: 'example.org' }, 'elsewhere'))).toEqual(
      [],
    )
    expect(wired.federations).toEqual([])
  })

  it('that goes takes its names along, and records say why', async () => {
    const wired = await setUp()

    wired.removeFrom(wired.host.domains, objectKey(NAMESPACE, 'fed'))
    await turns()

    expect(wired.says(global)).toBe('withdrawn')
    expect(wired.discovery.services.get(web)).toMatchObject({ complaint: { reason: 'DomainNotFound' } })
    expect(wired.federations.at(-1)).toBe('fed ends')
  })
})

describe('the end', () => {
  it('listens to nothing more, and looks nothing up', async () => {
    const wired = await setUp()
    wired.service(web, 1, serviceOfHosts(lb))
    await turns()
    const asked = wired.asked.length

    wired.discovery.stop()

    expect(await wired.decidedBy(() => wired.service(web, 0, service('192.0.2.9')))).toEqual([])
    wired.clock.advance(600_000)
    expect([wired.asked.length, wired.clock.pending]).toEqual([asked, 0])
  })
})
