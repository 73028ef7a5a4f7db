import { describe, expect, it } from 'vitest'
import {
  healthConditions,
  judgeProbe,
  PROBE_TIME_REFRESH_MS,
  storeConditions,
  type ClusterHealth,
  type ProbeResult,
} from '../../../../src/core/clusters/health.ts'

const ready: ProbeResult = { kind: 'ready', kubernetesVersion: 'v1.36.3' }
const down: ProbeResult = { kind: 'unreachable', message: 'connect ECONNREFUSED' }
const sick: ProbeResult = { kind: 'not-ready', message: 'etcd failed' }

function states(probes: readonly ProbeResult[]): readonly string[] {
  let health: ClusterHealth | undefined
  return probes.map((probe, i) => {
    health = judgeProbe(health, probe, { failureThreshold: 3, successThreshold: 1, nowMs: i * 1000 })
    return `${health.state}@${health.sinceMs}/${health.contrary}`
  })
}

describe('judgeProbe', () => {
  const cases = [
    { name: 'believes the first probe when it is good', in: [ready], want: ['ready@0/0'] },
    { name: 'believes the first probe when it is bad', in: [down], want: ['unreachable@0/0'] },
    {
      name: 'keeps a ready cluster ready until the third bad probe in a row',
      in: [ready, down, down, down],
      want: ['ready@0/0', 'ready@0/1', 'ready@0/2', 'unreachable@3000/0'],
    },
    {
      name: 'never counts good probes towards a bad verdict (KubeFed did)',
      in: [ready, ready, ready, down],
      want: ['ready@0/0', 'ready@0/0', 'ready@0/0', 'ready@0/1'],
    },
    {
      name: 'starts counting anew after a good probe',
      in: [ready, down, down, ready, down],
      want: ['ready@0/0', 'ready@0/1', 'ready@0/2', 'ready@0/0', 'ready@0/1'],
    },
    {
      name: 'is ready again after one good probe',
      in: [down, ready],
      want: ['unreachable@0/0', 'ready@1000/0'],
    },
    {
      name: 'moves between bad states at once',
      in: [down, sick, sick],
      want: ['unreachable@0/0', 'not-ready@1000/0', 'not-ready@1000/0'],
    },
  ]
  for (const row of cases) it(row.name, () => expect(states(row.in)).toEqual(row.want))

  it('keeps the version while the cluster does not tell it', () => {
    const options = { failureThreshold: 1, successThreshold: 1, nowMs: 0 }
    const health = judgeProbe(judgeProbe(undefined, ready, options), down, options)

    expect(health.kubernetesVersion).toBe('v1.36.3')
  })
})

describe('storeConditions', () => {
  const health = judgeProbe(undefined, ready, { failureThreshold: 3, successThreshold: 1, nowMs: 0 })
  const first = storeConditions([], healthConditions(health), 0)

  it('writes nothing while nothing changes', () => {
    expect(storeConditions(first, healthConditions(health), PROBE_TIME_REFRESH_MS - 1)).toBe(first)
  })

  it('refreshes the probe time after five minutes, and only it', () => {
    const later = storeConditions(first, healthConditions(health), PROBE_TIME_REFRESH_MS)

    expect(later[0]).toEqual({ ...first[0], lastProbeTime: '1970-01-01T00:05:00Z' })
  })

  it('moves the transition time only with the status', () => {
    const worse: ClusterHealth = { ...health, state: 'unreachable', message: 'no route' }

    expect(storeConditions(first, healthConditions(worse), 60_000)).toEqual([
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'ClusterNotReachable',
        message: 'no route',
        lastProbeTime: '1970-01-01T00:01:00Z',
        lastTransitionTime: '1970-01-01T00:01:00Z',
      },
      {
        type: 'Offline',
        status: 'True',
        reason: 'ClusterNotReachable',
        message: 'no route',
        lastProbeTime: '1970-01-01T00:01:00Z',
        lastTransitionTime: '1970-01-01T00:01:00Z',
      },
    ])
  })

  it('is a no-op the second time', () => {
    expect(storeConditions(first, first, 1000)).toBe(first)
  })
})
