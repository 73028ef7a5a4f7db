import { describe, expect, it } from 'vitest'
import type { AliasAs } from '../../../../src/api/domain.ts'
import { namesThatCarried } from '../../../../src/core/discovery/answers/carried.ts'
import { emptyMemory, restoreServiceMemory } from '../../../../src/core/discovery/memory.ts'
import { saidByService } from '../../../../src/core/discovery/said.ts'
import { planEndpoints } from '../../../../src/writers/dnsendpoint/plan-endpoints.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { ABSENT, DOMAIN, lost, Service, shard, spec, topologyOf, wordsOf } from './shard-builders.ts'

/** Region r0 with zones z0 and z1, region r1 with z2 and z3: one cluster in each zone, with address 192.0.2.<cluster>. */
function four(aliasAs: AliasAs, present: readonly number[] = [0, 1, 2, 3]): Service {
  const shards = [0, 1, 2, 3].map((i) => (present.includes(i) ? up(i) : ABSENT))
  return new Service(topologyOf(4, 2), shards, spec({ aliasAs }))
}

const up = (cluster: number) => shard([`192.0.2.${cluster}`])
const down = (cluster: number) => shard([`192.0.2.${cluster}`], 'down')

/** What a DNSEndpoint says, `<name> <type> <targets>`, without the common end of names. */
function outside(service: Service): readonly string[] {
  const said = saidByService(service.memory).map(({ name, answer }) => [name, answer] as const)
  const short = (text: string): string => text.replace('.example.com', '').replace('.fed.svc', '')
  return planEndpoints(DOMAIN, said).map(({ dnsName, recordType, targets }) =>
    [short(dnsName), recordType, ...targets.map(short)].join(' '),
  )
}

describe('what outputs write for a scope without fit shards', () => {
  const ALL_IN_R1 = [
    'web.ns.r1 A 192.0.2.2 192.0.2.3',
    'web.ns.z2.r1 A 192.0.2.2',
    'web.ns.z3.r1 A 192.0.2.3',
  ]
  const rows: readonly {
    readonly name: string
    readonly aliasAs: AliasAs
    readonly present?: readonly number[]
    readonly act: (service: Service) => void
    readonly want: readonly string[]
  }[] = [
    {
      name: 'Stable: a zone carries the addresses of its region',
      aliasAs: 'Stable',
      act: (service) => service.change(0, down(0)),
      want: [
        'web.ns A 192.0.2.1 192.0.2.2 192.0.2.3',
        'web.ns.r0 A 192.0.2.1',
        'web.ns.z0.r0 A 192.0.2.1',
        'web.ns.z1.r0 A 192.0.2.1',
        ...ALL_IN_R1,
      ].toSorted(),
    },
    {
      name: 'Stable: a region and its zones carry the global ones',
      aliasAs: 'Stable',
      act: (service) => {
        service.change(0, down(0))
        service.change(1, ABSENT)
      },
      want: [
        'web.ns A 192.0.2.2 192.0.2.3',
        'web.ns.r0 A 192.0.2.2 192.0.2.3',
        'web.ns.z0.r0 A 192.0.2.2 192.0.2.3',
        'web.ns.z1.r0 A 192.0.2.2 192.0.2.3',
        ...ALL_IN_R1,
      ].toSorted(),
    },
    {
      name: 'Stable: a scope that never carried any is a CNAME',
      aliasAs: 'Stable',
      present: [2, 3],
      act: () => {},
      want: [
        'web.ns A 192.0.2.2 192.0.2.3',
        'web.ns.r0 CNAME web.ns',
        'web.ns.z0.r0 CNAME web.ns.r0',
        'web.ns.z1.r0 CNAME web.ns.r0',
        ...ALL_IN_R1,
      ].toSorted(),
    },
    {
      name: 'Stable: what stands in while no shard is fit is carried too',
      aliasAs: 'Stable',
      present: [0],
      act: (service) => service.change(0, down(0)),
      want: [
        'web.ns A 192.0.2.0',
        'web.ns.r0 A 192.0.2.0',
        'web.ns.r1 CNAME web.ns',
        'web.ns.z0.r0 A 192.0.2.0',
        'web.ns.z1.r0 CNAME web.ns.r0',
        'web.ns.z2.r1 CNAME web.ns.r1',
        'web.ns.z3.r1 CNAME web.ns.r1',
      ],
    },
    {
      name: 'Stable: where nothing is published anywhere, a name that carried addresses is left out, as the global one is',
      aliasAs: 'Stable',
      present: [0],
      act: (service) => service.change(0, ABSENT),
      want: [
        'web.ns.r1 CNAME web.ns',
        'web.ns.z1.r0 CNAME web.ns.r0',
        'web.ns.z2.r1 CNAME web.ns.r1',
        'web.ns.z3.r1 CNAME web.ns.r1',
      ],
    },
    {
      name: 'CNAME: a CNAME, whatever it carried (KubeFed)',
      aliasAs: 'CNAME',
      act: (service) => {
        service.change(0, down(0))
        service.change(1, ABSENT)
      },
      want: [
        'web.ns A 192.0.2.2 192.0.2.3',
        'web.ns.r0 CNAME web.ns',
        'web.ns.z0.r0 CNAME web.ns.r0',
        'web.ns.z1.r0 CNAME web.ns.r0',
        ...ALL_IN_R1,
      ].toSorted(),
    },
    {
      name: 'Addresses: addresses, also where it never carried any',
      aliasAs: 'Addresses',
      present: [2, 3],
      act: (service) => service.change(3, ABSENT),
      want: [
        'web.ns A 192.0.2.2',
        'web.ns.r0 A 192.0.2.2',
        'web.ns.r1 A 192.0.2.2',
        'web.ns.z0.r0 A 192.0.2.2',
        'web.ns.z1.r0 A 192.0.2.2',
        'web.ns.z2.r1 A 192.0.2.2',
        'web.ns.z3.r1 A 192.0.2.2',
      ],
    },
    {
      name: 'Addresses: nothing where nothing is published anywhere',
      aliasAs: 'Addresses',
      present: [0],
      act: (service) => service.change(0, ABSENT),
      want: [],
    },
  ]
  for (const row of rows) {
    it(row.name, () => {
      const service = four(row.aliasAs, row.present)
      service.decide('all')

      row.act(service)

      expect(outside(service)).toEqual(row.want)
    })
  }

  it('decides for a name, never for a family: what the wider scope has of both', () => {
    const shards = [shard(['192.0.2.1']), shard(['192.0.2.2', '2001:db8::2'])]
    const service = new Service(topologyOf(2), shards)
    service.decide('all')
    service.change(0, ABSENT)

    expect(outside(service).filter((line) => line.startsWith('web.ns.r0'))).toEqual([
      'web.ns.r0 A 192.0.2.2',
      'web.ns.r0 AAAA 2001:db8::2',
    ])
  })

  it('the prefix name is a CNAME always: it is no zone and no region', () => {
    const service = four('Addresses')
    service.spec = spec({ aliasAs: 'Addresses', prefix: parseDomainName('go.example.com') })
    service.decide('all')

    expect(outside(service)[0]).toBe('go CNAME web.ns')
  })
})

