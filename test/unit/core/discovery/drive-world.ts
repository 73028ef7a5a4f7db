import { type ClusterIndex, objectKey, ownerKey, type OwnerKey } from '../../../../src/api/keys.ts'
import type { ServiceDNSSettings } from '../../../../src/api/service-dns-record.ts'
import { decide } from '../../../../src/core/discovery/decide.ts'
import { decideHosts } from '../../../../src/core/discovery/ingress.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { emptyHostsMemory, emptyMemory } from '../../../../src/core/discovery/memory.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { dnsSpecOf } from '../../../../src/core/discovery/records.ts'
import { planTopology } from '../../../../src/core/discovery/topology.ts'
import type {
  Decision,
  HostsMemory,
  IngressShard,
  Ledger,
  Owner,
  ServiceMemory,
  Shard,
  ShardMemory,
  Topology,
} from '../../../../src/core/discovery/types.ts'
import { type Address, compareAddresses, tryAddress } from '../../../../src/dns/address.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Alias } from '../../../../src/dns/records.ts'
import type {
  OracleCluster,
  OracleIngress,
  OracleRecord,
  OracleSaying,
  OracleService,
  OracleTarget,
  OracleWorld,
} from '../../../support/oracle.ts'

export type AnyMemory = ServiceMemory | HostsMemory
type AnyShard = Shard | IngressShard

interface Kept {
  readonly record: OracleRecord
  readonly memory: AnyMemory
  readonly shards: ReadonlyMap<ClusterIndex, AnyShard>
}

/** Decide a record in the present world with some memory. */
export type Redecide = (memory: AnyMemory, dirty: readonly ClusterIndex[] | 'all') => Decision<AnyMemory>

export interface DriverOptions {
  /** Called with every decision made, before its changes go to the ledger. */
  readonly decided?: (step: {
    readonly record: OracleRecord
    readonly before: AnyMemory
    readonly dirty: readonly ClusterIndex[]
    readonly decision: Decision<AnyMemory>
    readonly redecide: Redecide
  }) => void
}

/**
 * Worlds through the decision core as the controllers drive it: one memory per record, the clusters whose part changed as
 * dirty, one ledger. An unreachable cluster shows what it showed last.
 */
export class WorldDriver {
  ledger: Ledger = createLedger({ loading: true })
  topology: Topology | undefined
  readonly #options: DriverOptions
  readonly #kept = new Map<OwnerKey, Kept>()
  /** By record: memory as a process that starts is told of it. */
  readonly #told = new Map<OwnerKey, (topology: Topology) => AnyMemory>()
  readonly #indices = new Map<string, ClusterIndex>()
  /** By cluster: the world when it was last reachable. */
  readonly #seen = new Map<string, OracleWorld>()
  readonly #lostAtMs = new Map<string, number>()
  #nowMs = Date.UTC(2026, 0, 1)
  #isSettled = false

  constructor(options: DriverOptions = {}) {
    this.#options = options
  }

