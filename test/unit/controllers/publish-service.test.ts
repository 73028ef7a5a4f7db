import { describe, expect, it } from 'vitest'
import type { Domain, DomainStatus } from '../../../src/api/domain.ts'
import type { ServiceDNSStatus } from '../../../src/api/dns-status.ts'
import type { EndpointFacts, ServiceFacts } from '../../../src/api/facts.ts'
import { objectKey, ownerKey, type ClusterIndex } from '../../../src/api/keys.ts'
import type { ServiceDNSRecord, ServiceDNSRecordSpec } from '../../../src/api/service-dns-record.ts'
import { createFederations, type Place } from '../../../src/controllers/federations.ts'
import {
  publishService,
  type PublishServiceDeps,
  type ServiceState,
} from '../../../src/controllers/publish-service.ts'
import { createResolvedHosts } from '../../../src/controllers/resolved-hosts.ts'
import { toldBy } from '../../../src/controllers/restore.ts'
import { createLedger } from '../../../src/core/discovery/ledger.ts'
import { emptyMemory, restoreServiceMemory } from '../../../src/core/discovery/memory.ts'
import { parseDomainName, type DomainName } from '../../../src/dns/names.ts'
import type { HostAddresses } from '../../../src/resolver/host-addresses.ts'
import type { Dirty } from '../../../src/runtime/dirty.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { wordsOf } from '../writers/embedded/recording-zones.ts'
import {
  at,
  endpoints,
  FakeFacts,
  FakeObjects,
  FakeReports,
  FakeSessions,
  here,
  NAMESPACE,
  service,
  serviceOfHosts,
  targets,
} from './fakes.ts'

const key = objectKey('shop', 'web')
const owner = ownerKey('ServiceDNSRecord', key)
const name = parseDomainName
const global = name('web.shop.fed.svc.example.com')
const short = name('web.shop.fed')
const east = name('web.shop.fed.svc.z0.r0.example.com')

/** Two members, each in a region and a zone of its own, both with a fit Service. */
function setUp() {
  const clock = new ManualClock()
  const domains = new FakeObjects<Domain, DomainStatus>()
  const world = { places: [place(0), place(1)] as readonly Place[] }
  const federations = createFederations({
    namespace: NAMESPACE,
    domains,
    places: () => world.places,
    changed: () => {},
  })
  const addresses = new Map<DomainName, HostAddresses>()
  const retained = new Map<string, readonly DomainName[]>()
  const hosts = createResolvedHosts({
    retain: (user, of) => (of.length === 0 ? retained.delete(user) : retained.set(user, of)),
    addressesOf: (host) => addresses.get(host),
  })
  const records = new FakeObjects<ServiceDNSRecord, ServiceDNSStatus>()
  const services = new FakeFacts<ServiceFacts>()
  const slices = new FakeFacts<EndpointFacts>()
  const sessions = new FakeSessions()
  const ledger = createLedger()
  const reports = new FakeReports()
  const states = new Map<typeof key, ServiceState>()
  const clusters = new Map<string, ClusterIndex>([
    ['c0', at(0)],
    ['c1', at(1)],
  ])
  const deps: PublishServiceDeps = {
    ...{ records, federations, services, endpoints: slices, sessions, hosts, ledger, reports, clock, states },
    restore: (status, topology) =>
      restoreServiceMemory(
        emptyMemory(topology),
        toldBy(status, (cluster) => clusters.get(cluster)),
      ),
  }
  const run = (dirty: Dirty<ClusterIndex> = 'all') => publishService(key, dirty, deps)
  const names = (): Record<string, string> =>
    Object.fromEntries(
      [...ledger.names()].sort().map((each) => [each, wordsOf(ledger.get(each)?.answer)] as const),
    )
  const put = (
    spec: Partial<ServiceDNSRecordSpec> = {},
    rest: { readonly status?: ServiceDNSStatus } = {},
  ): void => {
    const metadata = { name: 'web', creationTimestamp: '2026-01-01T00:00:00Z' }
    records.put(key, { metadata, spec: { domainRef: 'fed', ...spec } }, { ...rest, metadata })
  }
  const domain = (asked: Omit<Domain, 'metadata'> = { domain: 'example.com' }): void => {
    domains.put(here('fed'), { metadata: { name: 'fed' }, ...asked })
    federations.refresh(here('fed'))
  }
  const move = (...places: readonly Place[]): void => {
    world.places = places
    federations.refresh('all')
  }
  const state = () => states.get(key)
  put()
  domain()
  services.set(key, 0, service('192.0.2.1'))
  services.set(key, 1, service('192.0.2.2'))
  slices.set(key, 0, endpoints(1))
  slices.set(key, 1, endpoints(1))
  return {
    ...{ clock, domains, federations, addresses, retained, records, services, slices, sessions },
    ...{ ledger, reports, states, run, names, put, domain, move, state },
  }
}

