import { describe, expect, it } from 'vitest'
import { domainInForce, domainSettings, type Domain, type DomainStatus } from '../../../src/api/domain.ts'
import { objectKey } from '../../../src/api/keys.ts'
import { createFederations, type Federation, type Place } from '../../../src/controllers/federations.ts'
import { at, FakeObjects, here, NAMESPACE } from './fakes.ts'

const east: Place = { index: at(0), region: 'r1', zones: ['z1'] }
const west: Place = { index: at(1), region: 'r2', zones: ['z2'] }

function setUp(...places: readonly Place[]) {
  const domains = new FakeObjects<Domain, DomainStatus>()
  const world = { places }
  const changes: (readonly [string, Federation | undefined])[] = []
  const federations = createFederations({
    namespace: NAMESPACE,
    domains,
    places: () => world.places,
    changed: (name, now) => changes.push([name, now]),
  })
  const put = (domain: Partial<Domain> & { readonly domain: string }, name = 'fed'): void => {
    domains.put(here(name), { metadata: { name }, ...domain })
    federations.refresh(here(name))
  }
  const suffixes = (name = 'fed'): readonly string[] =>
    (federations.get(name)?.topology.scopes ?? []).map(({ suffix }) => suffix).sort()
  return { domains, world, changes, federations, put, suffixes }
}

describe('a Domain that cannot be used when a process starts', () => {
  const inForce = {
    domain: 'example.com',
    defaultTTL: 60,
    negativeTTL: 5,
    aliasAs: 'CNAME',
    nameServers: [],
  } as const

  it('is in force as the process before told of, until it can be used', () => {
    const { domains, federations, put, suffixes } = setUp(east)
    domains.reject(here('fed'), 'aliasAs: "X" is not one of', { status: { inForce } })

    federations.refresh('all')

    expect(federations.get('fed')).toMatchObject({
      domain: 'example.com.',
      settings: { defaultTtlSeconds: 60, negativeTtlSeconds: 5, aliasAs: 'CNAME', nameServers: [] },
    })
    expect([suffixes().length, federations.refuses('fed')]).toEqual([3, false])

    put({ domain: 'example.com' })
    expect(federations.get('fed')?.settings.defaultTtlSeconds).toBe(180)
  })

  it.each([
    { name: 'nothing was told of it', status: undefined },
    { name: 'it never was in force', status: { names: 0 } },
    {
      name: 'what was told has a server that is no name',
      status: { inForce: { ...inForce, nameServers: [{ name: `${'a.'.repeat(126)}aa` }] } },
    },
    { name: 'what was told is no name', status: { inForce: { ...inForce, domain: 'a..b' } } },
  ])('is not in force where $name', ({ status }) => {
    const { domains, federations } = setUp(east)
    domains.reject(here('fed'), 'domain: is missing', status === undefined ? {} : { status })

    federations.refresh('all')

    expect([federations.get('fed'), federations.refuses('fed')]).toEqual([undefined, true])
  })

  it('is told of by its status in the words that are read again', () => {
    const { put, federations } = setUp(east)
    put({
      domain: 'example.com',
      ...{ defaultTTL: 60, negativeTTL: 5, aliasAs: 'Addresses', maxAnswers: 0 },
      nameServers: [{ name: 'ns1.example.com', addresses: ['192.0.2.53'] }, { name: 'ns.example.net' }],
    })
    const { settings } = federations.get('fed')!

    expect(domainSettings(domainInForce('example.com', settings))).toEqual(settings)
  })

  it('keeps its static data as the process before told of it, until there is other', () => {
    const { domains, federations, put } = setUp(east)
    domains.reject(here('fed'), 'zoneFile line 1: no such type', {
      status: { inForce: { ...inForce, zoneFile: 'www A 192.0.2.1' } },
    })

    federations.refresh('all')

    expect(federations.get('fed')?.zoneFile).toBe('www A 192.0.2.1')
    put({ domain: 'example.com', zoneFile: '' })
    expect(federations.get('fed')).not.toHaveProperty('zoneFile')
  })
})