  apply(world: OracleWorld): void {
    this.#nowMs += 1000
    this.#see(world)
    const clusters = world.clusters.map((cluster) => ({ ...cluster, index: this.indexOf(cluster.name) }))
    const { federation } = world
    const domain = parseDomainName(world.domain)
    this.topology = planTopology({ federation, domain, clusters }, this.topology)
    const owners = new Map(world.records.map((record) => [ownerOf(record).key, record]))
    for (const key of this.#kept.keys()) {
      if (owners.has(key)) continue
      this.#kept.delete(key)
      this.ledger.drop(key)
    }
    for (const record of this.#inOrder(world.records)) this.#decide(world, record)
    this.#told.clear()
    this.ledger.settle()
    this.#isSettled = true
  }

  /** Any order will do while the ledger is loading; later a new scope makes new names for all, and the oldest is to come first. */
  #inOrder(records: readonly OracleRecord[]): readonly OracleRecord[] {
    if (!this.#isSettled) return records
    const age = (record: OracleRecord): string =>
      `${record.created} ${keyOf(record).replace(/^[^/]*\//, '')} ${keyOf(record)}`
    return [...records].sort((x, y) => (age(x) < age(y) ? -1 : 1))
  }

  /**
   * Start again, as another process: nothing is left but what `told` makes of a record's memory; clusters have other
   * indices, scopes too, and what was seen of clusters is forgotten.
   * @param told - called with the topology of the next world, at the next apply()
   */
  restart(told: (record: OracleRecord, memory: AnyMemory) => (topology: Topology) => AnyMemory): void {
    for (const [key, { record, memory }] of this.#kept) this.#told.set(key, told(record, memory))
    this.#kept.clear()
    this.#seen.clear()
    this.#lostAtMs.clear()
    this.#indices.clear()
    this.ledger = createLedger({ loading: true })
    this.topology = undefined
    this.#isSettled = false
  }

  indexOf(cluster: string): ClusterIndex {
    const known = this.#indices.get(cluster)
    if (known !== undefined) return known
    const index = this.#indices.size as ClusterIndex
    this.#indices.set(cluster, index)
    return index
  }

  memoryOf(record: Pick<OracleRecord, 'kind' | 'namespace' | 'name'>): ShardMemory | undefined {
    return this.#kept.get(keyOf(record))?.memory
  }

  /** What every name says, in the oracle's words. */
  names(): ReadonlyMap<string, OracleSaying> {
    const sorted = [...this.ledger.names()].sort()
    return new Map(
      sorted.flatMap((name) => {
        const saying = this.sayingOf(name)
        return saying === undefined ? [] : [[name, saying] as const]
      }),
    )
  }

  sayingOf(name: string): OracleSaying | undefined {
    const entry = this.ledger.get(parseDomainName(name))
    if (entry === undefined) return undefined
    const { owner, answer } = entry
    if (answer.kind === 'records') throw new Error('no record of these worlds says raw records')
    const ttl = answer.ttlSeconds
    return answer.kind === 'alias'
      ? { owner, kind: 'alias', ttl, target: answer.target, ...insteadOf(answer) }
      : { owner, kind: 'addresses', ttl, a: answer.a, aaaa: answer.aaaa }
  }

  #see(world: OracleWorld): void {
    for (const name of this.#seen.keys()) {
      if (!world.clusters.some((cluster) => cluster.name === name)) this.#seen.delete(name)
    }
    for (const { name, reachable } of world.clusters) {
      if (reachable) {
        this.#seen.set(name, world)
        this.#lostAtMs.delete(name)
      } else if (!this.#lostAtMs.has(name)) this.#lostAtMs.set(name, this.#nowMs)
    }
  }

  #decide(world: OracleWorld, record: OracleRecord): void {
    const owner = ownerOf(record)
    const kept = this.#kept.get(owner.key)
    const shards = new Map(
      world.clusters.map((cluster) => [this.indexOf(cluster.name), this.#shardOf(record, cluster)]),
    )
    const redecide = this.#redeciding(world, record, shards)
    const before = kept?.memory ?? this.#emptyMemory(record)
    const dirty = [...shards]
      .filter(([index, shard]) => JSON.stringify(shard) !== JSON.stringify(kept?.shards.get(index)))
      .map(([index]) => index)
    const decision = redecide(before, dirty)
    this.#options.decided?.({ record, before, dirty, decision, redecide })
    this.#kept.set(owner.key, { record, memory: decision.memory, shards })
    this.ledger.put(owner, decision.changes)
  }

  #emptyMemory(record: OracleRecord): AnyMemory {
    const topology = this.topology! // planned before
    const told = this.#told.get(ownerOf(record).key)
    if (told !== undefined) return told(topology)
    return record.kind === 'ServiceDNSRecord' ? emptyMemory(topology) : emptyHostsMemory()
  }

  #redeciding(
    world: OracleWorld,
    record: OracleRecord,
    shards: ReadonlyMap<ClusterIndex, AnyShard>,
  ): Redecide {
    const owner = ownerOf(record).key
    const domain = parseDomainName(world.domain)
    const { spec } = dnsSpecOf({
      settings: settingsOf(record),
      namespace: record.namespace,
      domain,
      defaultTTL: world.defaultTTL,
      aliasAs: world.aliasAs ?? 'Stable',
    })
    const topology = this.topology!
    const nowMs = this.#nowMs
    const members = [...shards.keys()]
    const hosts = (record.hosts ?? []).map(parseDomainName)
    // The driver keeps memories and shards by kind of record, so that these casts are right.
    return (memory, dirty) =>
      record.kind === 'ServiceDNSRecord'
        ? decide(
            { owner, spec, topology, dirty, nowMs, shard: (c) => shards.get(c) as Shard },
            memory as ServiceMemory,
          )
        : decideHosts(
            {
              owner,
              hosts,
              ttlSeconds: spec.ttlSeconds,
              routing: spec.routing,
              members,
              dirty,
              nowMs,
              shard: (c) => shards.get(c) as IngressShard,
            },
            memory as HostsMemory,
          )
  }

  #shardOf(record: OracleRecord, cluster: OracleCluster): AnyShard {
    const seen = this.#seen.get(cluster.name)
    const object = seen === undefined ? undefined : objectOf(seen, record, cluster.name)
    const facts = object === undefined ? undefined : factsOf(seen!, object)
    if (!cluster.reachable) {
      const last = facts === undefined ? {} : { last: { ...facts, clusterIps: [], backends: [] } }
      const sinceMs = this.#lostAtMs.get(cluster.name) ?? this.#nowMs
      return { kind: 'unknown', ...last, sinceMs, probe: 'none' }
    }
    if (facts === undefined || object === undefined) return { kind: 'absent' }
    if ('ready' in object) {
      const { ready, serving } = object
      const service = { ...facts, clusterIps: [] }
      return { kind: 'present', service, endpoints: { ready, serving, terminating: 0 } }
    }
    const backends = seen!.services.filter(
      ({ namespace, name, cluster: at }) =>
        namespace === object.namespace && at === object.cluster && object.backends.includes(name),
    )
    return {
      kind: 'present',
      ingress: { ...facts, backends: object.backends },
      backends: backends.map(({ ready, serving }) => ({ ready, serving, terminating: 0 })),
    }
  }
}