function place(index: number): Place {
  return { index: at(index), region: `r${index}`, zones: [`z${index}`] }
}

describe('a record and its shards', () => {
  it('become names in the ledger, and its status is to be looked at', () => {
    const { run, names, reports } = setUp()

    expect(run()).toEqual({ againAtMs: undefined })

    expect(names()).toEqual({
      'web.shop.fed.': `alias ${global}`,
      'web.shop.fed.svc.example.com.': '192.0.2.1 192.0.2.2',
      'web.shop.fed.svc.r0.example.com.': '192.0.2.1',
      'web.shop.fed.svc.r1.example.com.': '192.0.2.2',
      'web.shop.fed.svc.z0.r0.example.com.': '192.0.2.1',
      'web.shop.fed.svc.z1.r1.example.com.': '192.0.2.2',
    })
    expect(reports.marked).toEqual([owner])
  })

  const ttls = [
    { name: "the record's own TTL", record: 30, domain: 60, want: 30 },
    { name: "else the Domain's default", record: 0, domain: 60, want: 60 },
    { name: 'else 180', record: 0, domain: 0, want: 180 },
  ]
  for (const row of ttls) {
    it(`are published with ${row.name}`, () => {
      const { run, put, domain, ledger } = setUp()
      domain({ domain: 'example.com', defaultTTL: row.domain })
      put({ recordTTL: row.record })

      run()

      expect(ledger.get(global)?.answer).toMatchObject({ ttlSeconds: row.want })
    })
  }

  it('that is missing, or has no endpoint, takes its zone and region along upward', () => {
    const { run, names, services, slices } = setUp()
    services.set(key, 0, undefined)
    slices.set(key, 1, undefined)
    run()

    expect(names()).toMatchObject({ [east]: 'alias web.shop.fed.svc.r0.example.com.', [global]: 'nothing' })
  })

  it('is gone: its names are withdrawn, its state forgotten, its status looked at', () => {
    const { run, names, records, states, reports } = setUp()
    run()
    records.remove(key)

    run()
    run()

    expect(names()).toEqual({})
    expect(states.size).toBe(0)
    expect(reports.marked).toHaveLength(3)
  })
})

describe('work counters', () => {
  it('one flipped shard reads its own cells and changes the names of its scopes', () => {
    const { run, services, slices, ledger } = setUp()
    run()
    const feed = ledger.open('now')
    services.reads.splice(0)
    slices.reads.splice(0)
    slices.set(key, 0, endpoints(0))

    run([at(0)])

    expect(services.reads).toEqual([`${key}@0`])
    expect(slices.reads).toEqual([`${key}@0`])
    const changed = feed.take(99, 0).map((change) => change.name)
    expect([...changed].sort()).toEqual([global, 'web.shop.fed.svc.r0.example.com.', east].sort())
  })

  it('a second run, and one of a cluster that shows the same, change nothing', () => {
    const { run, services, ledger, state } = setUp()
    run()
    const feed = ledger.open('now')
    const owners = ledger.openOwners()
    const before = state()

    run([at(0)])
    run([])
    services.set(key, 1, service('192.0.2.2'))
    run('all')

    expect(feed.take(99, 0)).toEqual([])
    expect(owners.take(99, 0)).toEqual([])
    expect(before).toEqual(state())
  })
})

