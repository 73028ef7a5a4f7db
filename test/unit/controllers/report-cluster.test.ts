import { describe, expect, it } from 'vitest'
import type { KubeFedClusterStatus } from '../../../src/api/kubefed-cluster.ts'
import type { Member } from '../../../src/controllers/member-clusters.ts'
import { createClusterReporter, type WatchReport } from '../../../src/controllers/report-cluster.ts'
import { PROBE_TIME_REFRESH_MS, type ProbeResult } from '../../../src/core/clusters/health.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { at, here } from './fakes.ts'

const READY: ProbeResult = { kind: 'ready', kubernetesVersion: 'v1.36.3' }
const DOWN: ProbeResult = { kind: 'unreachable', message: 'connect ECONNREFUSED' }
const SICK: ProbeResult = { kind: 'not-ready', message: '/healthz answered 500: etcd failed' }
const PERIOD_MS = 10_000

const east: Member = {
  name: 'east',
  key: here('east'),
  index: at(0),
  locality: { region: 'r1', zones: ['z1', 'z2'], problems: [] },
  fingerprint: 'f1',
}

/** A host whose watch shows a write only when told. */
function setUp() {
  const clock = new ManualClock()
  const host = { version: 1, status: undefined as KubeFedClusterStatus | undefined, refuses: false }
  const world = {
    member: east as Member | undefined,
    probe: READY,
    watches: { up: true, missing: '', denied: [] } as WatchReport,
  }
  let pending: KubeFedClusterStatus | undefined
  const probes: number[] = []
  const writes: Readonly<Record<string, unknown>>[] = []
  const events: string[] = []
  const report = createClusterReporter({
    clock,
    member: () => world.member,
    read: () => ({ version: String(host.version), status: host.status }),
    watches: () => world.watches,
    probe() {
      probes.push(clock.nowMs())
      return Promise.resolve(world.probe)
    },
    settings: () => ({ failureThreshold: 3, successThreshold: 1, probePeriodMs: PERIOD_MS }),
    write(_, patch) {
      if (host.refuses) return Promise.reject(new Error('no rights'))
      writes.push(patch)
      pending = { ...(pending ?? host.status), ...patch }
      return Promise.resolve()
    },
    tell: (_, { type, reason }, good) => events.push(`${good ? 'Normal' : 'Warning'} ${type} ${reason}`),
  })
  const cameBack = (): void => {
    host.version += 1
    host.status = pending ?? host.status
    pending = undefined
  }
  const signal = new AbortController().signal
  const run = () => report('east', signal)
  /** One probe period later, with all that was written visible. */
  const next = async (probe: ProbeResult = world.probe): Promise<void> => {
    cameBack()
    clock.advance(PERIOD_MS)
    world.probe = probe
    await run()
  }
  const conditions = (): Record<string, string> =>
    Object.fromEntries(
      ((pending ?? host.status)?.conditions ?? []).map(({ type, status, reason }) => [
        type,
        `${status} ${reason}`,
      ]),
    )
  return {
    clock,
    host,
    world,
    probes,
    writes,
    events,
    run,
    next,
    cameBack,
    conditions,
    message: (type: string) =>
      ((pending ?? host.status)?.conditions ?? []).find((one) => one.type === type)?.message,
  }
}

