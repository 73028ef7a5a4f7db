import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../src/api/conditions.ts'
import type { ServiceDNSStatus } from '../../../src/api/dns-status.ts'
import { ownerKey, objectKey, type ClusterIndex } from '../../../src/api/keys.ts'
import {
  planBlockedStatus,
  planIngressStatus,
  planServiceStatus,
} from '../../../src/controllers/plan-status.ts'
import type { SeenShard, StatusInput } from '../../../src/controllers/status-input.ts'
import { decideHosts } from '../../../src/core/discovery/ingress.ts'
import { emptyHostsMemory } from '../../../src/core/discovery/memory.ts'
import type { HostsMemory, IngressShard } from '../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import type { Answer } from '../../../src/dns/records.ts'
import { at, endpoints, ingress, ips } from './fakes.ts'

const NOW = '2026-01-02T03:04:05Z'
const NOW_MS = Date.parse(NOW)
const name = parseDomainName
const www = name('www.example.com')

/** One cluster's shard in a word. */
type Shown = 'fit' | 'unfit' | 'absent' | 'unknown'

function shardOf(shown: Shown, cluster: ClusterIndex): IngressShard {
  const facts = ingress([], `192.0.2.${cluster + 1}`, `2001:db8::${cluster + 1}`)
  switch (shown) {
    case 'fit':
      return { kind: 'present', ingress: facts, backends: [endpoints(2)] }
    case 'unfit':
      return { kind: 'present', ingress: facts, backends: [endpoints(0)] }
    case 'absent':
      return { kind: 'absent' }
    case 'unknown':
      return { kind: 'unknown', sinceMs: NOW_MS - 60_000, probe: 'none' }
  }
}

/** Memory after these worlds, one after the other; clusters by index. */
function memoryOf(...worlds: readonly (readonly Shown[])[]): HostsMemory {
  return worlds.reduce<HostsMemory>(
    (memory, world) =>
      decideHosts(
        {
          owner: ownerKey('IngressDNSRecord', objectKey('shop', 'web')),
          hosts: [www],
          ttlSeconds: 30,
          routing: { whenAllUnhealthy: 'LastKnownGood' },
          members: world.map((_, index) => at(index)),
          dirty: 'all',
          nowMs: NOW_MS,
          shard: (cluster) => shardOf(world[cluster] ?? 'absent', cluster),
        },
        memory,
      ).memory,
    emptyHostsMemory(),
  )
}

function seen(index: number, more: Partial<SeenShard> = {}): SeenShard {
  return { cluster: at(index), name: `c${index}`, hosts: [], readyEndpoints: 2, ...more }
}

function inputOf(memory: HostsMemory, more: Partial<StatusInput> = {}): StatusInput {
  return {
    memory,
    shards: [seen(0), seen(1)],
    said: memory.answer === undefined ? [] : [{ name: www, answer: memory.answer }],
    conflicts: [],
    rejected: [],
    written: { ok: true },
    generation: 3,
    now: NOW,
    ...more,
  }
}

const bothFit = memoryOf(['fit', 'fit'])