describe('what outputs write follows the wider scope', () => {
  it('a change elsewhere reaches every name that carries the global addresses, and no other', () => {
    const service = four('Stable')
    service.decide('all')
    service.change(0, ABSENT)
    service.change(1, ABSENT)

    expect(wordsOf(service.change(2, shard(['192.0.2.22'])))).toEqual([
      '! web.ns. 180 192.0.2.3 192.0.2.22',
      '! web.ns.r0. 180 -> web.ns. [192.0.2.3 192.0.2.22]',
      '! web.ns.r1. 180 192.0.2.3 192.0.2.22',
      '! web.ns.z0.r0. 180 -> web.ns.r0. [192.0.2.3 192.0.2.22]',
      '! web.ns.z1.r0. 180 -> web.ns.r0. [192.0.2.3 192.0.2.22]',
      '! web.ns.z2.r1. 180 192.0.2.22',
    ])
  })

  it('an address more waits: nobody is sent to what is dead', () => {
    const service = four('Stable')
    service.decide('all')
    service.change(0, ABSENT)

    expect(wordsOf(service.change(1, shard(['192.0.2.1', '192.0.2.11'])))).toEqual([
      'web.ns. 180 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.11',
      'web.ns.r0. 180 192.0.2.1 192.0.2.11',
      'web.ns.z0.r0. 180 -> web.ns.r0. [192.0.2.1 192.0.2.11]',
      'web.ns.z1.r0. 180 192.0.2.1 192.0.2.11',
    ])
  })

  it('from the region to all, and back to its own', () => {
    const service = four('Stable')
    service.decide('all')
    service.change(0, ABSENT)
    service.change(1, ABSENT)

    expect(wordsOf(service.change(1, up(1)))).toContain('! web.ns.z0.r0. 180 -> web.ns.r0. [192.0.2.1]')
    expect(wordsOf(service.change(0, up(0)))).toContain('web.ns.z0.r0. 180 192.0.2.0')
  })

  it.each([
    { aliasAs: 'Stable', out: [], want: 3, why: 'no name aliases: the scopes of the shard' },
    { aliasAs: 'Stable', out: [0], want: 4, why: 'the zone that aliases, too' },
    { aliasAs: 'Stable', out: [0, 1], want: 6, why: 'a region and two zones, too' },
    { aliasAs: 'CNAME', out: [0, 1], want: 3, why: 'nothing follows' },
    { aliasAs: 'Addresses', out: [0, 1], want: 6, why: 'a region and two zones, too' },
  ] as const)('$aliasAs, $out.length zones out: $want scopes made, $why', ({ aliasAs, out, want }) => {
    const service = four(aliasAs)
    service.decide('all')
    for (const cluster of out) service.change(cluster, ABSENT)

    expect(service.change(2, shard(['192.0.2.22'])).work).toEqual({ shards: 1, scopes: want })
  })

  it('costs nothing where no answer changes', () => {
    const service = four('Stable')
    service.decide('all')
    service.change(0, ABSENT)

    expect(service.change(2, lost()).work).toEqual({ shards: 1, scopes: 0 })
  })

  it('names that point to one scope share one answer', () => {
    const service = four('Stable')
    service.decide('all')
    service.change(0, ABSENT)
    service.change(1, ABSENT)
    service.change(2, shard(['192.0.2.22']))

    const [, , , z0, z1] = service.memory.answers
    expect(z0).toMatchObject({ kind: 'alias', instead: { a: ['192.0.2.3', '192.0.2.22'] } })
    expect(z1).toBe(z0)
  })
})

