import type { EndpointFacts, ServiceFacts } from '../api/facts.ts'
import { ownerKey, splitKey, type ClusterIndex, type ObjectKey } from '../api/keys.ts'
import type { ObjectMeta } from '../api/object.ts'
import {
  serviceDNSSettings,
  toldServiceSettings,
  type ServiceDNSRecord,
  type ServiceDNSSettings,
} from '../api/service-dns-record.ts'
import type { ServiceDNSStatus } from '../api/dns-status.ts'
import { namesThatCarried } from '../core/discovery/answers/carried.ts'
import { decide } from '../core/discovery/decide.ts'
import { emptyMemory } from '../core/discovery/memory.ts'
import { rankOf } from '../core/discovery/rank.ts'
import { dnsSpecOf } from '../core/discovery/records.ts'
import type {
  DnsSpec,
  Ledger,
  Owner,
  RejectedName,
  ServiceMemory,
  Shard,
  Topology,
} from '../core/discovery/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Dirty } from '../runtime/dirty.ts'
import type { Outcome } from '../runtime/worker.ts'
import type { Federation, Federations } from './federations.ts'
import { invalid, statusOf } from './ports.ts'
import type {
  BlockedRecord,
  Complaint,
  HostObject,
  HostObjects,
  MemberFacts,
  Reports,
  Sessions,
} from './ports.ts'
import type { ResolvedHosts } from './resolved-hosts.ts'

/** What was decided last of one record: the input of its status. */
export interface ServicePublication {
  readonly kind: 'published'
  readonly metadata: ObjectMeta
  readonly settings: ServiceDNSSettings
  readonly topology: Topology
  readonly memory: ServiceMemory
  readonly rejected: readonly RejectedName[]
  /** The record as it stands now cannot be used; what is published follows its last good form. */
  readonly complaint?: Complaint
}

export type ServiceState = ServicePublication | BlockedRecord<ServicePublication>

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
  if (gathered?.kind !== 'ready') return withdraw(key, gathered, deps)

  const { record, topology, owner, spec } = gathered
  const decision = decide(
    {
      ...{ owner: owner.key, spec, topology },
      dirty: before?.kind === 'published' ? dirty : 'all',
      nowMs: deps.clock.nowMs(),
      shard: (cluster) => gatherShard(key, cluster, deps),
    },
    gathered.memory,
  )
  deps.states.set(key, { kind: 'published', ...record, topology, memory: decision.memory })
  deps.ledger.put(owner, decision.changes)
  if (before?.kind === 'published' && before.topology !== topology) {
    releaseHosts(key, before.topology, { hosts: deps.hosts, is: topology })
  }
  deps.reports.mark(owner.key)
  return { againAtMs: decision.againAtMs }
}

type Blocked = BlockedRecord<ServicePublication>

/** All that a decision needs but the shards. */
interface Gathered {
  readonly kind: 'ready'
  readonly record: Pick<ServicePublication, 'metadata' | 'settings' | 'rejected' | 'complaint'>
  readonly owner: Owner
  readonly spec: DnsSpec
  readonly topology: Topology
  readonly memory: ServiceMemory
}

/** Undefined: the record is gone. */
function gather(
  key: ObjectKey,
  before: ServiceState | undefined,
  deps: PublishServiceDeps,
): Gathered | Blocked | undefined {
  const object = deps.records.get(key)
  if (object === undefined) return undefined
  const { metadata } = object
  const last = before?.kind === 'blocked' ? before.last : before
  const told = toldOf(object)
  const form = formOf(object, last?.settings ?? told)
  if (form.kind === 'unusable') {
    return { kind: 'blocked', metadata, last, complaint: form.complaint, isUnreadable: true }
  }
  const standing = before === undefined ? told : before.kind === 'published' ? before.settings : undefined
  const placed = placeOf(form, standing, deps)
  if (placed.kind === 'nowhere') {
    const { domainRef } = form.settings
    const { complaint } = placed
    // What was published before this process may be all that is left of its Domain: nobody has seen that go.
    const isUnreadable = last === undefined || deps.federations.refuses(domainRef)
    return { kind: 'blocked', metadata, last, complaint, isUnreadable }
  }
  const { kind: _, federation, ...record } = placed
  const { topology } = federation
  const memory = before?.kind === 'published' ? before.memory : pastOf(object, last, { topology, deps })
  const { spec, rejected } = specOf(key, record.settings, federation)
  const owner = ownerOf(key, { metadata, ...record })
  return { kind: 'ready', record: { metadata, ...record, rejected }, owner, spec, topology, memory }
}

