import type { EndpointFacts, ServiceFacts } from '../api/facts.ts'
import { ownerKey, splitKey, type ClusterIndex, type ObjectKey } from '../api/keys.ts'
import type { ObjectMeta } from '../api/object.ts'
import {
  serviceDNSSettings,
  type ServiceDNSRecord,
  type ServiceDNSSettings,
} from '../api/service-dns-record.ts'
import type { ServiceDNSStatus } from '../api/dns-status.ts'
import { decide } from '../core/discovery/decide.ts'
import { rankOf } from '../core/discovery/rank.ts'
import { dnsSpecOf } from '../core/discovery/records.ts'
import type { Ledger, RejectedName, ServiceMemory, Shard, Topology } from '../core/discovery/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Dirty } from '../runtime/dirty.ts'
import type { Outcome } from '../runtime/worker.ts'
import type { Federation, Federations } from './federations.ts'
import { invalid } from './ports.ts'
import type { Complaint, HostObjects, MemberFacts, Reports, Sessions } from './ports.ts'
import type { ResolvedHosts } from './resolved-hosts.ts'

/** What was decided last of one record: the input of its status. */
export interface ServicePublication {
  readonly metadata: ObjectMeta
  readonly settings: ServiceDNSSettings
  readonly topology: Topology
  readonly memory: ServiceMemory
  readonly rejected: readonly RejectedName[]
  /** The record as it stands now cannot be used; what is published follows its last good form. */
  readonly complaint?: Complaint
}

/** A record that publishes nothing, and why. */
export interface BlockedRecord {
  readonly metadata: ObjectMeta
  readonly complaint: Complaint
}

export type ServiceState = ServicePublication | BlockedRecord

export interface PublishServiceDeps {
  readonly records: HostObjects<ServiceDNSRecord, ServiceDNSStatus>
  readonly federations: Federations
  readonly services: MemberFacts<ServiceFacts>
  readonly endpoints: MemberFacts<EndpointFacts>
  readonly sessions: Sessions
  readonly hosts: ResolvedHosts
  readonly ledger: Ledger
  readonly reports: Reports
  readonly clock: Clock
  readonly states: Map<ObjectKey, ServiceState>
  /** The past of a record that this process has not decided yet, from its status (DESIGN 5.12). */
  restore(status: ServiceDNSStatus | undefined, topology: Topology): ServiceMemory
}

const KIND = 'ServiceDNSRecord'

/** From a record and its shards to names in the ledger. Reads caches only. */
export function publishService(
  key: ObjectKey,
  dirty: Dirty<ClusterIndex>,
  deps: PublishServiceDeps,
): Outcome {
  const before = deps.states.get(key)
  const gathered = gather(key, before, deps)
  if (gathered.kind === 'gone') return forget(key, deps)
  if (gathered.kind === 'blocked') return block(key, gathered.state, deps)

  const { state, federation } = gathered
  const { spec, rejected } = dnsSpecOf({
    settings: state.settings,
    namespace: splitKey(key).namespace,
    domain: federation.domain,
    defaultTTL: federation.settings.defaultTtlSeconds,
  })
  const owner = {
    key: ownerKey(KIND, key),
    rank: rankOf({
      nameClass: state.settings.hasExternalName ? 'external' : 'canonical',
      creationTimestamp: state.metadata.creationTimestamp ?? '',
      key,
    }),
  }
  const decision = decide(
    {
      owner: owner.key,
      spec,
      topology: federation.topology,
      dirty: before === undefined || !('memory' in before) ? 'all' : dirty,
      nowMs: deps.clock.nowMs(),
      shard: (cluster) => gatherShard(key, cluster, deps),
    },
    state.memory,
  )
  deps.states.set(key, { ...state, topology: federation.topology, memory: decision.memory, rejected })
  deps.ledger.put(owner, decision.changes)
  deps.reports.mark(owner.key)
  return { againAtMs: decision.againAtMs }
}

type Gathered =
  | { readonly kind: 'gone' }
  | { readonly kind: 'blocked'; readonly state: BlockedRecord }
  | { readonly kind: 'ready'; readonly state: ServicePublication; readonly federation: Federation }

function gather(key: ObjectKey, before: ServiceState | undefined, deps: PublishServiceDeps): Gathered {
  const record = deps.records.get(key)
  if (record === undefined) return { kind: 'gone' }
  const { metadata } = record
  const published = before !== undefined && 'memory' in before ? before : undefined
  if (record.kind === 'rejected' && published === undefined) {
    return { kind: 'blocked', state: { metadata, complaint: invalid(record.problems) } }
  }
  // A record that was edited into something unusable keeps publishing what it said before.
  const settings = record.kind === 'ok' ? serviceDNSSettings(record.value.asked) : published!.settings
  const federation = deps.federations.get(settings.domainRef)
  if (federation === undefined) {
    return {
      kind: 'blocked',
      state: { metadata, complaint: deps.federations.complaintOf(settings.domainRef) },
    }
  }
  const status = record.kind === 'ok' ? record.value.status : undefined
  const memory = published?.memory ?? deps.restore(status, federation.topology)
  const complaint = record.kind === 'rejected' ? { complaint: invalid(record.problems) } : {}
  const rejected = published?.rejected ?? []
  return {
    kind: 'ready',
    federation,
    state: { metadata, settings, topology: federation.topology, memory, rejected, ...complaint },
  }
}

/** One member's part; what cannot be seen is unknown, with what was seen last. */
function gatherShard(key: ObjectKey, cluster: ClusterIndex, deps: PublishServiceDeps): Shard {
  const user = { kind: 'service', key, cluster } as const
  const facts = deps.services.get(key, cluster)
  const service = facts === undefined ? undefined : deps.hosts.resolve(user, facts)
  if (!deps.sessions.live(cluster)) {
    const last = service === undefined ? {} : { last: service }
    return { kind: 'unknown', ...last, sinceMs: deps.sessions.lostSinceMs(cluster), probe: 'none' }
  }
  if (service === undefined) {
    deps.hosts.release(user)
    return { kind: 'absent' }
  }
  const endpoints = deps.endpoints.get(key, cluster) ?? { ready: 0, serving: 0, terminating: 0 }
  return { kind: 'present', service, endpoints }
}

function forget(key: ObjectKey, deps: PublishServiceDeps): Outcome {
  withdraw(key, deps)
  deps.states.delete(key)
  deps.reports.mark(ownerKey(KIND, key))
  return {}
}

function block(key: ObjectKey, state: BlockedRecord, deps: PublishServiceDeps): Outcome {
  withdraw(key, deps)
  deps.states.set(key, state)
  deps.reports.mark(ownerKey(KIND, key))
  return {}
}

function withdraw(key: ObjectKey, deps: PublishServiceDeps): void {
  const before = deps.states.get(key)
  if (before === undefined || !('memory' in before)) return
  deps.ledger.drop(ownerKey(KIND, key))
  for (const cluster of before.topology.scopesOf.keys()) {
    deps.hosts.release({ kind: 'service', key, cluster: cluster as ClusterIndex }) // keys of scopesOf are cluster indices
  }
}
