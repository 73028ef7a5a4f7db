import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeShard } from '../../../../src/core/discovery/memory.ts'
import { planTopology } from '../../../../src/core/discovery/topology.ts'
import type { ClusterIndex } from '../../../../src/api/keys.ts'
import type { Shard, Trace } from '../../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import {
  ABSENT,
  DOMAIN,
  lost,
  Service,
  shard,
  spec,
  START_MS,
  topologyOf,
  wordsOf,
} from './shard-builders.ts'

function two(): Service {
  return new Service(topologyOf(2), [shard(['192.0.2.1']), shard(['192.0.2.2'])])
}

describe('decide: what changes', () => {
  it('at first says every name, parents before children, the aliases beside the scopes last', () => {
    const service = two()
    service.spec = spec({ prefix: parseDomainName('go.example.com') })

    expect(wordsOf(service.decide('all'))).toEqual([
      'web.ns. 180 192.0.2.1 192.0.2.2',
      'web.ns.r0. 180 192.0.2.1',
      'web.ns.r1. 180 192.0.2.2',
      'web.ns.z0.r0. 180 192.0.2.1',
      'web.ns.z1.r1. 180 192.0.2.2',
      'go. 180 -> web.ns.',
      'web.ns.fed. 5 -> web.ns.',
    ])
  })

  it('a shard that turns unfit leaves at once: its names alias upward, urgently', () => {
    const service = two()
    service.decide('all')

    expect(wordsOf(service.change(1, shard(['192.0.2.2'], 'down')))).toEqual([
      '! web.ns. 180 192.0.2.1',
      '! web.ns.r1. 180 -> web.ns. [192.0.2.1]',
      '! web.ns.z1.r1. 180 -> web.ns.r1. [192.0.2.1]',
    ])
  })

  it('a shard that comes back is not urgent', () => {
    const service = two()
    service.decide('all')
    service.change(1, ABSENT)

    expect(wordsOf(service.change(1, shard(['192.0.2.2'])))).toEqual([
      'web.ns. 180 192.0.2.1 192.0.2.2',
      'web.ns.r1. 180 192.0.2.2',
      'web.ns.z1.r1. 180 192.0.2.2',
    ])
  })

  it('a shard lost of sight changes nothing', () => {
    const service = two()
    service.decide('all')

    expect(service.change(1, lost()).changes).toEqual([])
  })

  it('an absent shard leaves the stand-ins at once', () => {
    const service = two()
    service.decide('all')
    service.change(0, shard(['192.0.2.1'], 'down'))
    service.change(1, shard(['192.0.2.2'], 'down'))
    expect(service.memory.tier).toBe('lastKnownGood')

    expect(wordsOf(service.change(1, ABSENT))).toEqual([
      '! web.ns. 180 192.0.2.1',
      '! web.ns.r0. 180 -> web.ns. [192.0.2.1]',
      '! web.ns.r1. 180 -> web.ns. [192.0.2.1]',
      '! web.ns.z0.r0. 180 -> web.ns.r0. [192.0.2.1]',
      '! web.ns.z1.r1. 180 -> web.ns.r1. [192.0.2.1]',
    ])
  })

  it('an address that another shard still has stays', () => {
    const shards = Array.from({ length: 10 }, (_, i) => shard([`192.0.2.${i + 1}`]))
    const service = new Service(topologyOf(10, 10), shards)
    service.decide('all')
    service.change(3, shard(['192.0.2.1']))

    const without4 = [1, 2, 3, 5, 6, 7, 8, 9, 10].map((i) => `192.0.2.${i}`)
    expect(wordsOf(service.change(0, ABSENT))).toEqual([
      `! web.ns.z0.r0. 180 -> web.ns.r0. [${without4.join(' ')}]`,
    ])
    expect(wordsOf(service.change(3, ABSENT))[0]).toBe(`! web.ns. 180 ${without4.slice(1).join(' ')}`)
  })

  it('remembers in which scopes addresses are shared only while they are', () => {
    const shards = Array.from({ length: 10 }, (_, i) => shard([`192.0.2.${i + 1}`]))
    const service = new Service(topologyOf(10, 10), shards)
    service.decide('all')
    expect(service.memory.overlaps).toEqual([])

    service.change(3, shard(['192.0.2.1']))
    expect(service.memory.overlaps).toEqual([0, 1])

    service.change(0, ABSENT)
    expect(service.memory.overlaps).toEqual([])
  })
})