describe('status of an IngressDNSRecord', () => {
  it('tells of every cluster, sorted by name, and of all together', () => {
    const status = planIngressStatus(inputOf(bothFit, { shards: [seen(1), seen(0)] }), undefined)

    const entry = (index: number): unknown => ({
      cluster: `c${index}`,
      loadBalancer: { ingress: [{ ip: `192.0.2.${index + 1}` }, { ip: `2001:db8::${index + 1}` }] },
      state: 'Fit',
      reason: 'EndpointsReady',
      message: 'at least one endpoint is ready; nothing to do',
      since: NOW,
      published: true,
      endpoints: 2,
    })
    const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2']
    const { conditions, ...rest } = status
    expect(rest).toEqual({
      dns: [entry(0), entry(1)],
      observedGeneration: 3,
      endpoints: 4,
      healthy: '2/2',
      addresses,
      lastGood: addresses,
      answers: [
        { name: 'www.example.com', type: 'A', targets: ['192.0.2.1', '192.0.2.2'] },
        { name: 'www.example.com', type: 'AAAA', targets: ['2001:db8::1', '2001:db8::2'] },
      ],
    })
    expect(conditions?.map(({ type }) => type)).toEqual(
      ['Conflict', 'DNSEndpointWritten', 'Degraded', 'Ready'].sort(),
    )
  })

  it('shows a load balancer only while it is published, with its host names behind its addresses', () => {
    const shards = [seen(0, { hosts: [name('lb.example.net')] }), seen(1)]

    const { dns } = planIngressStatus(inputOf(memoryOf(['fit', 'unfit']), { shards }), undefined)

    expect(dns?.map(({ loadBalancer, published }) => [published, loadBalancer])).toEqual([
      [true, { ingress: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }, { hostname: 'lb.example.net' }] }],
      [false, {}],
    ])
  })

  it('says the same whatever order the clusters come in', () => {
    const shards = [seen(2, { name: 'a' }), seen(0, { name: 'z' }), seen(1, { name: 'm' })]
    const memory = memoryOf(['fit', 'unknown', 'unfit'])

    const one = planIngressStatus(inputOf(memory, { shards }), undefined)
    const other = planIngressStatus(inputOf(memory, { shards: [...shards].reverse() }), undefined)

    expect(JSON.stringify(other)).toBe(JSON.stringify(one))
  })

  it('is the same again when nothing changed, times too', () => {
    const first = planIngressStatus(inputOf(bothFit), undefined)

    expect(planIngressStatus(inputOf(bothFit, { now: '2027-01-01T00:00:00Z' }), first)).toEqual(first)
  })

  const counts: readonly {
    readonly name: string
    readonly in: readonly (readonly Shown[])[]
    readonly want: string
  }[] = [
    { name: 'fit ones of those that have it', in: [['fit', 'unfit']], want: '1/2' },
    { name: 'no absent one', in: [['fit', 'absent']], want: '1/1' },
    {
      name: 'one that was last fit as having it, not as healthy',
      in: [
        ['fit', 'fit'],
        ['fit', 'unknown'],
      ],
      want: '1/2',
    },
    { name: 'one never seen in neither', in: [['fit', 'unknown']], want: '1/1' },
  ]
  for (const row of counts) {
    it(`counts as healthy ${row.name}`, () => {
      expect(planIngressStatus(inputOf(memoryOf(...row.in)), undefined).healthy).toBe(row.want)
    })
  }

  it('tells of a cluster out of sight what it was, and since when', () => {
    const { dns } = planIngressStatus(inputOf(memoryOf(['fit', 'fit'], ['fit', 'unknown'])), undefined)

    expect(dns?.[1]).toMatchObject({
      state: 'Unknown',
      lastKnown: 'Fit',
      reason: 'SessionLost',
      published: true,
      since: '2026-01-02T03:03:05Z',
    })
  })
})

describe('lastGood', () => {
  const good = ['192.0.2.1', '2001:db8::1']
  const rows: readonly {
    readonly name: string
    readonly worlds: readonly (readonly Shown[])[]
    readonly before: readonly string[]
    readonly want: readonly string[]
  }[] = [
    { name: 'is what is published now', worlds: [['fit', 'absent']], before: ['10.0.0.1'], want: good },
    {
      name: 'is what an unfit one publishes',
      worlds: [
        ['fit', 'absent'],
        ['unfit', 'absent'],
      ],
      before: [],
      want: good,
    },
    {
      name: 'ends when it is gone everywhere: what comes back starts anew',
      worlds: [
        ['fit', 'absent'],
        ['absent', 'absent'],
      ],
      before: good,
      want: [],
    },
    { name: 'is nothing while it has never been fit', worlds: [['unfit', 'absent']], before: [], want: [] },
  ]
  for (const row of rows) {
    it(row.name, () => {
      const before = { lastGood: [...row.before] }

      expect(planIngressStatus(inputOf(memoryOf(...row.worlds)), before).lastGood).toEqual(row.want)
    })
  }
})

