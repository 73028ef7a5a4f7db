import type { ClusterIndex, OwnerKey } from '../../../../src/api/keys.ts'
import { decide } from '../../../../src/core/discovery/decide.ts'
import { emptyMemory } from '../../../../src/core/discovery/memory.ts'
import { planTopology } from '../../../../src/core/discovery/topology.ts'
import type {
  Decision,
  DnsSpec,
  ServiceMemory,
  Shard,
  Topology,
  Trace,
  UnknownShard,
} from '../../../../src/core/discovery/types.ts'
import { type Address, compareAddresses, tryAddress } from '../../../../src/dns/address.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Alias } from '../../../../src/dns/records.ts'

export const OWNER = 'ServiceDNSRecord/ns/web' as OwnerKey
export const DOMAIN = parseDomainName('example.com')
export const START_MS = Date.UTC(2026, 0, 1)

/** Literals of tests as addresses, sorted. */
export function addresses(...texts: readonly string[]): readonly Address[] {
  return texts.map((text) => tryAddress(text)!).toSorted(compareAddresses) // literals
}

/** A shard in sight, one address per text; `down`: without endpoints. */
export function shard(texts: readonly string[], state: 'up' | 'down' = 'up'): Shard {
  const all = addresses(...texts)
  const ready = state === 'up' ? 1 : 0
  return {
    kind: 'present',
    service: {
      a: all.filter((address) => !address.includes(':')),
      aaaa: all.filter((address) => address.includes(':')),
      hosts: [],
      clusterIps: [],
      deleting: false,
    },
    endpoints: { ready, serving: ready, terminating: 0 },
  }
}

export const ABSENT = { kind: 'absent' } as const

export function lost(sinceMs = START_MS): UnknownShard<never> {
  return { kind: 'unknown', sinceMs, probe: 'none' }
}

export function spec(parts: Partial<DnsSpec> = {}): DnsSpec {
  return {
    ...{ base: 'web.ns', ttlSeconds: 180, allowWithoutEndpoints: false, routing: {}, aliasAs: 'Stable' },
    ...parts,
  }
}

/** Clusters 0 to size - 1, `perRegion` in each region r0, r1, …, each in a zone of its own, z0, z1, …. */
export function topologyOf(size: number, perRegion = 1, previous?: Topology): Topology {
  const clusters = Array.from({ length: size }, (_, i) => ({
    index: i as ClusterIndex,
    region: `r${Math.floor(i / perRegion)}`,
    zones: [`z${i}`],
  }))
  return planTopology({ federation: 'fed', domain: DOMAIN, clusters }, previous)
}

/** One service, decided again and again, its shards changed in between. */
export class Service {
  topology: Topology
  spec: DnsSpec
  memory: ServiceMemory
  nowMs = START_MS
  readonly shards: Shard[]

  constructor(topology: Topology, shards: readonly Shard[], asked: DnsSpec = spec()) {
    this.topology = topology
    this.spec = asked
    this.memory = emptyMemory(topology)
    this.shards = [...shards]
  }

  decide(dirty: readonly number[] | 'all', trace?: Trace): Decision {
    const decision = decide(
      {
        owner: OWNER,
        spec: this.spec,
        topology: this.topology,
        dirty: dirty === 'all' ? dirty : dirty.map((index) => index as ClusterIndex),
        nowMs: this.nowMs,
        shard: (cluster) => this.shards[cluster] ?? ABSENT,
      },
      this.memory,
      trace,
    )
    this.memory = decision.memory
    return decision
  }

  /** Replace one shard and decide with it dirty. */
  change(cluster: number, next: Shard): Decision {
    this.shards[cluster] = next
    return this.decide([cluster])
  }
}

/** Changes in words: `<name> <what it says>`, `!` in front when urgent, without the common end of names. */
export function wordsOf({ changes }: Pick<Decision, 'changes'>): readonly string[] {
  return changes.map(({ name, answer, urgent }) => {
    const says =
      answer?.kind === 'addresses'
        ? `${answer.ttlSeconds} ${[...answer.a, ...answer.aaaa].join(' ') || 'NODATA'}`
        : answer?.kind === 'alias'
          ? `${answer.ttlSeconds} -> ${short(answer.target)}${insteadWords(answer)}`
          : 'withdrawn'
    return `${urgent ? '! ' : ''}${short(name)} ${says}`
  })
}

/** What outputs write in place of an alias: ` [192.0.2.1]`, ` []` for nothing, no word for the alias itself. */
function insteadWords({ instead }: Alias): string {
  return instead === undefined ? '' : ` [${[...instead.a, ...instead.aaaa].join(' ')}]`
}

function short(name: string): string {
  return name.replace('example.com.', '').replace('.fed.svc', '')
}