type RecordObject = HostObject<ServiceDNSRecord, ServiceDNSStatus>

interface Usable {
  readonly kind: 'usable'
  readonly settings: ServiceDNSSettings
  readonly complaint?: Complaint
}

type Form = Usable | { readonly kind: 'unusable'; readonly complaint: Complaint }

/** What the record was published with before this process, as its status tells. */
function toldOf(object: RecordObject): ServiceDNSSettings | undefined {
  const told = statusOf(object)?.inForce
  return told === undefined ? undefined : toldServiceSettings(told, object.metadata.name)
}

/** What the record asks for; after an edit that cannot be used, what it asked for before. */
function formOf(object: RecordObject, last: ServiceDNSSettings | undefined): Form {
  if (object.kind === 'ok') return { kind: 'usable', settings: serviceDNSSettings(object.value.asked) }
  const complaint = invalid(object.problems)
  return last === undefined ? { kind: 'unusable', complaint } : { kind: 'usable', settings: last, complaint }
}

type Placed =
  | (Omit<Usable, 'kind'> & { readonly kind: 'placed'; readonly federation: Federation })
  | { readonly kind: 'nowhere'; readonly complaint: Complaint }

/** The Domain that the record names; after an edit that names none in force, the one in which it is published. */
function placeOf(
  form: Usable,
  before: ServiceDNSSettings | undefined,
  { federations }: PublishServiceDeps,
): Placed {
  const { domainRef } = form.settings
  const federation = federations.get(domainRef)
  if (federation !== undefined) return { ...form, kind: 'placed', federation }
  const complaint = federations.complaintOf(domainRef)
  const standing = before === undefined ? undefined : federations.get(before.domainRef)
  return before === undefined || standing === undefined
    ? { kind: 'nowhere', complaint }
    : { kind: 'placed', settings: before, federation: standing, complaint }
}

/** What is known of the shards of a record that is not published: nothing is said of them in the ledger. */
function pastOf(
  object: RecordObject,
  last: ServicePublication | undefined,
  { topology, deps }: { readonly topology: Topology; readonly deps: PublishServiceDeps },
): ServiceMemory {
  if (last === undefined) return deps.restore(statusOf(object), topology)
  const { verdict, reason, sinceSeconds, targets, onceFit } = last.memory
  const carriedNames = namesThatCarried(last.memory)
  return { ...emptyMemory(topology), verdict, reason, sinceSeconds, targets, onceFit, carriedNames }
}

function specOf(
  key: ObjectKey,
  settings: ServiceDNSSettings,
  federation: Federation,
): ReturnType<typeof dnsSpecOf> {
  return dnsSpecOf({
    settings,
    namespace: splitKey(key).namespace,
    domain: federation.domain,
    defaultTTL: federation.settings.defaultTtlSeconds,
    aliasAs: federation.settings.aliasAs,
  })
}

function ownerOf(
  key: ObjectKey,
  { metadata, settings }: Pick<ServicePublication, 'metadata' | 'settings'>,
): Owner {
  const nameClass = settings.hasExternalName ? 'external' : 'canonical'
  const { creationTimestamp = '' } = metadata
  return { key: ownerKey(KIND, key), rank: rankOf({ nameClass, creationTimestamp, key }) }
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

/** Nothing is said of the record any more: it is blocked, or (`state` undefined) gone. */
function withdraw(key: ObjectKey, state: Blocked | undefined, deps: PublishServiceDeps): Outcome {
  const before = deps.states.get(key)
  if (before?.kind === 'published') {
    deps.ledger.drop(ownerKey(KIND, key))
    releaseHosts(key, before.topology, { hosts: deps.hosts })
  }
  if (state === undefined) deps.states.delete(key)
  else deps.states.set(key, state)
  deps.reports.mark(ownerKey(KIND, key))
  return {}
}

/** Let go of the host names of members of one topology, but for those that are members in the other, too. */
function releaseHosts(
  key: ObjectKey,
  was: Topology,
  { hosts, is }: { readonly hosts: ResolvedHosts; readonly is?: Topology },
): void {
  for (const index of was.scopesOf.keys()) {
    const cluster = index as ClusterIndex // keys of scopesOf are cluster indices
    if ((is?.scopesOf[cluster]?.length ?? 0) === 0) hosts.release({ kind: 'service', key, cluster })
  }
}