interface ConditionRow {
  readonly name: string
  readonly type: string
  readonly worlds?: readonly (readonly Shown[])[]
  readonly more?: Partial<StatusInput>
  readonly want: string | undefined
  readonly says?: string
}

const winner = ownerKey('ServiceDNSRecord', objectKey('shop', 'old'))
const conflict = { name: www, winner }

describe('conditions', () => {
  const rows: readonly ConditionRow[] = [
    { name: 'some cluster is fit', type: 'Ready', want: 'True ShardsFit' },
    {
      name: 'no cluster is fit any more',
      type: 'Ready',
      worlds: [
        ['fit', 'fit'],
        ['unfit', 'unfit'],
      ],
      want: 'False LastKnownGood',
    },
    {
      name: 'no cluster has been fit yet',
      type: 'Ready',
      worlds: [['unfit', 'unfit']],
      want: 'False NeverFit',
    },
    { name: 'no cluster has it', type: 'Ready', worlds: [['absent', 'absent']], want: 'False NoAddresses' },
    {
      name: 'the record cannot be used as it is now, which comes before all else',
      type: 'Ready',
      more: { complaint: { reason: 'Invalid', message: 'cannot be used' }, conflicts: [conflict], said: [] },
      want: 'False Invalid',
      says: 'cannot be used',
    },
    {
      name: 'another record has all of its names',
      type: 'Ready',
      more: { conflicts: [conflict], said: [] },
      want: 'False Conflict',
      says: `www.example.com belongs to ${winner}; rename one of the two, or delete it`,
    },
    {
      name: 'another record has some of its names',
      type: 'Ready',
      more: { conflicts: [{ name: name('other.example.com'), winner }] },
      want: 'True ShardsFit',
    },
    { name: 'all clusters can be seen', type: 'Degraded', want: 'False AllKnown' },
    {
      name: 'unfit clusters stand in, which comes before clusters out of sight',
      type: 'Degraded',
      worlds: [
        ['fit', 'fit'],
        ['unfit', 'fit'],
        ['unfit', 'unfit'],
        ['unfit', 'unknown'],
      ],
      want: 'True LastKnownGood',
    },
    {
      name: 'a name was refused',
      type: 'Degraded',
      more: {
        rejected: [
          { field: 'spec.dnsPrefix', name: 'x', message: 'too long' },
          { field: 'zone', name: 'y', message: 'also' },
        ],
      },
      want: 'True NameRejected',
      says: 'spec.dnsPrefix: too long; zone: also',
    },
    {
      name: 'clusters cannot be seen',
      type: 'Degraded',
      worlds: [['unknown', 'fit', 'unknown']],
      more: { shards: [seen(2, { name: 'b' }), seen(0, { name: 'a' }), seen(1)] },
      want: 'True ClustersUnknown',
      says: 'cannot be seen now, what was last known stays: a, b; see the conditions of these KubeFedClusters',
    },
    { name: 'its names are its own', type: 'Conflict', want: 'False NoConflict' },
    {
      name: 'names are taken: five are named',
      type: 'Conflict',
      more: { conflicts: Array.from({ length: 7 }, (_, i) => ({ name: name(`n${i}.example.com`), winner })) },
      want: 'True NameTaken',
      says: `${[0, 1, 2, 3, 4].map((i) => `n${i}.example.com belongs to ${winner}`).join(', ')}, and 2 more; rename one of the two, or delete it`,
    },
    { name: 'its DNSEndpoint stands', type: 'DNSEndpointWritten', want: 'True Written' },
    {
      name: 'its DNSEndpoint could not be written',
      type: 'DNSEndpointWritten',
      more: { written: { ok: false, reason: 'ForeignObject', message: 'is not ours' } },
      want: 'False ForeignObject',
      says: 'is not ours',
    },
  ]
  for (const row of rows) {
    it(`${row.type}: ${row.want ?? 'not said'} when ${row.name}`, () => {
      const memory = memoryOf(...(row.worlds ?? [['fit', 'fit']]))

      const { conditions = [] } = planIngressStatus(inputOf(memory, row.more), undefined)

      const found = conditions.find(({ type }) => type === row.type)
      expect(found && `${found.status} ${found.reason}`).toBe(row.want)
      expect(found?.observedGeneration).toBe(3)
      if (row.says !== undefined) expect(found?.message).toBe(row.says)
    })
  }

  it('say nothing of the DNSEndpoint before it was tried, and keep what was said of it', () => {
    const { written: _, ...input } = inputOf(bothFit)
    const told = planIngressStatus(inputOf(bothFit), undefined)

    const types = (conditions: readonly Condition[] = []): readonly string[] =>
      conditions.map(({ type }) => type)
    expect(types(planIngressStatus(input, undefined).conditions)).not.toContain('DNSEndpointWritten')
    expect(types(planIngressStatus(input, told).conditions)).toContain('DNSEndpointWritten')
  })

  it('keep the time of their last turn while only the reason changes', () => {
    const first = planIngressStatus(inputOf(memoryOf(['absent', 'absent'])), undefined)

    const later = planIngressStatus(
      inputOf(memoryOf(['unfit', 'absent']), { now: '2027-01-01T00:00:00Z' }),
      first,
    )

    const ready = later.conditions?.find(({ type }) => type === 'Ready')
    expect(ready).toMatchObject({ reason: 'NeverFit', lastTransitionTime: NOW })
  })
})

