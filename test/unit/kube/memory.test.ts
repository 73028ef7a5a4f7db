import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { ServiceFacts } from '../../../src/api/facts.ts'
import type { ClusterIndex } from '../../../src/api/keys.ts'
import { EndpointStore } from '../../../src/kube/endpoint-store.ts'
import { FactStore } from '../../../src/kube/fact-store.ts'
import { Pending } from '../../../src/kube/pending.ts'
import { endpointSliceProjection } from '../../../src/kube/projections/endpoint-slice.ts'
import { serviceProjection } from '../../../src/kube/projections/service.ts'
import type { Projection, Sink } from '../../../src/kube/types.ts'

const CLUSTERS = 100
const SERVICES = 200
/** The stores' part of what a service may take in one cluster, all parts together 1,100 bytes. */
const MAX_BYTES = 420

function collect(): number {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void // there once the flag is set
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

function service(cluster: number, i: number): string {
  return JSON.stringify({
    metadata: {
      name: `service-${i}`,
      namespace: `namespace-${i % 50}`,
      uid: `${cluster}-${i}`.padStart(36, '0'),
    },
    spec: { clusterIPs: [`10.${cluster}.${i >> 8}.${i & 255}`], ports: [{ port: 80 }] },
    status: { loadBalancer: { ingress: [{ ip: `198.18.${cluster}.${i}` }] } },
  })
}

function slice(cluster: number, i: number): string {
  return JSON.stringify({
    metadata: {
      name: `service-${i}-${cluster.toString(36)}x${i.toString(36)}`,
      namespace: `namespace-${i % 50}`,
      labels: { 'kubernetes.io/service-name': `service-${i}` },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [`10.${cluster}.0.1`] }, { addresses: [`10.${cluster}.0.2`] }],
  })
}

/** Read objects as a list does, parsed one by one. */
function fill<F>(
  sink: Sink<F>,
  projection: Projection<F>,
  object: (cluster: number, i: number) => string,
): void {
  for (let index = 0; index < CLUSTERS; index += 1) {
    const cluster = index as ClusterIndex
    const pending = new Pending(sink, projection, cluster)
    for (let i = 0; i < SERVICES; i += 1) {
      const projected = projection.project(JSON.parse(object(index, i)))
      if ('facts' in projected) pending.upsert(projected.key, projected.facts)
    }
    sink.apply({ cluster, kind: projection.kind, state: 'synced', atMs: 0, ...pending.take() })
  }
}

describe('20,000 services in clusters', () => {
  test(`take at most ${MAX_BYTES} bytes each in the stores`, () => {
    const services = new FactStore<ServiceFacts>()
    const endpoints = new EndpointStore()
    for (let i = 0; i < CLUSTERS; i += 1) {
      const start = {
        cluster: i as ClusterIndex,
        state: 'listing',
        atMs: 0,
        upserts: [],
        deletes: [],
      } as const
      services.apply({ kind: 'Service', ...start })
      endpoints.apply({ kind: 'EndpointSlice', ...start })
    }
    const before = collect()

    fill(services, serviceProjection, service)
    fill(endpoints, endpointSliceProjection, slice)
    const bytes = (collect() - before) / (CLUSTERS * SERVICES)

    expect([services.size, endpoints.size]).toEqual([SERVICES, SERVICES])
    expect(bytes).toBeGreaterThan(100) // else nothing was measured
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  })
})
