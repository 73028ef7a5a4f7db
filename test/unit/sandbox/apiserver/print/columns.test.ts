import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../../src/api/object.ts'
import type { Column } from '../../../../../src/sandbox/apiserver/print/column.ts'
import { ENDPOINTS_COLUMNS, NODE_COLUMNS } from '../../../../../src/sandbox/apiserver/print/core.ts'
import {
  BINDING_COLUMNS,
  INGRESS_CLASS_COLUMNS,
  JOB_COLUMNS,
  LEASE_COLUMNS,
  POD_COLUMNS,
  REPLICASET_COLUMNS,
} from '../../../../../src/sandbox/apiserver/print/workloads.ts'

const NOW_MS = Date.parse('2026-01-01T01:00:00Z')

function row(columns: readonly Column[], fields: Record<string, unknown>): readonly unknown[] {
  const object = {
    apiVersion: 'v1',
    kind: 'Thing',
    ...fields,
    metadata: {
      name: 'x',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(fields['metadata'] as object | undefined),
    },
  } as KubeObject
  return columns.map((column) => column.cell(object, NOW_MS))
}

const CONTAINERS = {
  containers: [
    { name: 'a', image: 'i' },
    { name: 'b', image: 'j' },
  ],
}

function pod(status: Record<string, unknown>, metadata: Record<string, unknown> = {}): readonly unknown[] {
  return row(POD_COLUMNS, { metadata, spec: CONTAINERS, status }).slice(0, 4)
}

describe('pods', () => {
  it.each([
    {
      name: 'without status show their phase',
      status: { phase: 'Pending' },
      want: ['x', '0/2', 'Pending', '0'],
    },
    {
      name: 'count containers that run and are ready',
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'a', ready: true, state: { running: {} }, restartCount: 0 },
          { name: 'b', ready: false, state: { running: {} }, restartCount: 0 },
        ],
      },
      want: ['x', '1/2', 'Running', '0'],
    },
    {
      name: 'tell why a container waits',
      status: {
        phase: 'Pending',
        containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ImagePullBackOff' } } }],
      },
      want: ['x', '0/2', 'ImagePullBackOff', '0'],
    },
    {
      name: 'tell how a container ended',
      status: { phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 3 } } }] },
      want: ['x', '0/2', 'ExitCode:3', '0'],
    },
    {
      name: 'tell which signal ended it',
      status: { phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { signal: 9 } } }] },
      want: ['x', '0/2', 'Signal:9', '0'],
    },
    {
      name: 'tell when they last restarted',
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'a',
            restartCount: 2,
            state: { running: {} },
            lastState: { terminated: { finishedAt: '2026-01-01T00:50:00Z' } },
          },
          { name: 'b', restartCount: 1, state: { running: {} } },
        ],
      },
      want: ['x', '0/2', 'Running', '3 (10m ago)'],
    },
  ])('$name', ({ status, want }) => {
    expect(pod(status)).toEqual(want)
  })

  it('under deletion are terminating, unless they are done', () => {
    const deleted = { deletionTimestamp: '2026-01-01T00:59:00Z' }

    expect(pod({ phase: 'Running' }, deleted)[2]).toBe('Terminating')
    expect(pod({ phase: 'Succeeded' }, deleted)[2]).toBe('Succeeded')
  })

  it('show where they are when wide', () => {
    const spec = {
      ...CONTAINERS,
      nodeName: 'n',
      readinessGates: [{ conditionType: 'G' }, { conditionType: 'H' }],
    }
    const status = { podIPs: [{ ip: '192.0.2.1' }], conditions: [{ type: 'G', status: 'True' }] }

    expect(row(POD_COLUMNS, { spec, status }).slice(5)).toEqual(['192.0.2.1', 'n', '<none>', '1/2'])
  })
})

describe('other kinds', () => {
  it.each([
    {
      name: 'endpoints: three addresses and how many more',
      columns: ENDPOINTS_COLUMNS,
      fields: {
        subsets: [
          { addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], ports: [{ port: 80 }, { port: 81 }] },
          { addresses: [{ ip: '192.0.2.9' }] },
        ],
      },
      want: ['x', '192.0.2.1:80,[2001:db8::1]:80,192.0.2.1:81 + 2 more...', '60m'],
    },
    { name: 'endpoints: none', columns: ENDPOINTS_COLUMNS, fields: {}, want: ['x', '<none>', '60m'] },
    {
      name: 'nodes: not ready, cordoned',
      columns: NODE_COLUMNS.slice(0, 3),
      fields: {
        metadata: { labels: { 'kubernetes.io/role': 'old' } },
        spec: { unschedulable: true },
        status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
      },
      want: ['x', 'NotReady,SchedulingDisabled', 'old'],
    },
    {
      name: 'nodes: nothing known',
      columns: NODE_COLUMNS.slice(0, 3),
      fields: {},
      want: ['x', 'Unknown', '<none>'],
    },
    {
      name: 'replica sets: counts',
      columns: REPLICASET_COLUMNS,
      fields: {
        spec: { replicas: 3, selector: { matchLabels: { b: '2', a: '1' } }, template: { spec: CONTAINERS } },
        status: { replicas: 2, readyReplicas: 1 },
      },
      want: ['x', 3, 2, 1, '60m', 'a,b', 'i,j', 'a=1,b=2'],
    },
    {
      name: 'jobs: done',
      columns: JOB_COLUMNS.slice(0, 4),
      fields: {
        spec: { completions: 2 },
        status: {
          succeeded: 2,
          conditions: [{ type: 'Complete', status: 'True' }],
          startTime: '2026-01-01T00:00:00Z',
          completionTime: '2026-01-01T00:05:00Z',
        },
      },
      want: ['x', 'Complete', '2/2', '5m'],
    },
    {
      name: 'jobs: at work in parallel',
      columns: JOB_COLUMNS.slice(0, 4),
      fields: { spec: { parallelism: 3 }, status: { startTime: '2026-01-01T00:30:00Z' } },
      want: ['x', 'Running', '0/1 of 3', '30m'],
    },
    {
      name: 'ingress classes: parameters',
      columns: INGRESS_CLASS_COLUMNS,
      fields: {
        spec: { controller: 'a/b', parameters: { apiGroup: 'g.example.com', kind: 'P', name: 'n' } },
      },
      want: ['x', 'a/b', 'P.g.example.com/n', '60m'],
    },
    {
      name: 'leases: holder',
      columns: LEASE_COLUMNS,
      fields: { spec: { holderIdentity: 'me' } },
      want: ['x', 'me', '60m'],
    },
    {
      name: 'role bindings: role and subjects',
      columns: BINDING_COLUMNS,
      fields: {
        roleRef: { kind: 'ClusterRole', name: 'view' },
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'Group', name: 'g' },
          { kind: 'ServiceAccount', namespace: 'n', name: 's' },
        ],
      },
      want: ['x', 'ClusterRole/view', '60m', 'u', 'g', 'n/s'],
    },
  ])('$name', ({ columns, fields, want }) => {
    expect(row(columns, fields)).toEqual(want)
  })
})
