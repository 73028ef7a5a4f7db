import type { MessagePort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type {
  EndpointFacts,
  IngressFacts,
  NodeFacts,
  OutputFacts,
  ServiceFacts,
} from '../../src/api/facts.ts'
import { objectKey, ownerKey, type ClusterIndex } from '../../src/api/keys.ts'
import type { Routing } from '../../src/api/routing.ts'
import { decide } from '../../src/core/discovery/decide.ts'
import { decideHosts } from '../../src/core/discovery/ingress.ts'
import { emptyHostsMemory, emptyMemory } from '../../src/core/discovery/memory.ts'
import { planTopology } from '../../src/core/discovery/topology.ts'
import type {
  ClaimChange,
  DecideHostsInput,
  DecideInput,
  Decision,
  DnsSpec,
  HostsMemory,
  IngressShard,
  Owner,
  ServiceMemory,
  Shard,
  Topology,
} from '../../src/core/discovery/types.ts'
import { tryAddress, type Address } from '../../src/dns/address.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { sameAnswer, type Answer, type NameChange } from '../../src/dns/records.ts'
import { FactStore } from '../../src/kube/fact-store.ts'
import { Intake } from '../../src/kube/intake.ts'
import { endpointSliceProjection, type SliceFacts } from '../../src/kube/projections/endpoint-slice.ts'
import { ingressProjection } from '../../src/kube/projections/ingress.ts'
import { nodeProjection } from '../../src/kube/projections/node.ts'
import { serviceProjection } from '../../src/kube/projections/service.ts'
import type { Delta, Projection, Sink } from '../../src/kube/types.ts'
import type { DnsWorkerData, DnsWorkerMessage, DnsWorkerReport } from '../../src/nameserver/types.ts'
import { rawService, rawSlice, type Raw } from '../support/raw-objects.ts'

/** Whether a type is plain data in all its fields, those included that no example sets; a port can be handed over. */
type Plain<T> = T extends string | number | boolean | null | undefined
  ? true
  : T extends Uint8Array | Uint16Array | Uint32Array | SharedArrayBuffer | MessagePort
    ? true
    : T extends (...args: never[]) => unknown
      ? false
      : T extends readonly (infer E)[]
        ? Plain<E>
        : { [K in keyof T]-?: Plain<T[K]> }[keyof T] extends true
          ? true
          : false

/** Held by the compiler: a field that is no plain data makes its row `false`. */
interface PlainTypes {
  readonly serviceDelta: Plain<Delta<ServiceFacts>>
  readonly sliceDelta: Plain<Delta<SliceFacts>>
  readonly ingressDelta: Plain<Delta<IngressFacts>>
  readonly nodeDelta: Plain<Delta<NodeFacts>>
  readonly outputDelta: Plain<Delta<OutputFacts>>
  readonly endpointFacts: Plain<EndpointFacts>
  readonly topology: Plain<Topology>
  readonly shard: Plain<Shard>
  readonly ingressShard: Plain<IngressShard>
  readonly spec: Plain<DnsSpec>
  readonly routing: Plain<Routing>
  readonly serviceMemory: Plain<ServiceMemory>
  readonly hostsMemory: Plain<HostsMemory>
  readonly decision: Plain<Decision>
  readonly hostsDecision: Plain<Decision<HostsMemory>>
  readonly claimChange: Plain<ClaimChange>
  readonly owner: Plain<Owner>
  readonly nameChange: Plain<NameChange>
  readonly answer: Plain<Answer>
  readonly workerData: Plain<DnsWorkerData>
  readonly workerMessage: Plain<DnsWorkerMessage>
  readonly workerReport: Plain<DnsWorkerReport>
}

const PLAIN = {
  ...{ serviceDelta: true, sliceDelta: true, ingressDelta: true, nodeDelta: true, outputDelta: true },
  ...{ endpointFacts: true, topology: true, shard: true, ingressShard: true, spec: true, routing: true },
  ...{ serviceMemory: true, hostsMemory: true, decision: true, hostsDecision: true, claimChange: true },
  ...{ owner: true, nameChange: true, answer: true },
  ...{ workerData: true, workerMessage: true, workerReport: true },
} as const satisfies PlainTypes
/** The check can fail: this one carries a function. */
const NOT_PLAIN: Plain<DecideInput> = false

const CLUSTER = 1 as ClusterIndex // any column
const ROUTING = { whenAllUnhealthy: 'LastKnownGood' } as const

function address(text: string): Address {
  return tryAddress(text)! // canonical in every row here
}

/** What a list-watch would emit for these objects. */
function deltaOf<F>(projection: Projection<F>, raws: readonly Raw[]): Delta<F> {
  const sink: Sink<F> = { apply: () => {}, held: () => undefined, heldKeys: () => [] }
  const spec = { projection, resource: { group: '', version: 'v1', plural: 'any' } }
  const malformed = (problem: string): never => {
    throw new Error(problem)
  }
  const intake = new Intake({ spec, sink, cluster: CLUSTER, malformed })
  for (const raw of raws) intake.changed(raw)
  return { cluster: CLUSTER, kind: projection.kind, state: 'synced', atMs: 1, ...intake.pending.take() }
}

const serviceDelta = deltaOf(serviceProjection, [
  rawService('web', '192.0.2.1'),
  {
    metadata: { name: 'both', namespace: 'shop', deletionTimestamp: '2026-11-20T10:00:00Z' },
    status: { loadBalancer: { ingress: [{ ip: '2001:db8::1' }, { hostname: 'lb.example.net' }] } },
  },
])
const sliceDelta = deltaOf(endpointSliceProjection, [rawSlice('web', 'a', { ready: 1, unready: 2 })])
const ingressDelta = deltaOf(ingressProjection, [
  {
    metadata: { name: 'front', namespace: 'shop' },
    spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'web' } } }] } }] },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } },
  },
])
const nodeDelta = deltaOf(nodeProjection, [
  {
    metadata: {
      name: 'node-1',
      labels: { 'topology.kubernetes.io/region': 'us-east1', 'topology.kubernetes.io/zone': 'us-east1-b' },
    },
  },
])