describe('the status of a cluster', () => {
  it('is written whole the first time: health, place, version', async () => {
    const { run, writes, clock } = setUp()

    expect(await run()).toEqual({ againAtMs: clock.nowMs() + PERIOD_MS })

    const times = { lastProbeTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' }
    expect(writes).toEqual([
      {
        region: 'r1',
        zones: ['z1', 'z2'],
        kubernetesVersion: 'v1.36.3',
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'ClusterReady',
            message: '/healthz answered ok',
            ...times,
          },
          {
            type: 'Offline',
            status: 'False',
            reason: 'ClusterReachable',
            message: 'cluster is reachable',
            ...times,
          },
          {
            type: 'TopologyKnown',
            status: 'True',
            reason: 'TopologyKnown',
            message: 'region r1, zones z1, z2',
            ...times,
          },
          {
            type: 'Watching',
            status: 'True',
            reason: 'Synced',
            message: 'all that is needed of the cluster is being watched',
            ...times,
          },
        ],
      },
    ])
  })

  it('is written again only when something differs', async () => {
    const { run, next, writes, world } = setUp()
    await run()
    await next()
    await next()
    expect(writes).toHaveLength(1)

    world.member = { ...east, locality: { region: 'r1', zones: ['z1'], problems: [] } }
    await next()

    expect(writes[1]).toMatchObject({ zones: ['z1'] })
    expect(writes[1]).not.toHaveProperty('region')
  })

  it('is not written twice, nor told of twice, while a write has not come back', async () => {
    const { run, writes, events } = setUp()
    await run()
    const told = events.length

    await run()
    await run()

    expect([writes.length, events.length]).toEqual([1, told])
  })

  it('is repaired when somebody else changed it', async () => {
    const { run, next, host, writes, cameBack } = setUp()
    await run()
    cameBack()
    host.status = { ...host.status, region: 'nowhere' }
    host.version += 1

    await next()

    expect(writes[1]).toEqual({ region: 'r1' })
  })

  it('loses conditions that are not ours and incomplete', async () => {
    const { run, next, host, cameBack, conditions, writes } = setUp()
    await run()
    cameBack()
    host.status = {
      ...host.status,
      conditions: [
        ...(host.status?.conditions ?? []),
        { type: 'Odd', status: 'True', lastProbeTime: '2026-01-01T00:00:00Z' },
      ],
    }
    host.version += 1
    await next()

    expect(conditions()).not.toHaveProperty('Odd')
    expect(writes).toHaveLength(2)
  })

  it('refreshes the probe time after five minutes, and no event comes of it', async () => {
    const { run, next, writes, events } = setUp()
    await run()
    const told = events.length
    for (let ms = PERIOD_MS; ms < PROBE_TIME_REFRESH_MS; ms += PERIOD_MS) await next()
    expect(writes).toHaveLength(1)

    await next()

    expect(Object.keys(writes[1] ?? {})).toEqual(['conditions'])
    expect(writes[1]?.['conditions']).toMatchObject([
      { type: 'Ready', lastProbeTime: '2026-01-01T00:05:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' },
      {},
      {},
      {},
    ])
    expect(events).toHaveLength(told)
  })

  it('is tried again when it could not be written, and told of only then', async () => {
    const { run, host, events, writes, probes } = setUp()
    host.refuses = true
    await expect(run()).rejects.toThrow('no rights')
    expect(events).toEqual([])

    host.refuses = false
    await run()

    expect([writes.length, probes.length]).toEqual([1, 1])
    expect(events).toContain('Normal Ready ClusterReady')
  })

  it("is nobody's business when the cluster has left", async () => {
    const { run, world, writes, probes } = setUp()
    world.member = undefined

    expect(await run()).toEqual({})
    expect([writes, probes]).toEqual([[], []])
  })
})

describe('health', () => {
  it('is probed once a period, however often somebody asks for a report', async () => {
    const { run, next, probes, clock } = setUp()
    const start = clock.nowMs()
    await run()
    await run()
    await next()
    await run()

    expect(probes).toEqual([start, start + PERIOD_MS])
  })

  it('turns at the threshold, with one event, and back', async () => {
    const { run, next, conditions, events } = setUp()
    await run()
    events.splice(0)
    await next(DOWN)
    await next(DOWN)
    expect(conditions()).toMatchObject({ Ready: 'True ClusterReady' })
    await next(DOWN)
    expect(conditions()).toMatchObject({
      Ready: 'Unknown ClusterNotReachable',
      Offline: 'True ClusterNotReachable',
    })
    await next(DOWN)
    await next(READY)

    expect(events).toEqual([
      'Warning Ready ClusterNotReachable',
      'Warning Offline ClusterNotReachable',
      'Normal Ready ClusterReady',
      'Normal Offline ClusterReachable',
    ])
  })

  it('keeps the version while the cluster is down', async () => {
    const { run, next, host, cameBack } = setUp()
    await run()
    for (let i = 0; i < 3; i += 1) await next(SICK)
    cameBack()

    expect(host.status?.kubernetesVersion).toBe('v1.36.3')
  })

  it('of a process that starts begins with the first probe, and says nothing that stands already', async () => {
    const first = setUp()
    await first.run()
    first.cameBack()
    const { host, run, writes, events } = setUp()
    host.status = first.host.status

    await run()

    expect([writes, events]).toEqual([[], []])
  })
})

describe('a cluster whose KubeFedCluster cannot be used', () => {
  const complaint = { reason: 'MalformedClusterConfig', message: 'the Secret has no token' }

  it('is malformed without a probe, and probed at once when it is mended', async () => {
    const { run, world, conditions, probes, cameBack } = setUp()
    world.member = { ...east, fingerprint: '', complaint }
    await run()
    expect(probes).toEqual([])
    expect(conditions()).toMatchObject({
      Ready: 'Unknown MalformedClusterConfig',
      ConfigMalformed: 'True MalformedClusterConfig',
    })
    cameBack()

    world.member = east
    await run()

    expect(probes).toHaveLength(1)
    expect(conditions()).toMatchObject({ Ready: 'True ClusterReady' })
    expect(conditions()).not.toHaveProperty('ConfigMalformed')
  })

  it('shows an edit that cannot be used beside the health of the connection that stands', async () => {
    const { run, next, world, conditions } = setUp()
    await run()

    world.member = { ...east, complaint }
    await next()

    expect(conditions()).toMatchObject({
      Ready: 'True ClusterReady',
      ConfigMalformed: 'True MalformedClusterConfig',
    })
  })
})