describe('decide: what it costs', () => {
  const shards = Array.from({ length: 40 }, (_, i) => shard([`192.0.2.${i + 1}`]))

  it('one flipped shard of 40: one shard judged, its three scopes made, three names changed', () => {
    const service = new Service(topologyOf(40, 10), shards)
    expect(service.decide('all').work).toEqual({ shards: 40, scopes: 45 })

    const decision = service.change(17, shard(['192.0.2.18'], 'down'))

    expect(decision.work).toEqual({ shards: 1, scopes: 3 })
    expect(decision.changes).toHaveLength(3)
  })

  it('a shard that says the same again: no scope', () => {
    const service = new Service(topologyOf(40, 10), shards)
    service.decide('all')
    const before = service.memory

    expect(service.change(17, shards[17]!).work).toEqual({ shards: 1, scopes: 0 }) // one of 40
    expect(service.memory).toBe(before)
  })

  it('more endpoints, or the loss of sight of a fit shard: no scope', () => {
    const service = new Service(topologyOf(40, 10), shards)
    service.decide('all')

    expect(service.change(17, lost()).work).toEqual({ shards: 1, scopes: 0 })
  })

  it('two shards of one region: global, the region and two zones, each once', () => {
    const service = new Service(topologyOf(40, 10), shards)
    service.decide('all')
    service.shards[11] = ABSENT
    service.shards[12] = ABSENT

    expect(service.decide([12, 11]).work).toEqual({ shards: 2, scopes: 4 })
  })

  it('a time that has come, with no cluster dirty, judges nothing', () => {
    const service = new Service(topologyOf(40, 10), shards)
    service.decide('all')

    expect(service.decide([])).toEqual({
      memory: service.memory,
      changes: [],
      work: { shards: 0, scopes: 0 },
    })
  })

  it('equal answers of region and zone are one object, and equal names one string', () => {
    const service = new Service(topologyOf(2), [shard(['192.0.2.1']), ABSENT])
    const { memory } = service.decide('all')

    expect(memory.answers[1]).toBe(memory.answers[3])
    expect(memory.answers[1]).toMatchObject({ a: ['192.0.2.1'] })
  })
})

describe('decide: the record changes', () => {
  it('another TTL changes every name but the short one, none urgently', () => {
    const service = two()
    service.decide('all')
    service.spec = spec({ ttlSeconds: 30 })

    expect(wordsOf(service.decide([]))).toEqual([
      'web.ns. 30 192.0.2.1 192.0.2.2',
      'web.ns.r0. 30 192.0.2.1',
      'web.ns.r1. 30 192.0.2.2',
      'web.ns.z0.r0. 30 192.0.2.1',
      'web.ns.z1.r1. 30 192.0.2.2',
    ])
  })

  it('another base says the new names first, then withdraws the old ones, children before parents', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'])])
    service.decide('all')
    service.spec = spec({ base: 'shop.ns' })

    expect(wordsOf(service.decide([]))).toEqual([
      'shop.ns. 180 192.0.2.1',
      'shop.ns.r0. 180 192.0.2.1',
      'shop.ns.z0.r0. 180 192.0.2.1',
      'shop.ns.fed. 5 -> shop.ns.',
      'web.ns.fed. withdrawn',
      '! web.ns.z0.r0. withdrawn',
      '! web.ns.r0. withdrawn',
      '! web.ns. withdrawn',
    ])
  })

  it('a prefix comes, changes and goes alone, in the class of open names', () => {
    const service = two()
    service.decide('all')

    service.spec = spec({ prefix: parseDomainName('go.example.com') })
    const coming = service.decide([])
    expect(wordsOf(coming)).toEqual(['go. 180 -> web.ns.'])
    expect(coming.changes[0]?.nameClass).toBe('open')

    service.spec = spec({ prefix: parseDomainName('to.example.com') })
    expect(wordsOf(service.decide([]))).toEqual(['to. 180 -> web.ns.', 'go. withdrawn'])

    service.spec = spec()
    expect(wordsOf(service.decide([]))).toEqual(['to. withdrawn'])
  })

  it.each([
    {
      name: 'domain',
      federation: 'fed',
      domain: parseDomainName('example.org'),
      suffix: '.fed.svc.example.org.',
    },
    { name: 'federation', federation: 'other', domain: DOMAIN, suffix: '.other.svc.example.com.' },
  ])('another $name withdraws the names of the first, even when the revision is the same', (row) => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'])])
    service.decide('all')
    const clusters = [{ index: 0 as ClusterIndex, zones: [] }]
    service.topology = planTopology({ federation: row.federation, domain: row.domain, clusters })
    const { changes } = service.decide([])

    const said = changes.filter(({ answer }) => answer?.kind === 'addresses').map(({ name }) => name)
    const withdrawn = changes.filter(({ answer }) => answer === undefined).map(({ name }) => name)
    expect(said).toEqual([`web.ns${row.suffix}`])
    expect(withdrawn.filter((name) => name.endsWith(DOMAIN))).toEqual([
      'web.ns.fed.svc.z0.r0.example.com.',
      'web.ns.fed.svc.r0.example.com.',
      'web.ns.fed.svc.example.com.',
    ])
  })

  it('what it was decided for says the same in other objects: nothing is done', () => {
    const service = two()
    service.decide('all')
    service.spec = structuredClone(service.spec)

    expect(service.decide([]).work).toEqual({ shards: 0, scopes: 0 })
  })

  it('allowWithoutEndpoints judges all shards anew', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'], 'down')])
    service.decide('all')
    service.spec = spec({ allowWithoutEndpoints: true })

    expect(wordsOf(service.decide([]))).toEqual([
      'web.ns. 180 192.0.2.1',
      'web.ns.r0. 180 192.0.2.1',
      'web.ns.z0.r0. 180 192.0.2.1',
    ])
  })
})

