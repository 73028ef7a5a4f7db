import { domainSettings } from '../../src/api/domain.ts'
import { objectKey, type ClusterIndex, type ObjectKey } from '../../src/api/keys.ts'
import type { Federation } from '../../src/controllers/federations.ts'
import {
  publishService,
  type PublishServiceDeps,
  type ServiceState,
} from '../../src/controllers/publish-service.ts'
import { createLedger } from '../../src/core/discovery/ledger.ts'
import { emptyMemory } from '../../src/core/discovery/memory.ts'
import { planTopology } from '../../src/core/discovery/topology.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { EndpointStore } from '../../src/kube/endpoint-store.ts'
import { FactStore } from '../../src/kube/fact-store.ts'
import { Intake } from '../../src/kube/intake.ts'
import { endpointSliceProjection } from '../../src/kube/projections/endpoint-slice.ts'
import { serviceProjection } from '../../src/kube/projections/service.ts'
import type { ServiceFacts } from '../../src/api/facts.ts'
import type { Projection, Sink } from '../../src/kube/types.ts'
import { createZoneMemory } from '../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneWriter } from '../../src/nameserver/zone-store/zone-writer.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { createEmbeddedWriter } from '../../src/writers/embedded/embedded-writer.ts'
import { ManualClock } from '../support/manual-clock.ts'

const CLUSTERS = 100
const SERVICES = 200
const NAMESPACE = 'mynamespace'
const DOMAIN = parseDomainName('example.com')

/** What this program prints: bytes per service and cluster. It runs under `node --expose-gc`. */
export interface ChainFigures {
  /** Facts of Services and EndpointSlices in their stores. */
  readonly facts: number
  /** Decision memory, states of the records, and the ledger. */
  readonly decided: number
  /** What the embedded writer and the zone store hold beside the shared memory. */
  readonly zone: number
  /** All of these together. */
  readonly heap: number
  /** The zone store's part of the shared memory. */
  readonly shared: number
  /** Heap and shared memory after every address was replaced. */
  readonly churnedHeap: number
  readonly churnedShared: number
  /** Names in service. */
  readonly names: number
  /** Bytes of the raw objects that these facts were read from. */
  readonly raw: number
}

/** Heap, and array buffers outside it. The zone store's reservation is in the latter, always the same. */
function usedBytes(): number {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

interface Chain {
  /** Services in each cluster. */
  readonly count: number
  readonly services: FactStore<ServiceFacts>
  readonly endpoints: EndpointStore
  readonly deps: PublishServiceDeps
  readonly zones: SharedZoneWriter
  rawBytes: number
}

function newChain(count: number, clock: ManualClock): Chain {
  const services = new FactStore<ServiceFacts>()
  const endpoints = new EndpointStore()
  const federation = newFederation()
  const deps: PublishServiceDeps = {
    records: { get: (key) => recordOf(key), keys: () => [] },
    federations: {
      get: () => federation,
      all: () => [federation],
      refuses: () => false,
      complaintOf: () => ({ reason: '', message: '' }),
      refresh: () => {},
    },
    ...{ services, endpoints, clock },
    sessions: { live: () => true, lostSinceMs: () => 0 },
    hosts: { resolve: (_, facts) => facts, release: () => {} },
    ledger: createLedger(),
    reports: { mark: () => {} },
    states: new Map<ObjectKey, ServiceState>(),
    restore: (_, topology) => emptyMemory(topology),
  }
  const memory = createZoneMemory({ reservedBytes: 32 * 2 ** 20, seed: Uint32Array.of(1, 2) })
  return { count, services, endpoints, deps, zones: new SharedZoneWriter(memory), rawBytes: 0 }
}

/** 100 clusters in 10 regions, each in a zone of its own. */
function newFederation(): Federation {
  const clusters = Array.from({ length: CLUSTERS }, (_, i) => ({
    index: i as ClusterIndex, // the order of the list
    region: `europe-west${i % 10}`,
    zones: [`europe-west${i % 10}-${i}`],
  }))
  const name = 'myfederation'
  const topology = planTopology({ federation: name, domain: DOMAIN, clusters })
  const settings = domainSettings({ metadata: { name }, domain: 'example.com' })
  return { name, domain: DOMAIN, settings, topology }
}

function recordOf(key: ObjectKey): ReturnType<PublishServiceDeps['records']['get']> {
  const name = key.slice(NAMESPACE.length + 1)
  const metadata = { namespace: NAMESPACE, name, creationTimestamp: '2026-01-01T00:00:00Z' }
  const asked = { metadata, spec: { domainRef: 'myfederation' } }
  return { kind: 'ok', metadata, value: { asked, status: undefined } }
}

function serviceKey(service: number): ObjectKey {
  return objectKey(NAMESPACE, `service-${service}`)
}

/** As an API server shows a Service of a cloud, with who changed what. */
function rawService(service: number, cluster: number, version: number): string {
  const name = `service-${service}`
  const ip = [50 + version, SERVICES - service, cluster, 1].join('.')
  const manager = (by: string, subresource: string) => ({
    ...{ manager: by, operation: 'Update', apiVersion: 'v1', time: '2026-11-20T10:00:00Z', subresource },
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:status': { 'f:loadBalancer': { 'f:ingress': {} }, 'f:conditions': { '.': {} } } },
  })
  return JSON.stringify({
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      ...{
        name,
        namespace: NAMESPACE,
        uid: `6d9c2f0e-${cluster}-${service}`,
        resourceVersion: '7',
      },
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: name, 'app.kubernetes.io/name': name, 'kubefed.io/managed': 'true' },
      annotations: { 'cloud.example/load-balancer-id': `lb-${cluster}-${service}` },
      managedFields: [manager('kubectl-client-side-apply', ''), manager('cloud-controller', 'status')],
    },
    spec: {
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30_000 + service }],
      selector: { app: name },
      clusterIP: `10.96.${service}.${cluster}`,
      clusterIPs: [`10.96.${service}.${cluster}`],
      ...{ type: 'LoadBalancer', sessionAffinity: 'None', externalTrafficPolicy: 'Cluster' },
      ...{ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster' },
    },
    status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } },
  })
}