describe('status of a ServiceDNSRecord', () => {
  const global = name('web.shop.fed.svc.example.com')
  const alias = (target: string): Answer => ({ kind: 'alias', ttlSeconds: 30, target: name(target) })
  const address: Answer = { kind: 'addresses', ttlSeconds: 30, a: ips('192.0.2.1'), aaaa: [] }

  it('tells the zone, the global name, and where each cluster is', () => {
    const shards = [seen(0, { region: 'r1', zones: ['z1', 'z2'] }), seen(1)]

    const status = planServiceStatus(
      { ...inputOf(bothFit, { shards, dnsName: global }), domain: name('example.com') },
      undefined,
    )

    expect(status).toMatchObject({
      domain: 'example.com',
      dnsName: 'web.shop.fed.svc.example.com',
      healthy: '2/2',
    })
    expect(status.dns?.[0]).toMatchObject({ region: 'r1', zones: ['z1', 'z2'] })
    expect(status.dns?.[1]).not.toHaveProperty('region')
  })

  it('has no global name where DNS cannot carry one', () => {
    const status = planServiceStatus({ ...inputOf(bothFit), domain: name('example.com') }, undefined)

    expect(status).not.toHaveProperty('dnsName')
  })

  it('lists answers with the global name first and the others sorted; names that say nothing have none', () => {
    const said = [
      { name: name('web.shop.fed'), answer: alias('web.shop.fed.svc.example.com') },
      { name: name('web.shop.fed.svc.r2.example.com'), answer: { ...address, a: [] } },
      { name: name('web.shop.fed.svc.r1.example.com'), answer: alias('web.shop.fed.svc.example.com') },
      { name: global, answer: address },
      { name: name('a.example.com'), answer: { kind: 'records' as const, sets: [] } },
    ]

    const status = planServiceStatus(
      { ...inputOf(bothFit, { said, dnsName: global }), domain: name('example.com') },
      undefined,
    )

    expect(status.answers).toEqual([
      { name: 'web.shop.fed.svc.example.com', type: 'A', targets: ['192.0.2.1'] },
      { name: 'web.shop.fed', type: 'CNAME', targets: ['web.shop.fed.svc.example.com'] },
      { name: 'web.shop.fed.svc.r1.example.com', type: 'CNAME', targets: ['web.shop.fed.svc.example.com'] },
    ])
  })
})

