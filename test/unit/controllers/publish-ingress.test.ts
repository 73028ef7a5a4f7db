import { describe, expect, it } from 'vitest'
import { domainSettings } from '../../../src/api/domain.ts'
import type { IngressDNSStatus } from '../../../src/api/dns-status.ts'
import type { EndpointFacts, IngressFacts, ServiceFacts } from '../../../src/api/facts.ts'
import type { IngressDNSRecord } from '../../../src/api/ingress-dns-record.ts'
import { objectKey, ownerKey, type ClusterIndex, type ObjectKey } from '../../../src/api/keys.ts'
import { BackendIndex } from '../../../src/controllers/backend-index.ts'
import type { Federation } from '../../../src/controllers/federations.ts'
import {
  publishIngress,
  type IngressState,
  type PublishIngressDeps,
} from '../../../src/controllers/publish-ingress.ts'
import { createResolvedHosts } from '../../../src/controllers/resolved-hosts.ts'
import { toldBy } from '../../../src/controllers/restore.ts'
import { createLedger } from '../../../src/core/discovery/ledger.ts'
import { emptyHostsMemory, restoreMemory } from '../../../src/core/discovery/memory.ts'
import { planTopology } from '../../../src/core/discovery/topology.ts'
import { parseDomainName, type DomainName } from '../../../src/dns/names.ts'
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
  ingress,
  service,
  targets,
} from './fakes.ts'

const key = objectKey('shop', 'web')
const owner = ownerKey('IngressDNSRecord', key)
const name = parseDomainName
const www = name('www.example.com')
const backend = objectKey('shop', 'front')

/** Two members, each with a fit Ingress in front of a Service. */
function setUp() {
  const clock = new ManualClock()
  const retained = new Map<string, readonly DomainName[]>()
  const records = new FakeObjects<IngressDNSRecord, IngressDNSStatus>()
  const ingresses = new FakeFacts<IngressFacts>()
  const services = new FakeFacts<ServiceFacts>()
  const slices = new FakeFacts<EndpointFacts>()
  const sessions = new FakeSessions()
  const ledger = createLedger()
  const reports = new FakeReports()
  const states = new Map<ObjectKey, IngressState>()
  const backends = new BackendIndex()
  const world = {
    members: [at(0), at(1)] as readonly ClusterIndex[],
    federations: [] as readonly Federation[],
  }
  const deps: PublishIngressDeps = {
    ...{ records, ingresses, services, endpoints: slices, sessions, ledger, reports, clock, states },
    federations: { all: () => world.federations },
    hosts: createResolvedHosts({
      retain: (user, of) => (of.length === 0 ? retained.delete(user) : retained.set(user, of)),
      addressesOf: () => undefined,
    }),
    members: () => world.members,
    backends: (record, of) => backends.set(record, of),
    restore: (status) =>
      restoreMemory(
        emptyHostsMemory(),
        toldBy(status, (cluster) => (cluster === 'c0' ? at(0) : at(1))),
      ),
  }
  const run = (dirty: Dirty<ClusterIndex> = 'all') => publishIngress(key, dirty, deps)
  const names = (): Record<string, string> =>
    Object.fromEntries(
      [...ledger.names()].sort().map((each) => [each, wordsOf(ledger.get(each)?.answer)] as const),
    )
  const put = (
    spec: IngressDNSRecord['spec'] = { hosts: ['www.example.com'] },
    status?: IngressDNSStatus,
  ): void => {
    const metadata = { name: 'web', creationTimestamp: '2026-01-01T00:00:00Z' }
    records.put(key, { metadata, spec }, { metadata, ...(status === undefined ? {} : { status }) })
  }
  put()
  for (const cluster of [0, 1]) {
    ingresses.set(key, cluster, ingress(['front'], `192.0.2.${cluster + 1}`))
    services.set(backend, cluster, service())
    slices.set(backend, cluster, endpoints(1))
  }
  return {
    ...{ retained, records, ingresses, services, slices, sessions, ledger, reports, states, backends },
    ...{ world, run, names, put, state: () => states.get(key) },
  }
}

function federation(domain: string, defaultTTL: number): Federation {
  const zone = name(domain)
  return {
    name: domain,
    domain: zone,
    settings: domainSettings({ metadata: { name: domain }, domain, defaultTTL }),
    topology: planTopology({ federation: 'fed', domain: zone, clusters: [] }),
  }
}