describe('a name that has carried addresses', () => {
  /** r0 and its zones have carried addresses and alias now. */
  function aliasing(aliasAs: AliasAs = 'Stable'): Service {
    const service = four(aliasAs)
    service.decide('all')
    service.change(0, ABSENT)
    service.change(1, ABSENT)
    return service
  }
  const r0 = (service: Service): string | undefined =>
    outside(service).find((line) => line.startsWith('web.ns.r0 '))

  it.each([
    { name: 'another TTL', edit: spec({ ttlSeconds: 30 }) },
    { name: 'another routing', edit: spec({ routing: { whenAllUnhealthy: 'Empty' } }) },
    { name: 'a prefix', edit: spec({ prefix: parseDomainName('go.example.com') }) },
    { name: 'Services without endpoints', edit: spec({ allowWithoutEndpoints: true }) },
  ])('keeps its type through an edit that does not rename it: $name', ({ edit }) => {
    const service = aliasing()
    service.spec = edit
    service.decide([])

    expect(r0(service)).toBe('web.ns.r0 A 192.0.2.2 192.0.2.3')
  })

  it('keeps it when regions come, whatever comes with them', () => {
    const service = aliasing()
    service.topology = topologyOf(6, 2, service.topology)
    service.shards.push(up(4), ABSENT)
    service.decide([])

    expect(r0(service)).toBe('web.ns.r0 A 192.0.2.2 192.0.2.3 192.0.2.4')
  })

  it('leaves that behind when it is renamed, and has it no more when it is renamed back', () => {
    const service = aliasing()
    for (const base of ['shop.ns', 'web.ns']) {
      service.spec = spec({ base })
      service.decide([])

      expect(outside(service)).toContain(`${base}.r0 CNAME ${base}`)
    }
  })

  it('keeps it over a restart, in a topology of another order', () => {
    const told = namesThatCarried(aliasing().memory)
    const service = new Service(topologyOf(4, 2), [ABSENT, ABSENT, up(2), lost()])
    const shards = [{ cluster: 3, state: 'Fit', sinceSeconds: 0 }] as never
    service.memory = restoreServiceMemory(emptyMemory(service.topology), {
      shards,
      onceFit: true,
      carried: told,
    })
    service.decide('all')

    expect(outside(service)).toEqual([
      'web.ns A 192.0.2.2',
      'web.ns.r0 A 192.0.2.2',
      'web.ns.r1 A 192.0.2.2',
      'web.ns.z0.r0 A 192.0.2.2',
      'web.ns.z1.r0 A 192.0.2.2',
      'web.ns.z2.r1 A 192.0.2.2',
      'web.ns.z3.r1 A 192.0.2.2',
    ])
  })

  it('keeps it over a restart although its region is seen later only', () => {
    const told = namesThatCarried(aliasing().memory)
    const later = new Service(topologyOf(0), [])
    later.memory = restoreServiceMemory(emptyMemory(later.topology), {
      shards: [],
      onceFit: true,
      carried: told,
    })
    later.decide('all')
    expect(later.memory.carriedNames).toHaveLength(told.length - 1) // the global name is there

    later.topology = topologyOf(4, 2, later.topology)
    later.shards.push(ABSENT, ABSENT, up(2), up(3))
    later.decide('all')

    expect(r0(later)).toBe('web.ns.r0 A 192.0.2.2 192.0.2.3')
    expect(later.memory.carriedNames).toEqual([])
  })

  it('is remembered under CNAME as well: Stable from now on gives it its addresses back', () => {
    const service = aliasing('CNAME')
    expect(r0(service)).toBe('web.ns.r0 CNAME web.ns')

    service.spec = spec({ aliasAs: 'Stable' })
    const { changes } = service.decide([])

    expect(r0(service)).toBe('web.ns.r0 A 192.0.2.2 192.0.2.3')
    expect(wordsOf({ changes })).toEqual([
      'web.ns.r0. 180 -> web.ns. [192.0.2.2 192.0.2.3]',
      'web.ns.z0.r0. 180 -> web.ns.r0. [192.0.2.2 192.0.2.3]',
      'web.ns.z1.r0. 180 -> web.ns.r0. [192.0.2.2 192.0.2.3]',
    ])
  })

  it('is remembered at no cost: nothing is kept of names that carry addresses now', () => {
    const service = four('Stable')
    service.decide('all')
    expect([service.memory.carried, service.memory.carriedNames]).toEqual([[], []])

    service.change(0, ABSENT)
    expect(service.memory.carried).toEqual([3])

    service.change(0, up(0))
    expect(service.memory.carried).toEqual([])
  })
})