describe('a Domain in force', () => {
  it('has a topology of all places, and settings with nothing left open', () => {
    const { put, federations, suffixes, changes } = setUp(east, west)

    put({ domain: 'example.com', defaultTTL: 60 })

    expect(suffixes()).toEqual([
      'fed.svc.example.com.',
      'fed.svc.r1.example.com.',
      'fed.svc.r2.example.com.',
      'fed.svc.z1.r1.example.com.',
      'fed.svc.z2.r2.example.com.',
    ])
    expect(federations.get('fed')).toMatchObject({
      name: 'fed',
      domain: 'example.com.',
      settings: { defaultTtlSeconds: 60, negativeTtlSeconds: 15, aliasAs: 'Stable', nameServers: [] },
    })
    expect(changes).toEqual([['fed', federations.get('fed')]])
    expect([...federations.all()]).toEqual([federations.get('fed')])
  })

  it('is not looked at outside the namespace of the control plane', () => {
    const { domains, federations, changes } = setUp(east)
    const key = objectKey('elsewhere', 'fed')
    domains.put(key, { metadata: { name: 'fed' }, domain: 'example.com' })

    federations.refresh(key)
    federations.refresh('all')

    expect(federations.get('fed')).toBeUndefined()
    expect(changes).toEqual([])
  })

  it('keeps its instance, topology and settings, and tells nobody, while nothing changes', () => {
    const { put, federations, changes } = setUp(east)
    put({ domain: 'example.com' })
    const before = federations.get('fed')

    put({ domain: 'example.com' })
    federations.refresh('all')

    expect(federations.get('fed')).toBe(before)
    expect(changes).toHaveLength(1)
  })

  it('has other static data, and topology and settings by identity', () => {
    const { domains, put, federations, changes } = setUp(east)
    put({ domain: 'example.com', zoneFile: 'www A 192.0.2.1' })
    const before = federations.get('fed')

    put({ domain: 'example.com', zoneFile: 'www A 192.0.2.2' })
    const now = federations.get('fed')
    domains.reject(here('fed'), 'zoneFile line 1: no such type')
    federations.refresh('all')

    expect(now).toEqual({ ...before, zoneFile: 'www A 192.0.2.2' })
    expect([now?.topology === before?.topology, now?.settings === before?.settings]).toEqual([true, true])
    expect([federations.get('fed') === now, changes.length]).toEqual([true, 2])
  })

  it('gets a new topology and keeps its settings by identity when members move', () => {
    const { put, federations, world, changes } = setUp(east)
    put({ domain: 'example.com' })
    const before = federations.get('fed')!

    world.places = [east, west]
    federations.refresh('all')

    const after = federations.get('fed')!
    expect(after.topology.revision).toBeGreaterThan(before.topology.revision)
    expect(after.settings).toBe(before.settings)
    expect(changes).toHaveLength(2)
  })

  it('keeps its topology by identity when only its settings change', () => {
    const { put, federations } = setUp(east)
    put({ domain: 'example.com' })
    const before = federations.get('fed')!

    put({ domain: 'example.com', defaultTTL: 60 })

    expect(federations.get('fed')?.topology).toBe(before.topology)
    expect(federations.get('fed')?.settings.defaultTtlSeconds).toBe(60)
  })

  it('keeps the names of places that nobody is in any more', () => {
    const { put, federations, world, suffixes } = setUp(east, west)
    put({ domain: 'example.com' })
    const before = suffixes()

    world.places = [east]
    federations.refresh('all')

    expect(suffixes()).toEqual(before)
  })
})

