import type { ServiceFacts } from '../../src/api/facts.ts'
import { type ClusterIndex, objectKey, ownerKey } from '../../src/api/keys.ts'
import { decide } from '../../src/core/discovery/decide.ts'
import { createLedger } from '../../src/core/discovery/ledger.ts'
import { emptyMemory } from '../../src/core/discovery/memory.ts'
import { rankOf } from '../../src/core/discovery/rank.ts'
import { planTopology } from '../../src/core/discovery/topology.ts'
import type {
  DnsSpec,
  Feed,
  Ledger,
  Owner,
  ServiceMemory,
  Shard,
  Topology,
} from '../../src/core/discovery/types.ts'
import { parseDomainName } from '../../src/dns/names.ts'

const CLUSTERS = 100
const SERVICES = 200
const SHARDS = CLUSTERS * SERVICES
/** Heap, and array buffers outside it. */
function usedBytes(): number {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** 100 clusters in 10 regions, each in a zone of its own. */
function bigTopology(): Topology {
  const clusters = Array.from({ length: CLUSTERS }, (_, i) => ({
    index: i as ClusterIndex,
    region: `europe-west${i % 10}`,
    zones: [`europe-west${i % 10}-${i}`],
  }))
  const domain = parseDomainName('example.com')
  return planTopology({ federation: 'myfederation', domain, clusters })
}

/** Facts as a parser leaves them: every string its own. */
function factsOf(service: number, cluster: number, version = 0): ServiceFacts {
  const text = JSON.stringify({
    a: [`10.${service}.${version}.${cluster}`],
    aaaa: [],
    hosts: [],
    clusterIps: [`172.16.${service}.${cluster}`],
    deleting: false,
  })
  return JSON.parse(text) as ServiceFacts // written as such above
}

interface Fleet {
  readonly topology: Topology
  readonly facts: (ServiceFacts | undefined)[][]
  readonly specs: readonly DnsSpec[]
  readonly owners: readonly Owner[]
  readonly memories: ServiceMemory[]
  readonly ledger: Ledger
  readonly feed: Feed
}

/** Facts are there, nothing is decided. */
function newFleet(isIn: (service: number, cluster: number) => boolean): Fleet {
  const each = <T>(make: (service: number) => T): T[] => Array.from({ length: SERVICES }, (_, i) => make(i))
  const topology = bigTopology()
  const ledger = createLedger()
  return {
    topology,
    facts: each((service) =>
      Array.from({ length: CLUSTERS }, (_, cluster) =>
        isIn(service, cluster) ? factsOf(service, cluster) : undefined,
      ),
    ),
    specs: each((service) => ({
      base: `service-${service}.mynamespace`,
      ttlSeconds: 180,
      allowWithoutEndpoints: false,
      aliasAs: 'Stable',
      routing: {},
    })),
    owners: each((service) => {
      const key = objectKey('mynamespace', `service-${service}`)
      const creationTimestamp = '2026-01-01T00:00:00Z'
      return {
        key: ownerKey('ServiceDNSRecord', key),
        rank: rankOf({ nameClass: 'canonical', creationTimestamp, key }),
      }
    }),
    memories: [],
    ledger,
    feed: ledger.open('now'),
  }
}

const READY = { ready: 1, serving: 1, terminating: 0 }

function decideOne(fleet: Fleet, service: number, dirty: readonly ClusterIndex[] | 'all'): void {
  const { topology, facts, specs, owners, memories, ledger, feed } = fleet
  const shard = (cluster: ClusterIndex): Shard => {
    const seen = facts[service]?.[cluster]
    return seen === undefined ? { kind: 'absent' } : { kind: 'present', service: seen, endpoints: READY }
  }
  const owner = owners[service]! // one for each service
  const memory = memories[service] ?? emptyMemory(topology)
  const spec = specs[service]! // one for each service
  const decision = decide({ owner: owner.key, spec, topology, dirty, nowMs: 0, shard }, memory)
  memories[service] = decision.memory
  ledger.put(owner, decision.changes)
  feed.take(Number.POSITIVE_INFINITY, 0)
}

function decideAll(fleet: Fleet): void {
  for (let service = 0; service < SERVICES; service += 1) decideOne(fleet, service, 'all')
}

/** What this program prints: bytes per service and cluster, without the facts. It runs under `node --expose-gc`. */
export interface MemoryFigures {
  /** Every service in every cluster, once decided. */
  readonly decided: number
  /** The same after every address was replaced three times. */
  readonly churned: number
  /** After all owners were dropped and all memories forgotten. */
  readonly dropped: number
  /** Every service in three clusters, with names in all zones. */
  readonly sparse: number
  readonly names: number
}

function measureFull(): Omit<MemoryFigures, 'sparse'> {
  const fleet = newFleet(() => true)
  const before = usedBytes()
  const perShard = (): number => (usedBytes() - before) / SHARDS
  decideAll(fleet)
  const names = fleet.ledger.size
  const decided = perShard()
  for (let version = 1; version <= 3; version += 1) replaceAll(fleet, version)
  const churned = perShard()
  for (const { key } of fleet.owners) fleet.ledger.drop(key)
  fleet.memories.length = 0
  fleet.feed.close()
  return { decided, churned, dropped: perShard(), names }
}

function replaceAll(fleet: Fleet, version: number): void {
  for (let service = 0; service < SERVICES; service += 1) {
    for (let cluster = 0; cluster < CLUSTERS; cluster += 1) {
      fleet.facts[service]![cluster] = factsOf(service, cluster, version) // made for all
      decideOne(fleet, service, [cluster as ClusterIndex])
    }
  }
}

function measureSparse(): number {
  const fleet = newFleet((service, cluster) => cluster % 33 === service % 33)
  const before = usedBytes()
  decideAll(fleet)
  return (usedBytes() - before) / SHARDS
}

// Once unmeasured, so that code and its feedback are not counted.
measureFull()
const figures: MemoryFigures = { ...measureFull(), sparse: measureSparse() }
process.stdout.write(JSON.stringify(figures))