describe('a record and its Ingresses', () => {
  it('become its hosts in the ledger, all the same, and its status is to be looked at', () => {
    const { run, names, put, reports } = setUp()
    put({ hosts: ['www.example.com', 'Shop.example.com.'] })

    run()

    expect(names()).toEqual({
      'shop.example.com.': '192.0.2.1 192.0.2.2',
      'www.example.com.': '192.0.2.1 192.0.2.2',
    })
    expect(reports.marked).toEqual([owner])
  })

  it('keep a host that nobody serves: it exists and says nothing', () => {
    const { run, names, ingresses } = setUp()
    ingresses.set(key, 0, undefined)
    ingresses.set(key, 1, undefined)

    run()

    expect(names()).toEqual({ [www]: 'nothing' })
  })

  const backendRows: readonly {
    readonly name: string
    readonly in: (of: ReturnType<typeof setUp>) => void
    readonly want: string
  }[] = [
    {
      name: 'leaves out a cluster whose backend has no ready endpoint',
      in: ({ slices }) => slices.set(backend, 0, endpoints(0)),
      want: '192.0.2.2',
    },
    {
      name: 'leaves out a cluster whose backend has no slices',
      in: ({ slices }) => slices.set(backend, 0, undefined),
      want: '192.0.2.2',
    },
    {
      name: 'goes by the address alone where no backend Service can be seen',
      in({ services, slices }) {
        services.set(backend, 0, undefined)
        slices.set(backend, 0, endpoints(0))
      },
      want: '192.0.2.1 192.0.2.2',
    },
  ]
  for (const row of backendRows) {
    it(row.name, () => {
      const all = setUp()
      row.in(all)

      all.run()

      expect(all.names()).toEqual({ [www]: row.want })
    })
  }

  it('are gone: hosts withdrawn, backends let go, state forgotten', () => {
    const { run, names, records, states, backends } = setUp()
    run()
    records.remove(key)

    run()

    expect(names()).toEqual({})
    expect([states.size, [...backends.recordsOf(backend)]]).toEqual([0, []])
  })

  it('lose to a record of that canonical name, whoever is older', () => {
    const { run, ledger, put } = setUp()
    const canonical = name('web.shop.fed.svc.example.com')
    put({ hosts: ['web.shop.fed.svc.example.com'] })
    run()
    const rival = ownerKey('ServiceDNSRecord', key)

    ledger.put({ key: rival, rank: `1 2026-06-01T00:00:00Z ${key}` }, [
      { name: canonical, urgent: false, answer: { kind: 'addresses', ttlSeconds: 1, a: [], aaaa: [] } },
    ])

    expect(ledger.get(canonical)?.owner).toBe(rival)
    expect(ledger.conflicts(owner)).toEqual([{ name: canonical, winner: rival }])
  })
})

describe('the TTL', () => {
  const rows = [
    { name: "is the record's own", ttl: 30, hosts: ['www.example.com'], want: 30 },
    {
      name: 'else the default of the Domain that the host is in',
      ttl: 0,
      hosts: ['www.example.com'],
      want: 60,
    },
    {
      name: 'the smallest where hosts are in several',
      ttl: 0,
      hosts: ['www.example.com', 'www.example.org'],
      want: 40,
    },
    { name: 'else 180, in no Domain', ttl: 0, hosts: ['www.elsewhere.net'], want: 180 },
  ]
  for (const row of rows) {
    it(row.name, () => {
      const { run, put, world, ledger } = setUp()
      world.federations = [federation('example.com', 60), federation('example.org', 40)]
      put({ hosts: row.hosts, recordTTL: row.ttl })

      run()

      const [first = ''] = row.hosts
      expect(ledger.get(name(first))?.answer).toMatchObject({ ttlSeconds: row.want })
    })
  }

  it('follows the Domain', () => {
    const { run, world, ledger } = setUp()
    run()

    world.federations = [federation('example.com', 60)]
    run([])

    expect(ledger.get(www)?.answer).toMatchObject({ ttlSeconds: 60 })
  })
})

describe('the backends index', () => {
  it('follows the Ingresses of all members', () => {
    const { run, ingresses, backends } = setUp()
    ingresses.set(key, 1, ingress(['front', 'other'], '192.0.2.2'))
    run()
    expect([...backends.recordsOf(backend)]).toEqual([key])
    expect([...backends.recordsOf(objectKey('shop', 'other'))]).toEqual([key])

    ingresses.set(key, 1, ingress(['front'], '192.0.2.2'))
    run([at(1)])

    expect([...backends.recordsOf(objectKey('shop', 'other'))]).toEqual([])
  })
})

