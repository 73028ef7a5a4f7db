import type { EndpointFacts, IngressFacts, ServiceFacts } from '../api/facts.ts'
import {
  ingressDNSSettings,
  toldIngressSettings,
  type IngressDNSRecord,
  type IngressDNSSettings,
} from '../api/ingress-dns-record.ts'
import type { IngressDNSStatus } from '../api/dns-status.ts'
import { objectKey, ownerKey, splitKey, type ClusterIndex, type ObjectKey } from '../api/keys.ts'
import type { ObjectMeta } from '../api/object.ts'
import { ttlSecondsOf } from '../api/ttl.ts'
import { decideHosts } from '../core/discovery/ingress.ts'
import { rankOf } from '../core/discovery/rank.ts'
import type { HostsMemory, IngressShard, Ledger, Owner } from '../core/discovery/types.ts'
import { isWithin, parseDomainName, type DomainName } from '../dns/names.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Dirty } from '../runtime/dirty.ts'
import type { Outcome } from '../runtime/worker.ts'
import type { Federations } from './federations.ts'
import { invalid, statusOf } from './ports.ts'
import type { BlockedRecord, Complaint, HostObjects, MemberFacts, Reports, Sessions } from './ports.ts'
import type { ResolvedHosts } from './resolved-hosts.ts'

/** What was decided last of one record: the input of its status. */
export interface IngressPublication {
  readonly kind: 'published'
  readonly metadata: ObjectMeta
  readonly settings: IngressDNSSettings
  readonly members: readonly ClusterIndex[]
  readonly memory: HostsMemory
  /** The record as it stands now cannot be used; what is published follows its last good form. */
  readonly complaint?: Complaint
}

export type IngressState = IngressPublication | BlockedRecord<IngressPublication>

export interface PublishIngressDeps {
  readonly records: HostObjects<IngressDNSRecord, IngressDNSStatus>
  readonly federations: Pick<Federations, 'all'>
  readonly ingresses: MemberFacts<IngressFacts>
  readonly services: MemberFacts<ServiceFacts>
  readonly endpoints: MemberFacts<EndpointFacts>
  readonly sessions: Sessions
  readonly hosts: ResolvedHosts
  readonly ledger: Ledger
  readonly reports: Reports
  readonly clock: Clock
  readonly states: Map<ObjectKey, IngressState>
  members(): readonly ClusterIndex[]
  /** Services whose endpoints decide about this record: a change of theirs is a change of it. */
  backends(key: ObjectKey, services: readonly ObjectKey[]): void
  /** The past of a record that this process has not decided yet, from its status (DESIGN 5.12). */
  restore(status: IngressDNSStatus | undefined): HostsMemory
}

const KIND = 'IngressDNSRecord'

/** From a record and the Ingresses of its name to its hosts in the ledger. Reads caches only. */
export function publishIngress(
  key: ObjectKey,
  dirty: Dirty<ClusterIndex>,
  deps: PublishIngressDeps,
): Outcome {
  const before = deps.states.get(key)
  const state = gather(key, before, deps)
  if (state?.kind !== 'published') return withdraw(key, state, deps)

  const { members, settings } = state
  const owner = ownerOf(key, state)
  const hosts = settings.hosts.map(parseDomainName)
  const decision = decideHosts(
    {
      ...{ owner: owner.key, hosts, members },
      ttlSeconds: ttlSecondsOf(settings.recordTTL, defaultTtlOf(hosts, deps.federations)),
      routing: { whenAllUnhealthy: settings.whenAllUnhealthy },
      dirty: before?.kind === 'published' ? dirty : 'all',
      nowMs: deps.clock.nowMs(),
      shard: (cluster) => gatherShard(key, cluster, deps),
    },
    state.memory,
  )
  deps.states.set(key, { ...state, memory: decision.memory })
  deps.backends(key, backendsOf(key, members, deps))
  deps.ledger.put(owner, decision.changes)
  if (before?.kind === 'published') releaseHosts(key, before.members, { hosts: deps.hosts, is: members })
  deps.reports.mark(owner.key)
  return { againAtMs: decision.againAtMs }
}