describe('conditions of place and watches', () => {
  const rows: readonly {
    readonly name: string
    readonly locality: Member['locality']
    readonly awaitsNodes?: true
    readonly want: string
    readonly says: string
  }[] = [
    {
      name: 'no region',
      locality: { zones: [], problems: [] },
      want: 'False RegionUnknown',
      says: 'neither KubeFedCluster east nor its Nodes carry a label topology.kubernetes.io/region: it has the global names only; label one of the two',
    },
    {
      name: 'a region without zones',
      locality: { region: 'r1', zones: [], problems: [] },
      want: 'False ZonesUnknown',
      says: 'region r1, but no label topology.kubernetes.io/zone on KubeFedCluster east or its Nodes: it has no zone names; label one of the two',
    },
    {
      name: 'labels that are no DNS labels, before anything else',
      locality: {
        zones: [],
        problems: [
          { value: 'Ä', where: 'x', message: 'x: "Ä" is not a DNS label' },
          { value: '!', where: 'y', message: 'y: "!" is not a DNS label' },
        ],
      },
      want: 'False TopologyInvalid',
      says: 'x: "Ä" is not a DNS label; y: "!" is not a DNS label',
    },
    {
      name: 'Nodes that may tell its region',
      locality: { zones: [], problems: [] },
      awaitsNodes: true,
      want: 'Unknown NodesNotListed',
      says: 'the Nodes of the cluster have not been listed, which may tell its region and zones: it has the names of what is known until then; where Nodes cannot be read, label KubeFedCluster east',
    },
    {
      name: 'Nodes that may tell its zones',
      locality: { region: 'r1', zones: [], problems: [] },
      awaitsNodes: true,
      want: 'Unknown NodesNotListed',
      says: 'the Nodes of the cluster have not been listed, which may tell its region and zones: it has the names of what is known until then; where Nodes cannot be read, label KubeFedCluster east',
    },
    {
      name: 'Nodes that may tell the region of its zones',
      locality: { zones: ['z1'], problems: [] },
      awaitsNodes: true,
      want: 'Unknown NodesNotListed',
      says: 'the Nodes of the cluster have not been listed, which may tell its region and zones: it has the names of what is known until then; where Nodes cannot be read, label KubeFedCluster east',
    },
    {
      name: 'a place that is known whatever its Nodes will tell',
      locality: { region: 'r1', zones: ['z1'], problems: [] },
      awaitsNodes: true,
      want: 'True TopologyKnown',
      says: 'region r1, zones z1',
    },
    {
      name: 'labels that are no DNS labels while its Nodes are awaited',
      locality: { zones: [], problems: [{ value: 'Ä', where: 'x', message: 'x: "Ä" is not a DNS label' }] },
      awaitsNodes: true,
      want: 'False TopologyInvalid',
      says: 'x: "Ä" is not a DNS label',
    },
  ]
  for (const row of rows) {
    it(`TopologyKnown tells of ${row.name}`, async () => {
      const { run, world, conditions, message } = setUp()
      const { locality, awaitsNodes } = row
      world.member = { ...east, locality, ...(awaitsNodes === undefined ? {} : { awaitsNodes }) }

      await run()

      expect([conditions()['TopologyKnown'], message('TopologyKnown')]).toEqual([row.want, row.says])
    })
  }

  it('no event tells of a region that is only awaited; one does when no Node has told it', async () => {
    const { run, next, world, events } = setUp()
    const locality = { zones: [], problems: [] }
    world.member = { ...east, locality, awaitsNodes: true }
    await run()
    expect(events.filter((event) => event.includes('TopologyKnown'))).toEqual([])

    world.member = { ...east, locality }
    await next()
    expect(events.filter((event) => event.includes('TopologyKnown'))).toEqual([
      'Warning TopologyKnown RegionUnknown',
    ])

    world.member = east
    await next()
    expect(events.at(-1)).toBe('Normal TopologyKnown TopologyKnown')
  })

  it('what an earlier process told of the place stays until the Nodes have been listed', async () => {
    const first = setUp()
    const locality = { zones: [], problems: [] }
    first.world.member = { ...east, locality }
    await first.run()
    first.cameBack()
    const { host, world, run, next, writes, events, conditions } = setUp()
    host.status = first.host.status
    world.member = { ...east, locality, awaitsNodes: true }

    await run()
    expect([writes, events]).toEqual([[], []])
    expect(conditions()['TopologyKnown']).toBe('False RegionUnknown')

    world.member = { ...east, locality }
    await next()
    expect([writes, events]).toEqual([[], []])
  })

  it('Watching tells what is missing', async () => {
    const { run, world, conditions, message } = setUp()
    world.watches = { up: false, missing: 'Service (stale)', denied: [] }

    await run()

    expect(conditions()['Watching']).toBe('False NotSynced')
    expect(message('Watching')).toBe('what was last known stays; not being watched: Service (stale)')
  })

  it('RightsMissing tells which rights, and is gone with them', async () => {
    const { run, next, world, conditions, message, events } = setUp()
    world.watches = { up: true, missing: '', denied: ['get namespaces', 'watch nodes'] }

    await run()

    expect(conditions()['RightsMissing']).toBe('True Forbidden')
    expect(message('RightsMissing')).toBe(
      'the token in the Secret has no right to get namespaces, watch nodes: grant it in the cluster, as deploy/manifests/member does',
    )
    expect(events.join()).toContain('Forbidden')

    world.watches = { up: true, missing: '', denied: [] }
    await next()

    expect(Object.keys(conditions())).not.toContain('RightsMissing')
  })
})