describe('decide: the topology changes', () => {
  it('memory of a smaller topology takes the new cluster in, dirty or not', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1']), shard(['192.0.2.2'])])
    service.decide('all')
    service.topology = topologyOf(2, 1, service.topology)

    expect(wordsOf(service.decide([]))).toEqual([
      'web.ns. 180 192.0.2.1 192.0.2.2',
      'web.ns.r1. 180 192.0.2.2',
      'web.ns.z1.r1. 180 192.0.2.2',
    ])
  })

  it('a cluster that left is out of every answer; its names stay and point up', () => {
    const service = two()
    service.decide('all')
    service.topology = topologyOf(1, 1, service.topology)

    expect(wordsOf(service.decide([]))).toEqual([
      '! web.ns. 180 192.0.2.1',
      '! web.ns.r1. 180 -> web.ns. [192.0.2.1]',
      '! web.ns.z1.r1. 180 -> web.ns.r1. [192.0.2.1]',
    ])
    expect(describeShard(service.memory, 1 as ClusterIndex)).toMatchObject({
      state: 'Unknown',
      reason: 'NotJudged',
      published: false,
    })
  })

  it('a cluster that moves to another region takes its addresses along', () => {
    const placed = (region: string) => [{ index: 0 as ClusterIndex, region, zones: [] }]
    const before = planTopology({ federation: 'fed', domain: DOMAIN, clusters: placed('r0') })
    const service = new Service(before, [shard(['192.0.2.1'])])
    service.decide('all')
    service.topology = planTopology({ federation: 'fed', domain: DOMAIN, clusters: placed('r1') }, before)

    expect(wordsOf(service.decide([]))).toEqual([
      '! web.ns.r0. 180 -> web.ns. [192.0.2.1]',
      'web.ns.r1. 180 192.0.2.1',
    ])
  })

  it('names that stay keep their string when others come', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1']), ABSENT])
    service.decide('all')
    const { names } = service.memory
    service.topology = topologyOf(2, 1, service.topology)
    service.decide([])

    expect(service.memory.names.scopes.slice(0, 3)).toEqual(names.scopes)
    expect(service.memory.names.scopes).toHaveLength(5)
  })
})

describe('decide: memory', () => {
  it('keeps since when a shard stands as it does; a lost one since its session was lost', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'])])
    const since = (): number => describeShard(service.memory, 0 as ClusterIndex).sinceSeconds
    service.decide('all')
    expect(since()).toBe(START_MS / 1000)

    service.nowMs += 60_000
    service.change(0, shard(['192.0.2.9']))
    expect(since()).toBe(START_MS / 1000)

    service.change(0, lost(START_MS + 50_000))
    expect(since()).toBe(START_MS / 1000 + 50)

    service.change(0, shard(['192.0.2.9'], 'down'))
    expect(since()).toBe(START_MS / 1000 + 60)
  })

  it('holds the newest facts object, even an equal one, so that no second copy is kept alive', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'])])
    service.decide('all')
    const equal = shard(['192.0.2.1'])
    service.change(0, equal)

    expect(service.memory.targets[0]).toBe(equal.kind === 'present' && equal.service)
  })

  it('names that DNS cannot carry are told, and the others are said', () => {
    const long = 'z'.repeat(63)
    const clusters = [{ index: 0 as ClusterIndex, region: 'r0', zones: [long] }]
    const domain = parseDomainName(`${`${'d'.repeat(60)}.`.repeat(2)}com`)
    const topology = planTopology({ federation: 'fed', domain, clusters })
    const service = new Service(topology, [shard(['192.0.2.1'])], spec({ base: `${'s'.repeat(63)}.ns` }))
    const { memory, changes } = service.decide('all')

    expect(memory.names.rejected.map(({ field }) => field)).toEqual(['zone'])
    expect(changes).toHaveLength(3)
  })
})

