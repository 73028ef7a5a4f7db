import { withConditions, type ConditionSaid } from '../api/conditions.ts'
import type {
  AnswerStatus,
  ClusterDNS,
  ClusterIngressDNS,
  IngressDNSStatus,
  LoadBalancerStatus,
  ServiceDNSStatus,
} from '../api/dns-status.ts'
import type { ClusterIndex } from '../api/keys.ts'
import {
  describeRecord,
  describeShard,
  type RecordSummary,
  type ShardSummary,
} from '../core/discovery/memory.ts'
import type { Saying } from '../core/discovery/said.ts'
import type { Conflict, RejectedName, ShardMemory, Targets } from '../core/discovery/types.ts'
import type { DomainName } from '../dns/names.ts'
import type { Complaint } from './ports.ts'

/** What is seen of a record's object in one cluster. */
export interface SeenShard {
  readonly cluster: ClusterIndex
  readonly name: string
  /** Host names that its load balancer gave. */
  readonly hosts: readonly DomainName[]
  readonly readyEndpoints: number
  readonly region?: string
  readonly zones?: readonly string[]
}

export interface StatusInput {
  readonly memory: ShardMemory
  readonly shards: readonly SeenShard[]
  /** What the record's names say, but for those that another record has. */
  readonly said: readonly Saying[]
  readonly conflicts: readonly Conflict[]
  readonly rejected: readonly RejectedName[]
  readonly complaint?: Complaint
  /** What came of writing the DNSEndpoint; undefined: not tried yet. */
  readonly written?: WriteReport
  readonly generation: number
  /** RFC 3339. */
  readonly now: string
  /** The global name, where there is one. */
  readonly dnsName?: DomainName
}

/** Whether the record's DNSEndpoint stands as planned. */
export type WriteReport = { readonly ok: true } | ({ readonly ok: false } & Complaint)

/** What both kinds of record say of themselves. */
type CommonStatus = Omit<ServiceDNSStatus, 'domain' | 'dns' | 'dnsName'>

/** Memory put into words, once: every part of a status needs some of them, and a record may have a hundred shards. */
interface Described {
  readonly input: StatusInput
  readonly record: RecordSummary
  /** Sorted by the clusters' names. */
  readonly shards: readonly DescribedShard[]
}

interface DescribedShard {
  readonly seen: SeenShard
  readonly summary: ShardSummary
}

/** Status of a ServiceDNSRecord: KubeFed's fields, then ours. Everything sorted, so that equal decisions are equal text. */
export function planServiceStatus(
  input: StatusInput & { readonly domain: DomainName },
  before: ServiceDNSStatus | undefined,
): ServiceDNSStatus {
  const described = describe(input)
  return {
    domain: bare(input.domain),
    dns: described.shards.map((shard): ClusterDNS => ({ ...entryOf(shard), ...placeOf(shard.seen) })),
    ...(input.dnsName === undefined ? {} : { dnsName: bare(input.dnsName) }),
    ...commonStatus(described, before),
  }
}

/** Status of an IngressDNSRecord. */
export function planIngressStatus(
  input: StatusInput,
  before: IngressDNSStatus | undefined,
): IngressDNSStatus {
  const described = describe(input)
  return { dns: described.shards.map(entryOf), ...commonStatus(described, before) }
}

/** Status of a record that publishes nothing: the shards stay as last told but for that, the conditions say why. */
export function planBlockedStatus<S extends ServiceDNSStatus | IngressDNSStatus>(
  complaint: Complaint,
  at: { readonly generation: number; readonly now: string },
  before: S | undefined,
): S | CommonStatus {
  const said: ConditionSaid = {
    type: 'Ready',
    status: 'False',
    ...complaint,
    observedGeneration: at.generation,
  }
  return {
    ...before,
    ...(before?.dns === undefined
      ? {}
      : { dns: before.dns.map((entry) => ({ ...entry, published: false })) }),
    observedGeneration: at.generation,
    conditions: withConditions(before?.conditions ?? [], [said], at.now),
    addresses: [],
    answers: [],
  }
}

function describe(input: StatusInput): Described {
  const { memory, shards } = input
  const sorted = [...shards].sort((left, right) => (left.name < right.name ? -1 : 1))
  return {
    input,
    record: describeRecord(memory),
    shards: sorted.map((seen) => ({ seen, summary: describeShard(memory, seen.cluster) })),
  }
}

function placeOf({ region, zones }: SeenShard): Pick<ClusterDNS, 'region' | 'zones'> {
  return { ...(region === undefined ? {} : { region }), ...(zones === undefined ? {} : { zones }) }
}

/** One cluster's entry. Its load balancer is shown while its addresses are published, as in KubeFed. */
function entryOf({ seen, summary }: DescribedShard): ClusterIngressDNS {
  const { state, lastKnown, reason, message, sinceSeconds, published, targets } = summary
  return {
    cluster: seen.name,
    loadBalancer: published ? loadBalancerOf(seen.hosts, targets) : {},
    state,
    ...(lastKnown === undefined ? {} : { lastKnown }),
    reason,
    message,
    since: timestamp(sinceSeconds * 1000),
    published,
    endpoints: seen.readyEndpoints,
  }
}