/** The record with its past; blocked when it was never usable; undefined when it is gone. */
function gather(
  key: ObjectKey,
  before: IngressState | undefined,
  deps: PublishIngressDeps,
): IngressState | undefined {
  const object = deps.records.get(key)
  if (object === undefined) return undefined
  const { metadata } = object
  const members = deps.members()
  if (object.kind === 'ok') {
    const memory = before?.kind === 'published' ? before.memory : deps.restore(statusOf(object))
    return { kind: 'published', metadata, settings: ingressDNSSettings(object.value.asked), members, memory }
  }
  const complaint = invalid(object.problems)
  // A record that was edited into something unusable keeps publishing what it said before, in this process or the last.
  if (before?.kind === 'published') return { ...before, metadata, members, complaint }
  const told = statusOf(object)?.inForce
  if (told === undefined) return { kind: 'blocked', metadata, complaint, isUnreadable: true }
  const settings = toldIngressSettings(told)
  return { kind: 'published', metadata, settings, members, memory: deps.restore(statusOf(object)), complaint }
}

function ownerOf(key: ObjectKey, { metadata }: IngressPublication): Owner {
  const { creationTimestamp = '' } = metadata
  return { key: ownerKey(KIND, key), rank: rankOf({ nameClass: 'open', creationTimestamp, key }) }
}

/** The default of the Domain that the hosts are in; the smallest where there are several, since all hosts say the same. */
function defaultTtlOf(
  hosts: readonly DomainName[],
  federations: PublishIngressDeps['federations'],
): number | undefined {
  let least: number | undefined
  for (const { domain, settings } of federations.all()) {
    if (!hosts.some((host) => isWithin(host, domain))) continue
    least = Math.min(least ?? settings.defaultTtlSeconds, settings.defaultTtlSeconds)
  }
  return least
}

/** One member's part; what cannot be seen is unknown, with what was seen last. */
function gatherShard(key: ObjectKey, cluster: ClusterIndex, deps: PublishIngressDeps): IngressShard {
  const user = { kind: 'ingress', key, cluster } as const
  const facts = deps.ingresses.get(key, cluster)
  const ingress = facts === undefined ? undefined : deps.hosts.resolve(user, facts)
  if (!deps.sessions.live(cluster)) {
    const last = ingress === undefined ? {} : { last: ingress }
    return { kind: 'unknown', ...last, sinceMs: deps.sessions.lostSinceMs(cluster), probe: 'none' }
  }
  if (ingress === undefined) {
    deps.hosts.release(user)
    return { kind: 'absent' }
  }
  const { namespace } = splitKey(key)
  const backends = ingress.backends
    .map((name) => objectKey(namespace, name))
    .filter((service) => deps.services.get(service, cluster) !== undefined)
    .map((service) => deps.endpoints.get(service, cluster) ?? { ready: 0, serving: 0, terminating: 0 })
  return { kind: 'present', ingress, backends }
}

function backendsOf(
  key: ObjectKey,
  members: readonly ClusterIndex[],
  deps: PublishIngressDeps,
): readonly ObjectKey[] {
  const { namespace } = splitKey(key)
  const names = members.flatMap((cluster) => deps.ingresses.get(key, cluster)?.backends ?? [])
  return [...new Set(names)].map((name) => objectKey(namespace, name))
}

/** Nothing is said of the record any more: it cannot be used, or (`state` undefined) is gone. */
function withdraw(key: ObjectKey, state: IngressState | undefined, deps: PublishIngressDeps): Outcome {
  const before = deps.states.get(key)
  if (before?.kind === 'published') {
    deps.ledger.drop(ownerKey(KIND, key))
    releaseHosts(key, before.members, { hosts: deps.hosts, is: [] })
  }
  deps.backends(key, [])
  if (state === undefined) deps.states.delete(key)
  else deps.states.set(key, state)
  deps.reports.mark(ownerKey(KIND, key))
  return {}
}

/** Let go of the host names of clusters that were members and are no more. */
function releaseHosts(
  key: ObjectKey,
  were: readonly ClusterIndex[],
  { hosts, is }: { readonly hosts: ResolvedHosts; readonly is: readonly ClusterIndex[] },
): void {
  for (const cluster of were) if (!is.includes(cluster)) hosts.release({ kind: 'ingress', key, cluster })
}