describe('a record that cannot be used', () => {
  it('publishes nothing and says why when it never was usable', () => {
    const { run, names, records, state, reports } = setUp()
    records.reject(key, 'metadata.name: "web.x" is not one DNS label')

    run()

    expect(names()).toEqual({})
    expect(state()).toMatchObject({
      complaint: {
        reason: 'Invalid',
        message: 'cannot be used as it is: metadata.name: "web.x" is not one DNS label',
      },
    })
    expect(reports.marked).toEqual([owner])
  })

  it('keeps its last good form after an invalid edit, follows its shards in it, and recovers', () => {
    const { run, names, records, services, state, put } = setUp()
    put({ recordTTL: 30, dnsPrefix: 'www' })
    run()
    records.reject(key, 'spec.recordTTL: -1 is below 0')
    run()
    expect(names()).toMatchObject({ [global]: '192.0.2.1 192.0.2.2', 'www.example.com.': `alias ${global}` })
    expect(state()).toMatchObject({ complaint: { reason: 'Invalid' }, settings: { recordTTL: 30 } })

    services.set(key, 1, undefined)
    run([at(1)])
    expect(names()).toMatchObject({ [global]: '192.0.2.1' })
    put({ recordTTL: 60 })
    run()

    expect(state()).not.toHaveProperty('complaint')
    expect(names()).not.toHaveProperty('www.example.com.')
  })

  it('keeps its last good form after an edit that names a Domain that does not exist, as long as its own does', () => {
    const { run, names, put, domains, federations, state } = setUp()
    put({ dnsPrefix: 'www' })
    run()
    const before = names()

    put({ domainRef: 'nowhere' })
    run()
    expect(names()).toEqual(before)
    expect(state()).toMatchObject({ kind: 'published', complaint: { reason: 'DomainNotFound' } })
    expect(run()).toEqual({ againAtMs: undefined })

    domains.remove(here('fed'))
    federations.refresh(here('fed'))
    run()
    expect(names()).toEqual({})
    expect(state()).toMatchObject({ kind: 'blocked', complaint: { reason: 'DomainNotFound' } })
  })

  const www = { domainRef: 'fed', dnsPrefix: 'www', ...{ recordTTL: 30, externalName: 'site' } } as const
  const told: ServiceDNSStatus = {
    inForce: { ...www, allowServiceWithoutEndpoints: false, whenAllUnhealthy: 'LastKnownGood' },
  }
  const site = 'site.shop.fed.svc.example.com.'

  it('keeps the form that the process before told of, follows its shards in it, and recovers', () => {
    const { run, names, records, services, state, put, ledger } = setUp()
    records.reject(key, 'spec.recordTTL: -1 is below 0', { metadata: { name: 'web' }, status: told })
    run()
    expect(names()).toMatchObject({ [site]: '192.0.2.1 192.0.2.2', 'www.example.com.': `alias ${site}` })
    expect(ledger.get(name(site))?.answer).toMatchObject({ ttlSeconds: 30 })
    expect(state()).toMatchObject({ kind: 'published', complaint: { reason: 'Invalid' } })

    services.set(key, 1, undefined)
    run([at(1)])
    expect(names()).toMatchObject({ [site]: '192.0.2.1' })

    put()
    run()
    expect(names()).toMatchObject({ [global]: '192.0.2.1' })
    expect(names()).not.toHaveProperty(site)
  })

  it('is published where the process before told of, when it names a Domain that does not exist', () => {
    const { run, names, put, state } = setUp()
    put({ domainRef: 'nowhere' }, { status: told })

    run()

    expect(names()).toMatchObject({ [site]: '192.0.2.1 192.0.2.2' })
    expect(state()).toMatchObject({ kind: 'published', complaint: { reason: 'DomainNotFound' } })
  })

  it('leaves outputs as they are where no Domain is in force that it was published in, in this process or before', () => {
    const { run, names, domains, federations, state, put } = setUp()
    put({}, { status: told })
    domains.remove(here('fed'))
    federations.refresh(here('fed'))

    run()

    expect([names(), state()]).toMatchObject([{}, { kind: 'blocked', isUnreadable: true }])
  })

  it('empties outputs where its Domain was seen to go', () => {
    const { run, domains, federations, state } = setUp()
    run()
    domains.remove(here('fed'))
    federations.refresh(here('fed'))

    run()

    expect(state()).toMatchObject({ kind: 'blocked', isUnreadable: false })
  })

  it('is blocked while its Domain is missing, and published when that appears', () => {
    const { run, names, domains, federations, domain, state } = setUp()
    domains.remove(here('fed'))
    federations.refresh(here('fed'))
    run()
    expect(names()).toEqual({})
    expect(state()).toMatchObject({ isUnreadable: true, complaint: { reason: 'DomainNotFound' } })

    domain()
    run()

    expect(names()).toMatchObject({ [global]: '192.0.2.1 192.0.2.2' })
    expect(state()).not.toHaveProperty('complaint')
  })

  it('is blocked by a Domain that never could be used, which is another thing than none', () => {
    const { run, domains, federations, put, state } = setUp()
    domains.reject(here('broken'), 'domain: "!" is not a DNS name')
    federations.refresh(here('broken'))
    put({ domainRef: 'broken' })

    run()

    expect(state()).toMatchObject({ isUnreadable: true, complaint: { reason: 'DomainInvalid' } })
  })

  it('keeps its last good form over a Domain that comes and goes, too', () => {
    const { run, names, records, domains, federations, domain } = setUp()
    run()
    const before = names()
    records.reject(key, 'spec.recordTTL: -1 is below 0')
    domains.remove(here('fed'))
    federations.refresh(here('fed'))
    run()
    domain()

    run()

    expect(names()).toEqual(before)
  })

  it('is withdrawn with its Domain, and comes back with the Domain and all it had, lost clusters too', () => {
    const { run, names, domains, federations, domain, sessions } = setUp()
    run()
    sessions.lost.set(1, 0)
    run([at(1)])
    const before = names()

    domains.remove(here('fed'))
    federations.refresh(here('fed'))
    run()
    expect(names()).toEqual({})
    domain()
    run()

    expect(names()).toEqual(before)
  })

  it('moves with its Domain to another zone, and to another Domain', () => {
    const { run, names, domain, domains, federations, put } = setUp()
    run()
    domain({ domain: 'example.org' })
    run([])
    expect(Object.keys(names())).toContain('web.shop.fed.svc.example.org.')
    expect(Object.keys(names())).not.toContain(global)

    domains.put(here('other'), { metadata: { name: 'other' }, domain: 'example.org' })
    federations.refresh(here('other'))
    put({ domainRef: 'other' })
    run([])

    expect(Object.keys(names())).toContain('web.shop.other.')
    expect(Object.keys(names())).not.toContain('web.shop.fed.')
  })
})