describe('status of aliases', () => {
  const r1 = name('web.shop.fed.svc.r1.example.com')
  const r2 = name('web.shop.fed.svc.r2.example.com')
  const r3 = name('web.shop.fed.svc.r3.example.com')
  const alias = (instead?: Extract<Answer, { kind: 'alias' }>['instead']): Answer => ({
    ...{ kind: 'alias', ttlSeconds: 30, target: name('web.shop.fed.svc.example.com') },
    ...(instead === undefined ? {} : { instead }),
  })

  it('tells where they lead, what outputs write in their place, and of which they keep the type', () => {
    const said = [
      { name: r1, answer: alias({ a: ips('192.0.2.1'), aaaa: ips('2001:db8::1') }) },
      { name: r2, answer: alias() },
      { name: r3, answer: alias({ a: [], aaaa: [] }) },
    ]

    const { answers } = planServiceStatus(
      { ...inputOf(bothFit, { said, carried: [r1] }), domain: name('example.com') },
      undefined,
    )

    const targets = ['web.shop.fed.svc.example.com']
    expect(answers).toEqual([
      { name: r1.slice(0, -1), type: 'CNAME', targets, instead: ['192.0.2.1', '2001:db8::1'], carried: true },
      { name: r2.slice(0, -1), type: 'CNAME', targets },
      { name: r3.slice(0, -1), type: 'CNAME', targets, instead: [] },
    ])
  })
})

describe('status of a record that publishes nothing', () => {
  const complaint = { reason: 'DomainNotFound', message: 'create it' }

  it('says why, and nothing else when nothing was said before', () => {
    expect(
      planBlockedStatus({ complaint, isUnreadable: false }, { generation: 4, now: NOW }, undefined),
    ).toEqual({
      observedGeneration: 4,
      conditions: [
        { type: 'Ready', status: 'False', ...complaint, observedGeneration: 4, lastTransitionTime: NOW },
      ],
      addresses: [],
      answers: [],
    })
  })

  it('keeps all that was told, published names too, while outputs keep what they hold of it', () => {
    const said = [
      { name: www, answer: { kind: 'addresses', ttlSeconds: 30, a: ips('192.0.2.1'), aaaa: [] } as Answer },
    ]
    const before = planIngressStatus(inputOf(bothFit, { said }), undefined)
    const at = { generation: 4, now: NOW }

    const status = planBlockedStatus({ complaint, isUnreadable: true }, at, before)

    expect(status.answers).toHaveLength(1)
    const { conditions, ...rest } = status
    expect(rest).toEqual({ ...before, conditions: undefined, observedGeneration: 4 })
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', ...complaint }),
    )
    expect(planBlockedStatus({ complaint, isUnreadable: true }, at, undefined)).toMatchObject({ answers: [] })
  })

  it('keeps what was told of the shards, but that they are published', () => {
    const before: ServiceDNSStatus = planServiceStatus(
      { ...inputOf(bothFit), domain: name('example.com') },
      undefined,
    )

    const status = planBlockedStatus({ complaint, isUnreadable: false }, { generation: 4, now: NOW }, before)

    expect(status).toMatchObject({ lastGood: before.lastGood, addresses: [], answers: [] })
    expect((status as ServiceDNSStatus).dns).toEqual(
      before.dns?.map((entry) => ({ ...entry, published: false })),
    )
    expect(
      planBlockedStatus(
        { complaint, isUnreadable: false },
        { generation: 4, now: '2027-01-01T00:00:00Z' },
        status,
      ),
    ).toEqual(status)
  })
})
