import type { ClusterIndex } from '../../api/keys.ts'
import type { Routing } from '../../api/routing.ts'
import type { DomainName } from '../../dns/names.ts'
import { sameAnswer } from '../../dns/records.ts'
import { judgeIngress, LEFT, VERDICT } from './health.ts'
import { addressAnswer } from './records.ts'
import { differenceOf, saidByHosts } from './said.ts'
import { type Columns, judgeShards, unchanged } from './shards.ts'
import { fitContribution, standingOf } from './answers/standing.ts'
import { traceShards } from './trace.ts'
import type { DecideHostsInput, Decision, HostsMemory, IngressShard, ScopeIndex, Trace } from './types.ts'

/** All hosts are one scope. */
const HOSTS = 0 as ScopeIndex

/**
 * Decide what the hosts of an Ingress record say: all the same, the union over its clusters, judged and kept as a
 * service's global name is. Hosts come from the record, never from Ingress rules (kubefed.md 2.8); one that has nothing to
 * say exists and says nothing, so that nobody else takes it.
 * @param memory - from emptyHostsMemory(), restoreMemory() or the last decision; left as it is, returned itself when nothing changed
 * @param trace - called once for each shard judged
 */
export function decideHosts(
  input: DecideHostsInput,
  memory: HostsMemory,
  trace?: Trace,
): Decision<HostsMemory> {
  const members = new Set([...input.members].sort((a, b) => a - b))
  const clusters = clustersToJudge(input, memory, members)
  const { columns, moved } = judgeShards(memory, {
    clusters,
    size: [...members].reduce((size, member) => Math.max(size, member + 1), 0),
    nowMs: input.nowMs,
    judge: (cluster, past) => (members.has(cluster) ? judgeIngress(input.shard(cluster), past) : LEFT),
  })
  const anew = input.dirty === 'all' || !isDecidedFor(memory, input)
  const evaluated = anew || moved.length > 0
  const only = !anew && moved.length === 1 ? moved[0] : undefined
  const published = evaluated ? publishedBy(input, memory, { members: [...members], columns, only }) : {}
  const hosts = hostsLike(memory.hosts, input.hosts)
  const next = unchanged(memory, { ...memory, ...columns, ...published, hosts })

  const shard = (cluster: ClusterIndex): IngressShard => input.shard(cluster)
  const seen = clusters.filter((cluster) => members.has(cluster))
  if (trace !== undefined) traceShards({ memory: next, clusters: seen, nowMs: input.nowMs, shard }, trace)
  return {
    memory: next,
    changes: next === memory ? [] : differenceOf(saidByHosts(memory), saidByHosts(next)),
    work: { shards: clusters.length, scopes: evaluated ? 1 : 0 },
  }
}

/** Whether TTL and routing are those of the last decision. Members and hosts are looked at every time. */
function isDecidedFor({ answer, routing }: HostsMemory, input: DecideHostsInput): boolean {
  return (
    answer?.kind === 'addresses' &&
    answer.ttlSeconds === input.ttlSeconds &&
    routing?.whenAllUnhealthy === input.routing.whenAllUnhealthy
  )
}

/** The dirty members, those never judged, and those judged that are members no more. */
function clustersToJudge(
  { dirty }: DecideHostsInput,
  memory: HostsMemory,
  members: ReadonlySet<ClusterIndex>,
): readonly ClusterIndex[] {
  const isNew = (cluster: ClusterIndex): boolean => (memory.verdict[cluster] ?? VERDICT.none) === VERDICT.none
  const chosen = new Set(dirty === 'all' ? members : dirty.filter((cluster) => members.has(cluster)))
  for (const cluster of members) if (isNew(cluster)) chosen.add(cluster)
  for (const [index, verdict] of memory.verdict.entries()) {
    const cluster = index as ClusterIndex // a column of memory
    if (verdict !== VERDICT.none && !members.has(cluster)) chosen.add(cluster)
  }
  return [...chosen].sort((a, b) => a - b)
}

function publishedBy(
  { ttlSeconds, routing }: DecideHostsInput,
  memory: HostsMemory,
  judged: {
    readonly members: readonly ClusterIndex[]
    readonly columns: Columns
    readonly only: ClusterIndex | undefined
  },
): Pick<HostsMemory, 'tier' | 'onceFit' | 'overlaps' | 'answer' | 'routing'> {
  const { members, columns, only } = judged
  const isFit = memory.tier === 'fit' && memory.overlaps.length === 0
  const known = isFit && memory.answer?.kind === 'addresses' ? memory.answer : undefined
  const fit = fitContribution({ members, before: memory, after: columns, known, only })
  const { targets, tier, onceFit } = standingOf({
    members,
    columns,
    onceFit: memory.onceFit,
    fit: fit.targets,
    mayStandIn: routing.whenAllUnhealthy !== 'Empty',
  })
  const made = addressAnswer(ttlSeconds, targets)
  const answer = sameAnswer(memory.answer, made) ? memory.answer! : made // equal to one that is
  const overlaps = fit.overlaps === memory.overlaps.length > 0 ? memory.overlaps : fit.overlaps ? [HOSTS] : []
  return {
    tier,
    onceFit,
    overlaps,
    answer,
    routing: sameRouting(memory.routing, routing) ? memory.routing! : routing, // the same, so it is there
  }
}

function sameRouting(left: Routing | undefined, right: Routing): boolean {
  return left !== undefined && left.whenAllUnhealthy === right.whenAllUnhealthy
}

/** Sorted, distinct; those of before, by identity, when equal. */
function hostsLike(before: readonly DomainName[], hosts: readonly DomainName[]): readonly DomainName[] {
  const now = [...new Set(hosts)].sort()
  return now.length === before.length && now.every((host, i) => host === before[i]) ? before : now
}