describe('a name that has carried addresses', () => {
  const r0 = 'web.shop.fed.svc.r0.example.com.'
  const kept = `alias ${global} [192.0.2.2]`

  it('says what outputs write in place of its alias, as the Domain has it, edits included', () => {
    const { run, names, services, domain } = setUp()
    run()
    services.set(key, 0, undefined)
    run([at(0)])
    expect(names()[r0]).toBe(kept)

    domain({ domain: 'example.com', aliasAs: 'CNAME' })
    run([])
    expect(names()[r0]).toBe(`alias ${global}`)

    domain({ domain: 'example.com', aliasAs: 'Addresses' })
    run([])
    expect(names()[r0]).toBe(kept)
  })

  it('keeps that while its Domain is gone', () => {
    const { run, names, services, domains, federations, domain } = setUp()
    run()
    services.set(key, 0, undefined)
    run([at(0)])
    domains.remove(here('fed'))
    federations.refresh(here('fed'))
    run()

    domain()
    run()

    expect(names()[r0]).toBe(kept)
  })

  it('keeps that from the status that a process finds when it starts', () => {
    const { run, names, services, put } = setUp()
    const answers = [
      { name: r0.slice(0, -1), type: 'CNAME' as const, targets: [global.slice(0, -1)], carried: true },
    ]
    put({}, { status: { answers } })
    services.set(key, 0, undefined)

    run()

    expect(names()[r0]).toBe(kept)
    expect(names()[east]).toBe('alias web.shop.fed.svc.r0.example.com.')
  })
})

describe('a cluster that is lost', () => {
  it('keeps what it published, and what is seen of it meanwhile does not remove anything', () => {
    const { run, names, services, slices, sessions } = setUp()
    run()
    const before = names()
    sessions.lost.set(1, 1_000)
    run([at(1)])
    services.set(key, 1, undefined)
    slices.set(key, 1, undefined)

    run([at(1)])

    expect(names()).toEqual(before)
  })

  it('is removed when its absence is seen again', () => {
    const { run, names, services, sessions } = setUp()
    run()
    sessions.lost.set(1, 1_000)
    run([at(1)])
    services.set(key, 1, undefined)
    sessions.lost.delete(1)

    run([at(1)])

    expect(names()).toMatchObject({ [global]: '192.0.2.1' })
  })

  it('is nothing while it was never seen', () => {
    const { run, names, services, sessions } = setUp()
    services.set(key, 1, undefined)
    sessions.lost.set(1, 1_000)

    run()

    expect(names()).toMatchObject({ [global]: '192.0.2.1' })
  })

  it('stays in the first answer of a process that starts, as its status tells', () => {
    const { run, put, names, services, sessions } = setUp()
    services.set(key, 1, undefined)
    sessions.lost.set(1, 1_000)
    put({}, { status: toldFit('c1', '192.0.2.2') })

    run()

    expect(names()).toMatchObject({ [global]: '192.0.2.1 192.0.2.2' })
  })

  it('is not read from the status again later', () => {
    const { run, put, names, services, sessions } = setUp()
    run()
    services.set(key, 1, undefined)
    run([at(1)])
    sessions.lost.set(1, 1_000)
    put({ recordTTL: 30 }, { status: toldFit('c1', '192.0.2.2') })

    run('all')

    expect(names()).toMatchObject({ [global]: '192.0.2.1' })
  })
})