const topology = planTopology({
  federation: 'myfederation',
  domain: parseDomainName('example.com'),
  clusters: [
    { index: 0 as ClusterIndex, region: 'us-east1', zones: ['us-east1-b'] },
    { index: 1 as ClusterIndex, region: 'europe-west1', zones: [] },
    { index: 3 as ClusterIndex, zones: [] },
  ],
})

const shards: readonly Shard[] = [
  {
    kind: 'present',
    service: serviceDelta.upserts[0]![1], // two objects went in
    endpoints: { ready: 1, serving: 1, terminating: 0 },
  },
  { kind: 'unknown', last: serviceDelta.upserts[1]![1], sinceMs: 1_000, probe: 'none' },
  { kind: 'absent' },
  { kind: 'absent' },
]

function inputOf(shown: readonly Shard[], on: Topology): DecideInput {
  return {
    owner: ownerKey('ServiceDNSRecord', objectKey('shop', 'web')),
    spec: {
      base: 'web.shop',
      ttlSeconds: 30,
      prefix: parseDomainName('www.example.com'),
      allowWithoutEndpoints: false,
      aliasAs: 'Stable',
      routing: ROUTING,
    },
    topology: on,
    dirty: 'all',
    nowMs: 5_000,
    shard: (cluster) => shown[cluster]!, // one for each column of the topology
  }
}

function hostsInputOf(shown: readonly IngressShard[]): DecideHostsInput {
  return {
    owner: ownerKey('IngressDNSRecord', objectKey('shop', 'front')),
    hosts: [parseDomainName('shop.example.com')],
    ttlSeconds: 30,
    routing: ROUTING,
    members: [0 as ClusterIndex],
    dirty: 'all',
    nowMs: 5_000,
    shard: (cluster) => shown[cluster]!, // one member
  }
}

const ingressShards: readonly IngressShard[] = [
  {
    kind: 'present',
    ingress: ingressDelta.upserts[0]![1], // one object went in
    backends: [{ ready: 2, serving: 2, terminating: 0 }],
  },
]
const decision = decide(inputOf(shards, topology), emptyMemory(topology))
const hostsDecision = decideHosts(hostsInputOf(ingressShards), emptyHostsMemory())