describe('work counters', () => {
  it('one flipped shard reads the cells of its own cluster, but for the list of backends', () => {
    const { run, services, slices } = setUp()
    run()
    services.reads.splice(0)
    slices.reads.splice(0)

    run([at(1)])

    expect(services.reads).toEqual([`${backend}@1`])
    expect(slices.reads).toEqual([`${backend}@1`])
  })

  it('a second run changes nothing', () => {
    const { run, ledger, state } = setUp()
    run()
    const [feed, owners, before] = [ledger.open('now'), ledger.openOwners(), state()]

    run([at(0)])
    run('all')

    expect([feed.take(9, 0), owners.take(9, 0)]).toEqual([[], []])
    expect(state()).toEqual(before)
  })
})

describe('members', () => {
  it('that join and leave join and leave the answer', () => {
    const { run, names, world, ingresses, retained } = setUp()
    ingresses.set(key, 0, { ...ingress([], '192.0.2.1'), hosts: [name('lb.example.net')] })
    run()
    expect(retained.size).toBe(1)

    world.members = [at(1)]
    run([])
    expect(names()).toEqual({ [www]: '192.0.2.2' })
    expect(retained.size).toBe(0)
    world.members = [at(0), at(1)]
    run([])

    expect(names()).toEqual({ [www]: '192.0.2.1 192.0.2.2' })
    expect(retained.size).toBe(1)
  })

  it('that are lost keep what they published; those never seen have nothing', () => {
    const { run, names, ingresses, sessions } = setUp()
    ingresses.set(key, 1, undefined)
    sessions.lost.set(1, 0)
    run()
    expect(names()).toEqual({ [www]: '192.0.2.1' })
    sessions.lost.set(0, 0)
    run([at(0)])
    ingresses.set(key, 0, undefined)

    run([at(0)])

    expect(names()).toEqual({ [www]: '192.0.2.1' })
  })

  it('that are lost at the start stay as the status tells', () => {
    const { run, names, put, ingresses, sessions } = setUp()
    ingresses.set(key, 1, undefined)
    sessions.lost.set(1, 0)
    const told: IngressDNSStatus = {
      dns: [
        { cluster: 'c1', loadBalancer: { ingress: [{ ip: '192.0.2.9' }] }, state: 'Fit', published: true },
      ],
    }
    put({ hosts: ['www.example.com'] }, told)

    run()

    expect(names()).toEqual({ [www]: '192.0.2.1 192.0.2.9' })
  })
})

describe('a record that cannot be used', () => {
  it('publishes nothing and says why when it never was usable', () => {
    const { run, names, records, state } = setUp()
    records.reject(key, 'spec.hosts[0]: too long')

    run()

    expect(names()).toEqual({})
    expect(state()).toEqual({
      kind: 'blocked',
      metadata: { namespace: 'shop', name: 'web' },
      complaint: { reason: 'Invalid', message: 'cannot be used as it is: spec.hosts[0]: too long' },
      isUnreadable: true,
    })
  })

  it('keeps the form that the process before told of', () => {
    const { run, names, records, state } = setUp()
    const inForce = {
      hosts: ['old.example.com', 'no..name'],
      recordTTL: 30,
      whenAllUnhealthy: 'Empty',
    } as const
    records.reject(key, 'spec.hosts[0]: too long', { status: { inForce } })

    run()

    expect(Object.keys(names())).toEqual(['old.example.com.'])
    expect(state()).toMatchObject({
      kind: 'published',
      settings: { recordTTL: 30, whenAllUnhealthy: 'Empty' },
      complaint: { reason: 'Invalid' },
    })
  })

  it('keeps its last good form after an invalid edit, follows its clusters in it, and recovers', () => {
    const { run, names, records, ingresses, state, put } = setUp()
    run()
    records.reject(key, 'spec.hosts[0]: too long')
    run()
    ingresses.set(key, 0, { ...ingress([]), ...targets('192.0.2.7') })
    run([at(0)])
    expect(names()).toEqual({ [www]: '192.0.2.2 192.0.2.7' })
    expect(state()).toMatchObject({ complaint: { reason: 'Invalid' } })

    put({ hosts: ['other.example.com'] })
    run([])

    expect(names()).toEqual({ 'other.example.com.': '192.0.2.2 192.0.2.7' })
    expect(state()).not.toHaveProperty('complaint')
  })
})
