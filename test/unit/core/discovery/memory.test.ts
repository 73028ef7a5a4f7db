import { describe, expect, it } from 'vitest'
import type { ClusterIndex } from '../../../../src/api/keys.ts'
import {
  describeRecord,
  describeShard,
  emptyHostsMemory,
  emptyMemory,
  RECORD_REASONS,
  restoreMemory,
} from '../../../../src/core/discovery/memory.ts'
import {
  spec,
  ABSENT,
  addresses,
  lost,
  Service,
  shard,
  START_MS,
  topologyOf,
  wordsOf,
} from './shard-builders.ts'

function index(cluster: number): ClusterIndex {
  return cluster as ClusterIndex
}

describe('describeShard', () => {
  it('says what is held of each cluster, why, since when, and whether it is published', () => {
    const service = new Service(topologyOf(4), [
      shard(['192.0.2.1']),
      shard(['192.0.2.2'], 'down'),
      ABSENT,
      lost(START_MS - 9_000),
    ])
    service.decide('all')

    const since = START_MS / 1000
    expect([0, 1, 2, 3].map((i) => describeShard(service.memory, index(i)))).toEqual([
      {
        state: 'Fit',
        reason: 'EndpointsReady',
        message: expect.stringContaining('ready'),
        sinceSeconds: since,
        published: true,
        targets: expect.objectContaining({ a: ['192.0.2.1'] }),
      },
      {
        state: 'Unfit',
        reason: 'NoReadyEndpoints',
        message: expect.stringContaining('check the Pods'),
        sinceSeconds: since,
        published: false,
        targets: expect.objectContaining({ a: ['192.0.2.2'] }),
      },
      {
        state: 'Absent',
        reason: 'NotFound',
        message: expect.stringContaining('create it there'),
        sinceSeconds: since,
        published: false,
      },
      {
        state: 'Unknown',
        reason: 'NeverListed',
        message: expect.stringContaining('KubeFedCluster'),
        sinceSeconds: since - 9,
        published: false,
      },
    ])
  })

  it('an unknown shard says what it was', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'])])
    service.decide('all')
    service.change(0, lost())

    expect(describeShard(service.memory, index(0))).toMatchObject({
      state: 'Unknown',
      lastKnown: 'Fit',
      published: true,
    })
  })

  it('an unfit shard that stands in is published', () => {
    const service = new Service(topologyOf(1), [shard(['192.0.2.1'])])
    service.decide('all')
    service.change(0, shard(['192.0.2.1'], 'down'))

    expect(describeShard(service.memory, index(0))).toMatchObject({ state: 'Unfit', published: true })
  })

  it('a cluster that was never judged says so', () => {
    expect(describeShard(emptyHostsMemory(), index(7))).toMatchObject({
      state: 'Unknown',
      reason: 'NotJudged',
      sinceSeconds: 0,
    })
  })
})

describe('describeRecord', () => {
  const up = shard(['192.0.2.1'])
  const down = shard(['192.0.2.1'], 'down')
  const empty = spec({ routing: { whenAllUnhealthy: 'Empty' } })

  it.each([
    { name: 'fit', in: [up], asked: spec(), want: ['fit', 'ShardsFit', 1] },
    { name: 'fit, out of sight', in: [up, lost()], asked: spec(), want: ['fit', 'ShardsFit', 1] },
    { name: 'all unfit', in: [up, down], asked: spec(), want: ['lastKnownGood', 'LastKnownGood', 1] },
    { name: 'all unfit, Empty', in: [up, down], asked: empty, want: ['none', 'AllUnhealthy', 0] },
    { name: 'never fit', in: [down], asked: spec(), want: ['none', 'NeverFit', 0] },
    { name: 'gone everywhere', in: [up, ABSENT], asked: spec(), want: ['none', 'NoAddresses', 0] },
    { name: 'never seen', in: [lost()], asked: spec(), want: ['none', 'NoAddresses', 0] },
  ] as const)('$name', ({ in: history, asked, want }) => {
    const service = new Service(topologyOf(1), [], asked)
    for (const each of history) service.change(0, each)
    const { tier, reason, published, message } = describeRecord(service.memory)

    expect([tier, reason, published]).toEqual(want)
    expect(message).toBe(RECORD_REASONS[reason])
  })

  it('counts clusters by state', () => {
    const service = new Service(topologyOf(5), [up, shard(['192.0.2.2']), down, ABSENT, lost()])
    service.decide('all')

    expect(describeRecord(service.memory)).toMatchObject({
      clusters: { Fit: 2, Unfit: 1, Absent: 1, Unknown: 1 },
      published: 2,
    })
  })
})