/** All addresses that are published of it, those that its host names stand for too: a process that starts keeps them. */
function loadBalancerOf(hosts: readonly DomainName[], targets: Targets | undefined): LoadBalancerStatus {
  const addresses = [...(targets?.a ?? []), ...(targets?.aaaa ?? [])]
  const entries = [...addresses.map((ip) => ({ ip })), ...hosts.map((host) => ({ hostname: bare(host) }))]
  return entries.length === 0 ? {} : { ingress: entries }
}

function commonStatus(described: Described, before: CommonStatus | undefined): CommonStatus {
  const { input, record, shards } = described
  const having = shards.filter(
    ({ summary: { state, lastKnown = state } }) => lastKnown === 'Fit' || lastKnown === 'Unfit',
  )
  const addresses = publishedAddresses(shards)
  return {
    observedGeneration: input.generation,
    conditions: withConditions(before?.conditions ?? [], conditionsOf(described), input.now),
    endpoints: shards.reduce((sum, { seen }) => sum + seen.readyEndpoints, 0),
    healthy: `${record.clusters.Fit}/${having.length}`,
    addresses,
    answers: answersOf(input),
    lastGood: addresses.length > 0 ? addresses : input.memory.onceFit ? (before?.lastGood ?? []) : [],
  }
}

function publishedAddresses(shards: readonly DescribedShard[]): readonly string[] {
  const published = shards.filter(({ summary }) => summary.published)
  const all = published.flatMap(({ summary: { targets } }) => [
    ...(targets?.a ?? []),
    ...(targets?.aaaa ?? []),
  ])
  return [...new Set(all)].sort()
}

/** The global name first, the others sorted: which region came first to a topology is nobody's business. */
function answersOf({ said, dnsName }: StatusInput): readonly AnswerStatus[] {
  const sorted = said.toSorted((left, right) => {
    if (left.name === dnsName || right.name === dnsName) return left.name === dnsName ? -1 : 1
    return left.name < right.name ? -1 : 1
  })
  return sorted.flatMap(answerStatus)
}

function conditionsOf(described: Described): readonly ConditionSaid[] {
  const { input } = described
  const said = [readyOf(described), degradedOf(described), conflictOf(input), writtenOf(input)]
  return said
    .filter((condition) => condition !== undefined)
    .map((condition) => ({ ...condition, observedGeneration: input.generation }))
}

function readyOf({ input, record }: Described): ConditionSaid {
  const { complaint, conflicts, said } = input
  if (complaint !== undefined) return { type: 'Ready', status: 'False', ...complaint }
  if (conflicts.length > 0 && said.length === 0) {
    return { type: 'Ready', status: 'False', reason: 'Conflict', message: conflictMessage(conflicts) }
  }
  const { tier, reason, message } = record
  return { type: 'Ready', status: tier === 'fit' ? 'True' : 'False', reason, message }
}

function degradedOf({ input: { rejected }, record, shards }: Described): ConditionSaid {
  const { tier, clusters, message } = record
  if (tier === 'lastKnownGood') return { type: 'Degraded', status: 'True', reason: 'LastKnownGood', message }
  if (rejected.length > 0) {
    const words = rejected.map((name) => `${name.field}: ${name.message}`).join('; ')
    return { type: 'Degraded', status: 'True', reason: 'NameRejected', message: words }
  }
  if (clusters.Unknown > 0) {
    const names = shards.filter(({ summary }) => summary.state === 'Unknown').map(({ seen }) => seen.name)
    return {
      type: 'Degraded',
      status: 'True',
      reason: 'ClustersUnknown',
      message: `cannot be seen now, what was last known stays: ${names.join(', ')}; see the conditions of these KubeFedClusters`,
    }
  }
  return {
    type: 'Degraded',
    status: 'False',
    reason: 'AllKnown',
    message: 'every cluster can be seen; nothing to do',
  }
}

function conflictOf({ conflicts }: StatusInput): ConditionSaid {
  return conflicts.length === 0
    ? {
        type: 'Conflict',
        status: 'False',
        reason: 'NoConflict',
        message: 'no other record has one of its names; nothing to do',
      }
    : { type: 'Conflict', status: 'True', reason: 'NameTaken', message: conflictMessage(conflicts) }
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const shown = conflicts.slice(0, 5).map(({ name, winner }) => `${bare(name)} belongs to ${winner}`)
  const more = conflicts.length > shown.length ? `, and ${conflicts.length - shown.length} more` : ''
  return `${shown.join(', ')}${more}; rename one of the two, or delete it`
}

function writtenOf({ written }: StatusInput): ConditionSaid | undefined {
  if (written === undefined) return undefined
  return written.ok
    ? {
        type: 'DNSEndpointWritten',
        status: 'True',
        reason: 'Written',
        message: 'the DNSEndpoint stands as planned; nothing to do',
      }
    : { type: 'DNSEndpointWritten', status: 'False', reason: written.reason, message: written.message }
}

function answerStatus({ name, answer }: Saying): readonly AnswerStatus[] {
  switch (answer.kind) {
    case 'addresses':
      return [
        ...(answer.a.length === 0 ? [] : [{ name: bare(name), type: 'A' as const, targets: [...answer.a] }]),
        ...(answer.aaaa.length === 0
          ? []
          : [{ name: bare(name), type: 'AAAA' as const, targets: [...answer.aaaa] }]),
      ]
    case 'alias':
      return [{ name: bare(name), type: 'CNAME', targets: [bare(answer.target)] }]
    case 'records':
      return []
  }
}

function bare(name: DomainName): string {
  return name.slice(0, -1)
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z` // without the milliseconds
}