describe('a Domain that is edited, deleted or made anew', () => {
  it('moves to its new zone, with places where members are now', () => {
    const { put, suffixes } = setUp(east)
    put({ domain: 'example.com' })

    put({ domain: 'example.org' })

    expect(suffixes()).toEqual([
      'fed.svc.example.org.',
      'fed.svc.r1.example.org.',
      'fed.svc.z1.r1.example.org.',
    ])
  })

  it('ends when it is deleted, once', () => {
    const { put, domains, federations, changes } = setUp(east)
    put({ domain: 'example.com' })

    domains.remove(here('fed'))
    federations.refresh(here('fed'))
    federations.refresh(here('fed'))

    expect(federations.get('fed')).toBeUndefined()
    expect(changes.slice(1)).toEqual([['fed', undefined]])
  })

  it('ends although nobody told of the deletion, when all are looked at', () => {
    const { put, domains, federations, changes } = setUp(east)
    put({ domain: 'example.com' })
    domains.remove(here('fed'))

    federations.refresh('all')

    expect(federations.get('fed')).toBeUndefined()
    expect(changes.at(-1)).toEqual(['fed', undefined])
  })

  it('takes up its scopes again, at a later revision or the same topology, when it comes back', () => {
    const { put, domains, federations, world, suffixes } = setUp(east, west)
    put({ domain: 'example.com' })
    const [before, names] = [federations.get('fed')!, suffixes()]
    domains.remove(here('fed'))
    federations.refresh(here('fed'))

    put({ domain: 'example.com' })
    expect(federations.get('fed')?.topology).toBe(before.topology)
    put({ domain: 'example.org' })
    world.places = [east]
    put({ domain: 'example.com' })

    expect(suffixes()).toEqual(names)
    expect(federations.get('fed')!.topology.revision).toBeGreaterThan(before.topology.revision)
  })
})

describe('a Domain that cannot be used', () => {
  it('stays in force as it was after the edit that made it so', () => {
    const { put, domains, federations, changes, world, suffixes } = setUp(east)
    put({ domain: 'example.com', defaultTTL: 60 })
    const before = federations.get('fed')!

    domains.reject(here('fed'), 'domain: "!" is not a DNS name')
    federations.refresh(here('fed'))
    expect(federations.get('fed')).toBe(before)
    expect(changes).toHaveLength(1)
    world.places = [east, west]
    federations.refresh('all')

    expect(suffixes()).toContain('fed.svc.r2.example.com.')
    expect(federations.get('fed')?.settings).toBe(before.settings)
  })

  it('is not in force when it never was usable; its records hear of it, and of every other reason, once', () => {
    const { domains, federations, changes } = setUp(east)
    const reject = (problem: string): void => {
      domains.reject(here('fed'), problem)
      federations.refresh(here('fed'))
    }

    reject('domain: "!" is not a DNS name')
    federations.refresh('all')
    expect(changes).toEqual([['fed', undefined]])
    reject('domain: "?" is not a DNS name')
    expect(changes).toHaveLength(2)
    domains.remove(here('fed'))
    federations.refresh(here('fed'))

    expect(changes).toHaveLength(3)
    expect(federations.complaintOf('fed').reason).toBe('DomainNotFound')
  })

  it('comes into force when it is mended', () => {
    const { domains, federations, put, changes } = setUp(east)
    domains.reject(here('fed'), 'domain: "!" is not a DNS name')
    federations.refresh(here('fed'))

    put({ domain: 'example.com' })

    expect(changes.at(-1)).toEqual(['fed', federations.get('fed')])
    expect(federations.get('fed')).toBeDefined()
  })
})

describe('complaintOf', () => {
  it('names the namespace and the Domains there are, sorted', () => {
    const { put, federations } = setUp(east)
    put({ domain: 'example.com' }, 'other')
    put({ domain: 'example.org' }, 'another')

    expect(federations.complaintOf('fed')).toEqual({
      reason: 'DomainNotFound',
      message: `spec.domainRef names Domain "fed", which is not in namespace ${NAMESPACE} (there are: another, other); create it, or correct the name`,
    })
  })

  it('says when there is none at all', () => {
    expect(setUp().federations.complaintOf('fed').message).toContain('(there is none yet)')
  })

  it('says what is wrong with a Domain that cannot be used', () => {
    const { domains, federations } = setUp()
    domains.reject(here('fed'), 'domain: "!" is not a DNS name')

    expect(federations.complaintOf('fed')).toEqual({
      reason: 'DomainInvalid',
      message: `Domain fed in namespace ${NAMESPACE} cannot be used as it is: domain: "!" is not a DNS name`,
    })
  })
})