describe('host names of load balancers', () => {
  const lb = name('lb-1.elb.example.net')

  it('are looked up, and their addresses published beside others', () => {
    const { run, services, addresses, names, retained } = setUp()
    services.set(key, 1, { ...serviceOfHosts(lb), ...targets('192.0.2.9') })
    run()
    expect([...retained]).toEqual([[`service 1 ${key}`, [lb]]])
    expect(names()).toMatchObject({ [global]: '192.0.2.1 192.0.2.9' })

    addresses.set(lb, targets('198.51.100.7', '2001:db8::7'))
    run([at(1)])

    expect(names()).toMatchObject({ [global]: '192.0.2.1 192.0.2.9 198.51.100.7 2001:db8::7' })
  })

  const ends: readonly { readonly name: string; readonly end: (of: ReturnType<typeof setUp>) => void }[] = [
    { name: 'the Service goes', end: ({ services }) => services.set(key, 1, undefined) },
    { name: 'the Service gets addresses', end: ({ services }) => services.set(key, 1, service('192.0.2.2')) },
    { name: 'the record goes', end: ({ records }) => records.remove(key) },
    {
      name: 'the Domain goes',
      end({ domains, federations }) {
        domains.remove(here('fed'))
        federations.refresh(here('fed'))
      },
    },
    { name: 'the cluster leaves', end: ({ move }) => move(place(0)) },
  ]
  for (const row of ends) {
    it(`are no longer looked up when ${row.name}`, () => {
      const all = setUp()
      all.services.set(key, 1, serviceOfHosts(lb))
      all.run()
      expect(all.retained.size).toBe(1)

      row.end(all)
      all.run('all')

      expect([...all.retained]).toEqual([])
    })
  }

  it('keep the addresses that the status tells until they have been looked up by a process that starts', () => {
    const { run, put, names, services, addresses } = setUp()
    services.set(key, 1, serviceOfHosts(lb))
    put({}, { status: toldFit('c1', '198.51.100.7') })
    run()
    expect(names()).toMatchObject({ [global]: '192.0.2.1 198.51.100.7' })

    addresses.set(lb, targets('198.51.100.8'))
    run([at(1)])

    expect(names()).toMatchObject({ [global]: '192.0.2.1 198.51.100.8' })
  })

  it('are still looked up while the cluster cannot be seen', () => {
    const { run, services, sessions, retained, addresses, names } = setUp()
    services.set(key, 1, serviceOfHosts(lb))
    addresses.set(lb, targets('198.51.100.7'))
    run()
    sessions.lost.set(1, 0)
    run([at(1)])
    addresses.set(lb, targets('198.51.100.8'))

    run([at(1)])

    expect(retained.size).toBe(1)
    expect(names()).toMatchObject({ [global]: '192.0.2.1 198.51.100.8' })
  })
})

describe('who has a name', () => {
  it('a record of that name before one that asks for it by externalName, whoever is older', () => {
    const { run, ledger, put } = setUp()
    const rival = objectKey('shop', 'other')
    put({ externalName: 'taken' })
    run()
    const taken = name('taken.shop.fed.svc.example.com')
    expect(ledger.get(taken)?.owner).toBe(owner)

    ledger.put({ key: ownerKey('ServiceDNSRecord', rival), rank: `1 2026-06-01T00:00:00Z ${rival}` }, [
      { name: taken, urgent: false, answer: { kind: 'alias', ttlSeconds: 1, target: short } },
    ])
    run()

    expect(ledger.get(taken)?.owner).not.toBe(owner)
    expect(ledger.conflicts(owner).map((conflict) => conflict.name)).toEqual([taken])
  })
})

function toldFit(cluster: string, ip: string): ServiceDNSStatus {
  return {
    dns: [
      {
        cluster,
        loadBalancer: { ingress: [{ ip }] },
        state: 'Fit',
        since: '2026-01-01T00:00:00Z',
        published: true,
      },
    ],
  }
}
