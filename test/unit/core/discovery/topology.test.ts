import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClusterIndex } from '../../../../src/api/keys.ts'
import { planTopology, type TopologyCluster } from '../../../../src/core/discovery/topology.ts'
import type { Topology } from '../../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'

const federation = 'fed'
const domain = parseDomainName('example.com')

function at(index: number, region?: string, ...zones: string[]): TopologyCluster {
  const placed = { index: index as ClusterIndex, zones }
  return region === undefined ? placed : { ...placed, region }
}

function plan(clusters: readonly TopologyCluster[], previous?: Topology): Topology {
  return planTopology({ federation, domain, clusters }, previous)
}

/** `index level suffix <parent> [members]`. */
function lines(topology: Topology): readonly string[] {
  return topology.scopes.map(
    ({ index, level, suffix, parent, members }) =>
      `${index} ${level} ${suffix} <${parent ?? ''} [${members.join()}]`,
  )
}

describe('planTopology', () => {
  it('makes global, region and zone scopes, parents first, members ascending', () => {
    const topology = plan([at(2, 'r2', 'z'), at(0, 'r1', 'z1', 'z2'), at(1, 'r1', 'z1')])

    expect(lines(topology)).toEqual([
      '0 global fed.svc.example.com. < [0,1,2]',
      '1 region fed.svc.r1.example.com. <0 [0,1]',
      '2 region fed.svc.r2.example.com. <0 [2]',
      '3 zone fed.svc.z.r2.example.com. <2 [2]',
      '4 zone fed.svc.z1.r1.example.com. <1 [0,1]',
      '5 zone fed.svc.z2.r1.example.com. <1 [0]',
    ])
    expect(topology.scopesOf).toEqual([
      [0, 1, 4, 5],
      [0, 1, 4],
      [0, 2, 3],
    ])
  })

  it('names region and zone in the scope', () => {
    const [global, region, zone] = plan([at(0, 'r1', 'z1')]).scopes

    expect([global?.region, global?.zone]).toEqual([undefined, undefined])
    expect([region?.region, region?.zone]).toEqual(['r1', undefined])
    expect([zone?.region, zone?.zone]).toEqual(['r1', 'z1'])
  })

  it('a cluster without zone is in region and global, one without region in the global scope only', () => {
    const topology = plan([at(0, 'r1'), at(1), at(2, undefined, 'z1')])

    expect(lines(topology)).toEqual([
      '0 global fed.svc.example.com. < [0,1,2]',
      '1 region fed.svc.r1.example.com. <0 [0]',
    ])
  })

  it('has the global scope without any cluster', () => {
    expect(lines(plan([]))).toEqual(['0 global fed.svc.example.com. < []'])
  })

  it('an index that is not in use has no scopes', () => {
    expect(plan([at(2)]).scopesOf).toEqual([[], [], [0]])
  })

  it('works at the root', () => {
    const topology = planTopology({ federation, domain: parseDomainName('.'), clusters: [at(0, 'r1', 'z1')] })

    expect(topology.scopes.map(({ suffix }) => suffix)).toEqual(['fed.svc.', 'fed.svc.r1.', 'fed.svc.z1.r1.'])
  })

  it('the same input gives the same object', () => {
    const first = plan([at(0, 'r1', 'z1'), at(1, 'r2')])

    expect(plan([at(1, 'r2'), at(0, 'r1', 'z1')], first)).toBe(first)
  })

  it('scopes keep their index and stay, without members, when their last cluster goes', () => {
    const first = plan([at(0, 'r5', 'z5')])
    const second = plan([at(1, 'r1', 'z1')], first)

    expect(second.revision).toBe(first.revision + 1)
    expect(lines(second)).toEqual([
      '0 global fed.svc.example.com. < [1]',
      '1 region fed.svc.r5.example.com. <0 []',
      '2 zone fed.svc.z5.r5.example.com. <1 []',
      '3 region fed.svc.r1.example.com. <0 [1]',
      '4 zone fed.svc.z1.r1.example.com. <3 [1]',
    ])
  })

  it('another domain or federation changes suffixes, not indices', () => {
    const first = plan([at(0, 'r1', 'z1')])
    const moved = planTopology(
      { federation: 'other', domain: parseDomainName('example.org'), clusters: [at(0, 'r1', 'z1')] },
      first,
    )

    expect(moved.revision).toBe(first.revision + 1)
    expect(lines(moved)).toEqual([
      '0 global other.svc.example.org. < [0]',
      '1 region other.svc.r1.example.org. <0 [0]',
      '2 zone other.svc.z1.r1.example.org. <1 [0]',
    ])
  })

  it('tells federation and domain apart even where their names join to the same', () => {
    const one = planTopology({ federation: 'a', domain: parseDomainName('b.svc.c'), clusters: [] })
    const other = planTopology({ federation: 'a.svc.b', domain: parseDomainName('c'), clusters: [] }, one)

    expect(other.scopes[0]?.suffix).toBe(one.scopes[0]?.suffix)
    expect([other.federation, other.revision]).toEqual(['a.svc.b', 2])
  })

  it('known scopes are named although no cluster is there; a zone brings its region', () => {
    const topology = planTopology({
      federation,
      domain,
      clusters: [at(0, 'r1')],
      known: [{ region: 'gone', zone: 'z9' }, { region: 'r1' }],
    })

    expect(lines(topology)).toEqual([
      '0 global fed.svc.example.com. < [0]',
      '1 region fed.svc.gone.example.com. <0 []',
      '2 region fed.svc.r1.example.com. <0 [0]',
      '3 zone fed.svc.z9.gone.example.com. <1 []',
    ])
  })
})

const placeArbitrary = fc.record({
  region: fc.option(fc.constantFrom('r1', 'r2', 'r3'), { nil: undefined }),
  zones: fc.uniqueArray(fc.constantFrom('z1', 'z2', 'z3'), { maxLength: 2 }),
})
const clustersArbitrary = fc
  .array(placeArbitrary, { maxLength: 6 })
  .map((places) => places.map(({ region, zones }, i) => at(i, region, ...zones)))

describe('planTopology: properties', () => {
  it('ignores the order of clusters and of their zones', () => {
    fc.assert(
      fc.property(clustersArbitrary, (clusters) => {
        const turned = clusters.toReversed().map((one) => ({ ...one, zones: one.zones.toReversed() }))

        expect(plan(turned)).toEqual(plan(clusters))
      }),
    )
  })

  it('keeps all indices over any history, parents before children, members equal to scopesOf', () => {
    fc.assert(
      fc.property(fc.array(clustersArbitrary, { minLength: 1, maxLength: 5 }), (history) => {
        let topology: Topology | undefined
        for (const clusters of history) {
          const next = plan(clusters, topology)
          const kept = topology?.scopes.map(({ suffix }) => suffix) ?? []
          topology = next

          expect(next.scopes.map(({ suffix }) => suffix).slice(0, kept.length)).toEqual(kept)
          for (const { index, parent, members } of next.scopes) {
            expect(parent ?? -1).toBeLessThan(index)
            for (const [cluster, scopes] of next.scopesOf.entries()) {
              expect(scopes.includes(index)).toBe(members.includes(cluster as ClusterIndex))
            }
          }
        }
      }),
    )
  })

  it('survives structuredClone', () => {
    fc.assert(
      fc.property(clustersArbitrary, (clusters) => {
        const topology = plan(clusters)

        expect(plan(clusters, structuredClone(topology))).toEqual(topology)
      }),
    )
  })
})