describe('restoreMemory', () => {
  const topology = topologyOf(3)
  const targets = { a: addresses('192.0.2.1'), aaaa: [] }

  it('unknown clusters keep what they published before the start', () => {
    const service = new Service(topology, [lost(), lost(), lost()])
    service.memory = restoreMemory(emptyMemory(topology), {
      onceFit: true,
      carried: [],
      shards: [
        { cluster: index(0), state: 'Fit', sinceSeconds: 5, targets },
        { cluster: index(1), state: 'Unknown', lastKnown: 'Absent', sinceSeconds: 5 },
        { cluster: index(2), state: 'Unknown', sinceSeconds: 5 },
      ],
    })

    expect(wordsOf(service.decide('all'))[0]).toBe('web.ns. 180 192.0.2.1')
    expect([0, 1, 2].map((i) => describeShard(service.memory, index(i)).lastKnown)).toEqual([
      'Fit',
      'Absent',
      undefined,
    ])
  })

  it('what is seen after the start counts at once', () => {
    const service = new Service(topology, [ABSENT, shard(['192.0.2.9']), lost()])
    service.memory = restoreMemory(emptyMemory(topology), {
      onceFit: true,
      carried: [],
      shards: [{ cluster: index(0), state: 'Fit', sinceSeconds: 5, targets }],
    })

    expect(wordsOf(service.decide('all'))[0]).toBe('web.ns. 180 192.0.2.9')
  })

  it('unfit shards of a record that was once fit stand in again', () => {
    const service = new Service(topology, [lost(), lost(), lost()])
    service.memory = restoreMemory(emptyMemory(topology), {
      onceFit: true,
      carried: [],
      shards: [{ cluster: index(0), state: 'Unfit', sinceSeconds: 5, targets }],
    })
    service.decide('all')

    expect(service.memory.tier).toBe('lastKnownGood')
  })

  it('a fit shard whose addresses were not told is not published', () => {
    const service = new Service(topology, [lost(), lost(), lost()])
    service.memory = restoreMemory(emptyMemory(topology), {
      onceFit: true,
      carried: [],
      shards: [
        { cluster: index(0), state: 'Fit', sinceSeconds: 5, targets },
        { cluster: index(1), state: 'Fit', sinceSeconds: 5 },
        { cluster: index(2), state: 'Fit', sinceSeconds: 5, targets: { a: [], aaaa: [] } },
      ],
    })
    service.decide('all')

    const published = [0, 1, 2].map((i) => describeShard(service.memory, index(i)).published)
    expect(published).toEqual([true, false, false])
  })

  it('takes clusters beyond the topology, which leave with the first decision', () => {
    const memory = restoreMemory(emptyMemory(topology), {
      onceFit: true,
      carried: [],
      shards: [{ cluster: index(9), state: 'Fit', sinceSeconds: 5, targets }],
    })
    const service = new Service(topology, [ABSENT, ABSENT, ABSENT])
    service.memory = memory

    expect(wordsOf(service.decide('all'))[0]).toBe('web.ns. 180 NODATA')
    expect(service.memory.targets[9]).toBeUndefined()
  })
})
