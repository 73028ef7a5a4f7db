import { describe, expect, it } from 'vitest'
import { publishWorld } from '../../../src/app/world-answers.ts'
import { createLedger } from '../../../src/core/discovery/ledger.ts'
import { defaultWorld, emptyWorld } from '../../../src/sandbox/world/demo-world.ts'
import { parseWorld, type World, type WorldInput } from '../../../src/sandbox/world/world.ts'
import { wordsOf } from '../writers/embedded/recording-zones.ts'

function namesOf(world: World): Record<string, string> {
  const ledger = createLedger()
  publishWorld(world, ledger)
  return Object.fromEntries(
    [...ledger.names()].sort().map((name) => [name, wordsOf(ledger.get(name)?.answer)] as const),
  )
}

/** Two clusters, one without a place, and a service in both. */
function worldWith(input: Partial<WorldInput>): World {
  return parseWorld(
    {
      federation: 'fed',
      domain: 'example.com',
      clusters: [{ name: 'c0', region: 'r0', zones: ['z0'] }, { name: 'c1' }],
      services: [{ namespace: 'shop', name: 'web' }],
      records: [{ namespace: 'shop', name: 'web' }],
      ...input,
    },
    'test',
  )
}

const global = 'web.shop.fed.svc.example.com.'

describe('publishWorld', () => {
  it('says what the demo says: global, regions, zones and the short name, all clusters fit', () => {
    const names = namesOf(defaultWorld())

    expect(Object.keys(names)).toHaveLength(1 + 3 + 3 + 1)
    const all = names['nginx.mynamespace.myfederation.svc.example.com.']?.split(' ') ?? []
    expect(all).toHaveLength(3)
    for (const place of ['us-central1', 'us-east1', 'europe-west1']) {
      expect(all).toContain(names[`nginx.mynamespace.myfederation.svc.${place}.example.com.`])
    }
    expect(names['nginx.mynamespace.myfederation.']).toBe(
      'alias nginx.mynamespace.myfederation.svc.example.com.',
    )
  })

  it('says nothing of an empty world, and the same of the same one', () => {
    expect(namesOf(emptyWorld())).toEqual({})
    expect(namesOf(defaultWorld())).toEqual(namesOf(defaultWorld()))
  })

  it('names a cluster without a place in the global name only', () => {
    const names = namesOf(worldWith({}))

    expect(Object.keys(names)).toEqual([
      'web.shop.fed.',
      global,
      'web.shop.fed.svc.r0.example.com.',
      'web.shop.fed.svc.z0.r0.example.com.',
    ])
    expect(names[global]?.split(' ')).toHaveLength(2)
  })

  const silent: readonly { readonly name: string; readonly in: Partial<WorldInput> }[] = [
    {
      name: 'a service that is not ready',
      in: { services: [{ namespace: 'shop', name: 'web', ready: false }] },
    },
    {
      name: 'a service without replicas',
      in: { services: [{ namespace: 'shop', name: 'web', replicas: 0 }] },
    },
    {
      name: 'a service that is no load balancer',
      in: { services: [{ namespace: 'shop', name: 'web', type: 'ClusterIP' }] },
    },
    {
      name: 'a load balancer that never answers',
      in: { services: [{ namespace: 'shop', name: 'web', loadBalancer: 'none' }] },
    },
    { name: 'a record without a service', in: { services: [] } },
  ]
  for (const row of silent) {
    it(`lets a name exist and say nothing for ${row.name}`, () => {
      const names = namesOf(worldWith(row.in))

      expect(names).toMatchObject({
        [global]: 'nothing',
        'web.shop.fed.svc.r0.example.com.': `alias ${global}`,
      })
    })
  }

  it('says nothing for a record that asks for another Domain', () => {
    expect(namesOf(worldWith({ records: [{ namespace: 'shop', name: 'web', domainRef: 'other' }] }))).toEqual(
      {},
    )
  })

  it('says nothing without a Domain', () => {
    const { federation: _, domain: __, ...world } = worldWith({ records: [] })

    expect(namesOf({ ...world, records: [{ namespace: 'shop', name: 'web' }] })).toEqual({})
  })

  it('publishes both families, prefix and external names as asked', () => {
    const names = namesOf(
      worldWith({
        clusters: [{ name: 'c0', ipv6: true }],
        services: [{ namespace: 'shop', name: 'web', ipFamilies: ['IPv4', 'IPv6'] }],
        records: [{ namespace: 'shop', name: 'web', dnsPrefix: 'www', externalName: 'front' }],
      }),
    )

    expect(Object.keys(names)).toEqual([
      'front.shop.fed.',
      'front.shop.fed.svc.example.com.',
      'www.example.com.',
    ])
    expect(names['front.shop.fed.svc.example.com.']).toMatch(/^[0-9.]+ [0-9a-f:]+$/)
  })

  it('publishes the hosts of Ingress records, from the clusters that have the Ingress', () => {
    const names = namesOf(
      worldWith({
        services: [{ namespace: 'shop', name: 'web' }],
        ingresses: [
          { namespace: 'shop', name: 'edge', hosts: ['www.example.com'], service: 'web', clusters: ['c1'] },
        ],
        records: [{ namespace: 'shop', name: 'edge', hosts: ['www.example.com', 'shop.example.com'] }],
      }),
    )

    expect(Object.keys(names)).toEqual(['shop.example.com.', 'www.example.com.'])
    expect(names['www.example.com.']?.split(' ')).toHaveLength(1)
    expect(names['shop.example.com.']).toBe(names['www.example.com.'])
  })

  it('publishes no host in front of a service that is not ready', () => {
    const names = namesOf(
      worldWith({
        services: [{ namespace: 'shop', name: 'web', ready: false }],
        ingresses: [{ namespace: 'shop', name: 'edge', hosts: ['www.example.com'], service: 'web' }],
        records: [{ namespace: 'shop', name: 'edge', hosts: ['www.example.com'] }],
      }),
    )

    expect(names).toEqual({ 'www.example.com.': 'nothing' })
  })
})