function insteadOf({ instead }: Alias): Pick<Alias, 'instead'> {
  return instead === undefined ? {} : { instead: { a: instead.a, aaaa: instead.aaaa } }
}

function objectOf(
  world: OracleWorld,
  record: OracleRecord,
  cluster: string,
): OracleService | OracleIngress | undefined {
  const objects: readonly (OracleService | OracleIngress)[] =
    record.kind === 'ServiceDNSRecord' ? world.services : (world.ingresses ?? [])
  return objects.find(
    (object) =>
      object.namespace === record.namespace && object.name === record.name && object.cluster === cluster,
  )
}

function factsOf(
  world: OracleWorld,
  object: { readonly ingress: readonly OracleTarget[]; readonly deleting?: boolean },
): {
  readonly a: Address[]
  readonly aaaa: Address[]
  readonly hosts: ReturnType<typeof parseDomainName>[]
  readonly deleting: boolean
} {
  const hostnames = object.ingress.flatMap(({ hostname }) => hostname ?? [])
  const texts = [
    ...object.ingress.flatMap(({ ip }) => ip ?? []),
    ...hostnames.flatMap((hostname) => world.hostnames?.[hostname] ?? []),
  ]
  const all = [...new Set(texts.flatMap((text) => tryAddress(text) ?? []))].sort(compareAddresses)
  return {
    a: all.filter((address) => !address.includes(':')),
    aaaa: all.filter((address) => address.includes(':')),
    hosts: hostnames.map(parseDomainName),
    deleting: object.deleting ?? false,
  }
}

function settingsOf(record: OracleRecord): ServiceDNSSettings {
  return {
    domainRef: 'unused',
    recordTTL: record.recordTTL || undefined,
    dnsPrefix: record.dnsPrefix,
    label: record.externalName ?? record.name,
    hasExternalName: record.externalName !== undefined,
    allowServiceWithoutEndpoints: record.allowServiceWithoutEndpoints ?? false,
    whenAllUnhealthy: record.whenAllUnhealthy ?? 'LastKnownGood',
  }
}

function keyOf({ kind, namespace, name }: Pick<OracleRecord, 'kind' | 'namespace' | 'name'>): OwnerKey {
  return ownerKey(kind, objectKey(namespace, name))
}

/** As the controllers make it. */
export function ownerOf(record: OracleRecord): Owner {
  const isService = record.kind === 'ServiceDNSRecord'
  const nameClass = !isService ? 'open' : record.externalName === undefined ? 'canonical' : 'external'
  const key = objectKey(record.namespace, record.name)
  return { key: keyOf(record), rank: rankOf({ nameClass, creationTimestamp: record.created, key }) }
}