describe('decide: trace', () => {
  it('tells of every shard judged which rule it fell under, what was seen and whether it is published', () => {
    const steps: Parameters<Trace>[0][] = []
    const service = new Service(topologyOf(4), [
      shard(['192.0.2.1']),
      shard(['192.0.2.2', '2001:db8::2'], 'down'),
      ABSENT,
      lost(),
    ])
    service.nowMs += 10_000
    service.decide('all', (step) => steps.push(step))

    expect(steps).toEqual([
      { cluster: 0, rule: 'EndpointsReady', fact: '1 ready, 1 serving, 192.0.2.1', ageMs: 0, kept: true },
      {
        cluster: 1,
        rule: 'NoReadyEndpoints',
        fact: '0 ready, 0 serving, 192.0.2.2 2001:db8::2',
        ageMs: 0,
        kept: false,
      },
      {
        cluster: 2,
        rule: 'NotFound',
        fact: 'not in the complete list of the cluster',
        ageMs: 0,
        kept: false,
      },
      { cluster: 3, rule: 'NeverListed', fact: 'out of sight, never seen', ageMs: 10_000, kept: false },
    ])
  })

  it('decides the same with and without', () => {
    const [traced, plain] = [two(), two()]
    const one = traced.decide('all', () => {})

    expect(one).toEqual(plain.decide('all'))
  })
})

const MEMBERS = 12

/** Few addresses in both families, so that shards share some; two of three shards are up. */
const shardArbitrary: fc.Arbitrary<Shard> = fc.oneof(
  fc
    .tuple(
      fc.uniqueArray(
        fc.constantFrom(
          '192.0.2.1',
          '192.0.2.2',
          '192.0.2.30',
          '192.0.2.4',
          '2001:db8::1',
          '2001:db8::a',
          '2001:db8::b',
        ),
        { minLength: 1, maxLength: 2 },
      ),
      fc.constantFrom('up' as const, 'up' as const, 'down' as const),
    )
    .map(([texts, state]) => shard(texts, state)),
  fc.constant(ABSENT),
  fc.constant(lost()),
)

describe('decide: properties with many members in a scope', () => {
  it('changes, one or more at a time, in any order, give what one look at everything gives', () => {
    const step = fc.uniqueArray(fc.tuple(fc.nat(MEMBERS - 1), shardArbitrary), {
      minLength: 1,
      maxLength: 3,
      selector: ([cluster]) => cluster,
    })
    const members = fc.array(shardArbitrary, { minLength: MEMBERS, maxLength: MEMBERS })
    fc.assert(
      fc.property(members, fc.array(step, { maxLength: 20 }), (first, steps) => {
        const service = new Service(topologyOf(MEMBERS, 4), first)
        service.decide('all')
        for (const changed of steps) {
          for (const [cluster, next] of changed) service.shards[cluster] = next
          const full = new Service(service.topology, service.shards)
          full.memory = service.memory
          const want = full.decide('all')
          const decision = service.decide(changed.map(([cluster]) => cluster))

          expect(decision.changes).toEqual(want.changes)
          expect(decision.memory).toEqual(want.memory)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('unshared addresses, changed one at a time, are copied in order', () => {
    const octets = fc.uniqueArray(fc.nat(255), { minLength: MEMBERS + 1, maxLength: 60 })
    fc.assert(
      fc.property(octets, ([...free]) => {
        const used = free.splice(0, MEMBERS)
        const service = new Service(
          topologyOf(MEMBERS, MEMBERS),
          used.map((octet) => shard([`192.0.2.${octet}`, `2001:db8::${octet.toString(16)}`])),
        )
        service.decide('all')
        for (const [i, octet] of free.entries()) {
          used[i % MEMBERS] = octet
          service.change(i % MEMBERS, shard([`192.0.2.${octet}`, `2001:db8::${octet.toString(16)}`]))
          const sorted = used.toSorted((x, y) => x - y)

          expect(service.memory.answers[0]).toEqual({
            kind: 'addresses',
            ttlSeconds: 180,
            a: sorted.map((each) => `192.0.2.${each}`),
            aaaa: sorted.map((each) => (each === 0 ? '2001:db8::' : `2001:db8::${each.toString(16)}`)),
          })
        }
      }),
      { numRuns: 50 },
    )
  })
})
