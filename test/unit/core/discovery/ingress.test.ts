import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClusterIndex, OwnerKey } from '../../../../src/api/keys.ts'
import { decideHosts } from '../../../../src/core/discovery/ingress.ts'
import { emptyHostsMemory } from '../../../../src/core/discovery/memory.ts'
import type {
  DecideHostsInput,
  Decision,
  HostsMemory,
  IngressShard,
  Trace,
} from '../../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { ABSENT, addresses, lost, START_MS, wordsOf } from './shard-builders.ts'

const WWW = parseDomainName('www.example.com')
const SHOP = parseDomainName('shop.example.com')

function index(cluster: number): ClusterIndex {
  return cluster as ClusterIndex
}

function ingress(texts: readonly string[], ready?: number): IngressShard {
  const a = addresses(...texts)
  const backends = ready === undefined ? [] : [{ ready, serving: ready, terminating: 0 }]
  return { kind: 'present', ingress: { a, aaaa: [], hosts: [], backends: [], deleting: false }, backends }
}

/** One Ingress record, decided again and again. */
class Hosts {
  memory: HostsMemory = emptyHostsMemory()
  asked: Pick<DecideHostsInput, 'hosts' | 'ttlSeconds' | 'routing'> = {
    hosts: [WWW],
    ttlSeconds: 180,
    routing: {},
  }
  readonly shards: Map<ClusterIndex, IngressShard>

  constructor(shards: readonly IngressShard[]) {
    this.shards = new Map(shards.map((each, i) => [index(i), each]))
  }

  decide(dirty: readonly number[] | 'all', trace?: Trace): Decision<HostsMemory> {
    const decision = decideHosts(
      {
        ...this.asked,
        owner: 'IngressDNSRecord/ns/web' as OwnerKey,
        members: [...this.shards.keys()],
        dirty: dirty === 'all' ? dirty : dirty.map(index),
        nowMs: START_MS,
        shard: (cluster) => this.shards.get(cluster) ?? ABSENT,
      },
      this.memory,
      trace,
    )
    this.memory = decision.memory
    return decision
  }

  change(cluster: number, next: IngressShard): Decision<HostsMemory> {
    this.shards.set(index(cluster), next)
    return this.decide([cluster])
  }
}

function two(): Hosts {
  return new Hosts([ingress(['192.0.2.1']), ingress(['192.0.2.2'], 1)])
}

describe('decideHosts', () => {
  it('every host says the same one answer', () => {
    const hosts = two()
    hosts.asked = { ...hosts.asked, hosts: [WWW, SHOP, WWW] }
    const { changes } = hosts.decide('all')

    expect(wordsOf({ changes })).toEqual(['shop. 180 192.0.2.1 192.0.2.2', 'www. 180 192.0.2.1 192.0.2.2'])
    expect(changes[0]?.answer).toBe(changes[1]?.answer)
  })

  it('one flipped shard: judged alone, urgent when it leaves', () => {
    const hosts = two()
    hosts.decide('all')
    const decision = hosts.change(1, ingress(['192.0.2.2'], 0))

    expect(wordsOf(decision)).toEqual(['! www. 180 192.0.2.1'])
    expect(decision.work).toEqual({ shards: 1, scopes: 1 })
  })

  it('nothing new: nothing is made, and memory is the same', () => {
    const hosts = two()
    hosts.decide('all')
    const before = hosts.memory

    expect(hosts.decide([0, 1])).toEqual({ memory: before, changes: [], work: { shards: 2, scopes: 0 } })
    expect(hosts.memory).toBe(before)
  })

  it('a host is added and another withdrawn without judging any shard', () => {
    const hosts = two()
    hosts.decide('all')
    hosts.asked = { ...hosts.asked, hosts: [SHOP] }
    const decision = hosts.decide([])

    expect(wordsOf(decision)).toEqual(['shop. 180 192.0.2.1 192.0.2.2', '! www. withdrawn'])
    expect(decision.work.shards).toBe(0)
  })

  it('another TTL is a change that is not urgent', () => {
    const hosts = two()
    hosts.decide('all')
    hosts.asked = { ...hosts.asked, ttlSeconds: 30 }

    expect(wordsOf(hosts.decide([]))).toEqual(['www. 30 192.0.2.1 192.0.2.2'])
  })

  it('a member that comes is judged, and one that left is out, dirty or not', () => {
    const hosts = two()
    hosts.decide('all')
    hosts.shards.delete(index(0))
    hosts.shards.set(index(5), ingress(['192.0.2.6']))

    expect(wordsOf(hosts.decide([]))).toEqual(['! www. 180 192.0.2.2 192.0.2.6'])
    expect(wordsOf(hosts.decide([]))).toEqual([])
  })

  it('all unfit: what was fit stands in, unless whenAllUnhealthy is Empty', () => {
    const hosts = new Hosts([ingress(['192.0.2.1'], 1)])
    hosts.decide('all')

    expect(hosts.change(0, ingress(['192.0.2.1'], 0)).changes).toEqual([])
    expect(hosts.memory.tier).toBe('lastKnownGood')

    hosts.asked = { ...hosts.asked, routing: { whenAllUnhealthy: 'Empty' } }
    expect(wordsOf(hosts.decide([]))).toEqual(['! www. 180 NODATA'])

    hosts.asked = { ...hosts.asked, routing: { whenAllUnhealthy: 'LastKnownGood' } }
    expect(wordsOf(hosts.decide([]))).toEqual(['www. 180 192.0.2.1'])
  })

  it('traces like decide', () => {
    const steps: Parameters<Trace>[0][] = []
    two().decide('all', (step) => steps.push(step))

    expect(steps.map(({ cluster, rule, fact, kept }) => [cluster, rule, fact, kept])).toEqual([
      [0, 'AddressOnly', '0 of 0 backends ready, 192.0.2.1', true],
      [1, 'EndpointsReady', '1 of 1 backends ready, 192.0.2.2', true],
    ])
  })
})

const MEMBERS = 10

const ingressArbitrary: fc.Arbitrary<IngressShard> = fc.oneof(
  fc
    .tuple(
      fc.uniqueArray(fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.30', '192.0.2.4'), {
        minLength: 1,
        maxLength: 2,
      }),
      fc.constantFrom(undefined, 0, 1),
    )
    .map(([texts, ready]) => ingress(texts, ready)),
  fc.constant(ABSENT),
  fc.constant(lost()),
)

describe('decideHosts: properties', () => {
  it('one change after the other gives what one look at everything gives', () => {
    const members = fc.array(ingressArbitrary, { minLength: MEMBERS, maxLength: MEMBERS })
    const history = fc.array(fc.tuple(fc.nat(MEMBERS - 1), ingressArbitrary), { maxLength: 15 })
    fc.assert(
      fc.property(members, history, (first, steps) => {
        const hosts = new Hosts(first)
        hosts.decide('all')
        for (const [cluster, next] of steps) {
          hosts.shards.set(index(cluster), next)
          const full = new Hosts([...hosts.shards.values()])
          full.memory = structuredClone(hosts.memory)
          const want = full.decide('all')
          const decision = hosts.decide([cluster])

          expect(decision.changes).toEqual(want.changes)
          expect(decision.memory).toEqual(want.memory)
        }
      }),
    )
  })
})