const answers: Readonly<Record<string, Answer>> = {
  addresses: { kind: 'addresses', ttlSeconds: 30, a: [address('192.0.2.1')], aaaa: [address('2001:db8::1')] },
  nothing: { kind: 'addresses', ttlSeconds: 30, a: [], aaaa: [] },
  selection: {
    kind: 'addresses',
    ttlSeconds: 30,
    a: [address('192.0.2.1'), address('192.0.2.2')],
    aaaa: [],
    select: {
      most: 1,
      rotate: false,
      variants: { by: 'network', lists: [Uint16Array.of(0, 1), Uint16Array.of(1, 0)] },
    },
  },
  alias: { kind: 'alias', ttlSeconds: 5, target: parseDomainName('web.shop.myfederation.svc.example.com') },
  aliasInstead: {
    kind: 'alias',
    ttlSeconds: 5,
    target: parseDomainName('a.example.com'),
    instead: { a: [address('192.0.2.1')], aaaa: [] },
  },
  records: { kind: 'records', sets: [{ type: 16, ttlSeconds: 60, rdata: [Uint8Array.of(2, 104, 105)] }] },
}

// What crosses to the DNS threads has its examples in nameserver/worker-data.test.ts.
describe('what passes between the parts', () => {
  const seams: Readonly<Record<string, unknown>> = {
    ...{ serviceDelta, sliceDelta, ingressDelta, nodeDelta, topology, shards, ingressShards },
    outputFacts: { resourceVersion: '7', digest: 'abc' } satisfies OutputFacts,
    gone: { ...sliceDelta, state: 'gone', upserts: [], deletes: [objectKey('shop', 'web-a')] },
    spec: inputOf(shards, topology).spec,
    emptyMemory: emptyMemory(topology),
    memory: decision.memory,
    decision,
    hostsDecision,
    changes: [...decision.changes, { name: parseDomainName('gone.example.com'), urgent: true }],
    answers,
  }

  for (const [name, value] of Object.entries(seams)) {
    it(`${name} survives structuredClone`, () => {
      const clone = structuredClone(value)

      expect(clone).toStrictEqual(value)
      expect(clone).not.toBe(value)
    })
  }

  it('is plain data by its types', () => {
    expect(Object.values(PLAIN).every((isPlain) => isPlain)).toBe(true)
    expect(NOT_PLAIN).toBe(false)
  })
})

describe('a clone does what the original does', () => {
  it('as a delta: the store holds the same facts, and tells the same keys', () => {
    const store = new FactStore<ServiceFacts>()
    const told: string[] = []
    store.onKey((key) => told.push(key))

    store.apply(structuredClone(serviceDelta))

    expect(told).toEqual(['shop/web', 'shop/both'])
    expect(Object.fromEntries(store.entries(CLUSTER))).toEqual(Object.fromEntries(serviceDelta.upserts))
    expect(serviceProjection.same(store.get(objectKey('shop', 'web'), CLUSTER)!, shards0())).toBe(true)
  })

  it('as memory and topology: deciding again changes nothing', () => {
    const again = decide(
      inputOf(structuredClone(shards), structuredClone(topology)),
      structuredClone(decision.memory),
    )

    expect(decision.changes.length).toBeGreaterThan(4)
    expect(again.changes).toEqual([])
  })

  it('as memory of hosts: deciding again changes nothing', () => {
    const again = decideHosts(
      hostsInputOf(structuredClone(ingressShards)),
      structuredClone(hostsDecision.memory),
    )

    expect(hostsDecision.changes).toHaveLength(1)
    expect(again.changes).toEqual([])
  })

  it('as an answer: it says the same, and no other', () => {
    const clones = structuredClone(answers)

    const same = Object.keys(answers).map((left) =>
      Object.keys(clones).filter((right) => sameAnswer(answers[left], clones[right])),
    )
    expect(same).toEqual(Object.keys(answers).map((name) => [name]))
  })
})

function shards0(): ServiceFacts {
  const [first] = shards
  if (first?.kind !== 'present') throw new Error('the first shard is present')
  return first.service
}