function rawSlice(service: number, cluster: number): string {
  const name = `service-${service}`
  return JSON.stringify({
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      name: `${name}-${(service * CLUSTERS + cluster + 1_000_000).toString(36)}`,
      ...{ namespace: NAMESPACE, uid: `0b7e-${cluster}-${service}`, resourceVersion: '7' },
      labels: {
        app: name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid: `6d9c2f0e-${cluster}-${service}` }],
    },
    addressType: 'IPv4',
    endpoints: [1, 2, 3].map((pod) => ({
      addresses: [`10.244.${cluster}.${pod}`],
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: {
        kind: 'Pod',
        namespace: NAMESPACE,
        name: `${name}-5d4f8c7b9-${pod}x2z4`,
        uid: `pod-${pod}`,
      },
      nodeName: `node-${cluster}-${pod}`,
      zone: `europe-west${cluster % 10}-${cluster}`,
    })),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  })
}

/** Through the parser, the projection and the comparison with what is held, as a list-watch does. */
function take<F>(
  { sink, projection }: { readonly sink: Sink<F>; readonly projection: Projection<F> },
  cluster: ClusterIndex,
  texts: Iterable<string>,
): number {
  let bytes = 0
  const spec = { projection, resource: { group: '', version: 'v1', plural: '' } }
  const malformed = (problem: string): never => {
    throw new Error(problem)
  }
  const intake = new Intake({ spec, sink, cluster, malformed })
  for (const text of texts) {
    bytes += text.length
    intake.changed(JSON.parse(text))
  }
  sink.apply({ cluster, kind: projection.kind, state: 'synced', atMs: 0, ...intake.pending.take() })
  return bytes
}

function* each(count: number, make: (service: number) => string): IterableIterator<string> {
  for (let service = 0; service < count; service += 1) yield make(service)
}

function takeServices(chain: Chain, cluster: number, version: number): void {
  const into = { sink: chain.services, projection: serviceProjection }
  const texts = each(chain.count, (service) => rawService(service, cluster, version))
  chain.rawBytes += take(into, cluster as ClusterIndex, texts) // one of the topology
}

function takeSlices(chain: Chain, cluster: number): void {
  const into = { sink: chain.endpoints, projection: endpointSliceProjection }
  const texts = each(chain.count, (service) => rawSlice(service, cluster))
  chain.rawBytes += take(into, cluster as ClusterIndex, texts) // one of the topology
}

function decideAll({ deps, count }: Chain, dirty: readonly ClusterIndex[] | 'all'): void {
  for (let service = 0; service < count; service += 1) publishService(serviceKey(service), dirty, deps)
}

function measure(services: number): ChainFigures {
  const clock = new ManualClock()
  const shards = services * CLUSTERS
  const chain = newChain(services, clock)
  const start = usedBytes()
  const sinceStart = (): number => (usedBytes() - start) / shards
  for (let cluster = 0; cluster < CLUSTERS; cluster += 1) {
    takeServices(chain, cluster, 1)
    takeSlices(chain, cluster)
  }
  const raw = chain.rawBytes / shards
  const facts = sinceStart()
  decideAll(chain, 'all')
  const decided = sinceStart()
  const { deps, zones } = chain
  const embedded = createEmbeddedWriter({ ledger: deps.ledger, zones, clock, logger: silentLogger })
  for (const origin of [DOMAIN, parseDomainName('myfederation')]) {
    embedded.declare({
      origin,
      nameServers: [parseDomainName('ns1.example.com')],
      negativeTtlSeconds: 15,
      maxAnswers: 8,
    })
  }
  embedded.flush()
  const heap = sinceStart()
  const shared = zones.usage().usedBytes / shards
  for (let cluster = 0; cluster < CLUSTERS; cluster += 1) {
    takeServices(chain, cluster, 2)
    decideAll(chain, [cluster as ClusterIndex]) // one of the topology
    embedded.flush()
  }
  const churnedHeap = sinceStart()
  embedded.close()
  const churnedShared = zones.usage().usedBytes / shards
  return {
    ...{ raw, facts, decided: decided - facts, zone: heap - decided },
    ...{ heap, shared, churnedHeap, churnedShared, names: deps.ledger.size },
  }
}

// Once unmeasured, so that code and its feedback are not counted; small, so that few strings are known before.
measure(SERVICES / 10)
process.stdout.write(JSON.stringify(measure(SERVICES)))
