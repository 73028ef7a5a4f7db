import { withConditions, type ConditionSaid } from '../api/conditions.ts'
import type {
  AnswerStatus,
  ClusterDNS,
  ClusterIngressDNS,
  IngressDNSStatus,
  IngressInForce,
  LoadBalancerStatus,
  ServiceDNSStatus,
  ServiceInForce,
} from '../api/dns-status.ts'
import type { Saying } from '../core/discovery/said.ts'
import type { Targets } from '../core/discovery/types.ts'
import type { DomainName } from '../dns/names.ts'
import type { BlockedRecord } from './ports.ts'
import { conditionsOf } from './record-conditions.ts'
import {
  describe,
  type Described,
  type DescribedShard,
  type SeenShard,
  type StatusInput,
} from './status-input.ts'

/** What both kinds of record say of themselves. */
type CommonStatus = Omit<ServiceDNSStatus, 'domain' | 'dns' | 'dnsName' | 'inForce'>

/** Status of a ServiceDNSRecord: KubeFed's fields, then ours. Everything sorted, so that equal decisions are equal text. */
export function planServiceStatus(
  input: StatusInput & { readonly domain: DomainName; readonly inForce?: ServiceInForce },
  before: ServiceDNSStatus | undefined,
): ServiceDNSStatus {
  const described = describe(input)
  return {
    domain: bare(input.domain),
    dns: described.shards.map((shard): ClusterDNS => ({ ...entryOf(shard), ...placeOf(shard.seen) })),
    ...(input.dnsName === undefined ? {} : { dnsName: bare(input.dnsName) }),
    ...(input.inForce === undefined ? {} : { inForce: input.inForce }),
    ...commonStatus(described, before),
  }
}

/** Status of an IngressDNSRecord. */
export function planIngressStatus(
  input: StatusInput & { readonly inForce?: IngressInForce },
  before: IngressDNSStatus | undefined,
): IngressDNSStatus {
  const described = describe(input)
  return {
    dns: described.shards.map(entryOf),
    ...(input.inForce === undefined ? {} : { inForce: input.inForce }),
    ...commonStatus(described, before),
  }
}

/**
 * Status of a record that publishes nothing: the shards stay as last told but for that, the conditions say why. While
 * outputs outside keep what they hold of it, what was published stays too: the next process may need it.
 */
export function planBlockedStatus<S extends ServiceDNSStatus | IngressDNSStatus>(
  { complaint, isUnreadable }: Pick<BlockedRecord<unknown>, 'complaint' | 'isUnreadable'>,
  at: { readonly generation: number; readonly now: string },
  before: S | undefined,
): S | CommonStatus {
  const said: ConditionSaid = {
    type: 'Ready',
    status: 'False',
    ...complaint,
    observedGeneration: at.generation,
  }
  const told = {
    observedGeneration: at.generation,
    conditions: withConditions(before?.conditions ?? [], [said], at.now),
  }
  if (isUnreadable && before?.answers !== undefined) return { ...before, ...told }
  return {
    ...before,
    ...(before?.dns === undefined
      ? {}
      : { dns: before.dns.map((entry) => ({ ...entry, published: false })) }),
    ...told,
    addresses: [],
    answers: [],
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
function answersOf({ said, carried = [], dnsName }: StatusInput): readonly AnswerStatus[] {
  const sorted = said.toSorted((left, right) => {
    if (left.name === dnsName || right.name === dnsName) return left.name === dnsName ? -1 : 1
    return left.name < right.name ? -1 : 1
  })
  const before = new Set(carried)
  return sorted.flatMap((saying) => answerStatus(saying, before.has(saying.name)))
}

function answerStatus({ name, answer }: Saying, hasCarried: boolean): readonly AnswerStatus[] {
  switch (answer.kind) {
    case 'addresses':
      return [
        ...(answer.a.length === 0 ? [] : [{ name: bare(name), type: 'A' as const, targets: [...answer.a] }]),
        ...(answer.aaaa.length === 0
          ? []
          : [{ name: bare(name), type: 'AAAA' as const, targets: [...answer.aaaa] }]),
      ]
    case 'alias':
      return [
        {
          ...{ name: bare(name), type: 'CNAME', targets: [bare(answer.target)] },
          ...(answer.instead === undefined ? {} : { instead: [...answer.instead.a, ...answer.instead.aaaa] }),
          ...(hasCarried ? { carried: true } : {}),
        },
      ]
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
